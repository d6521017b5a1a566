#pragma once
/// Cells around magic entries on disk, as parts of model files.

#include "engine/io/hdf5/output_file.hpp"
#include "engine/reduced/separation/patch_entries.hpp"

namespace ansatz::io {

/// Adds a group; rank 0 writes.
/// \param entries must live until the file is committed. Same on all ranks.
void add_entries(OutputFile& file, bool is_root, const std::string& group, const reduced::PatchEntries& entries);

/// \returns nothing where there is no such group.
/// \param setting of the problem that the file belongs to, or none: then the entries cannot be evaluated
/// \throws sdk::Error of kind state. Not collective.
std::shared_ptr<const reduced::PatchEntries> read_entries(const InputFile& file, const std::string& group,
                                                          std::shared_ptr<const fem::PatchSetting> setting);

}  // namespace ansatz::io
