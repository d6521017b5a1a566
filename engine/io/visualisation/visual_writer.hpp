#pragma once
/// The built-in writers of visual output by the name of their layout.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/visual.hpp"
#include "engine/base/communicator.hpp"

namespace ansatz::io {

/// Names of the layouts that are built in.
const std::vector<std::string>& visual_layouts();

/// Writer of the layout "series" or "single". Other layouts come from plugins.
/// \param keep_until continues an older output: its steps up to this time [s] stay (layout "series" only)
/// *Collective.* \throws Error of kind case_file for another layout, naming the known ones; of kind output when the
/// folder cannot be used
std::unique_ptr<sdk::VisualWriter> make_visual_writer(const std::string& layout, const base::Communicator& comm,
                                                      const sdk::VisualTarget& target,
                                                      std::optional<double> keep_until = {});

}  // namespace ansatz::io
