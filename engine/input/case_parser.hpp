#pragma once
/// From the text of a case file to typed, checked data.

#include <string>
#include <vector>

#include "ansatz/sdk/physics_interface.hpp"
#include "engine/base/communicator.hpp"
#include "engine/input/case.hpp"
#include "engine/plugin/registry.hpp"

namespace ansatz::input {

/// Case file of what a user gave: the file itself, or case.toml in a folder.
std::string case_file_path(const std::string& file_or_folder);

/// Reads a case: rank 0 reads the file, all ranks parse the same text and load the plugins it names. *Collective.*
/// \param file_or_folder see case_file_path()
/// \param overrides `a.b.c=value`, applied in order
/// \throws Error of kind case_file with all errors of the file at once; plugin, plugin_abi as Registry::load(); usage
/// for a malformed override.
Case read_case(const std::string& file_or_folder, const std::vector<std::string>& overrides, plugin::Registry& registry,
               const base::Communicator& comm);

/// The same from a text in memory.
/// \param path for messages and for files that the case names. *Collective.*
Case parse_case(const std::string& text, const std::string& path, const std::vector<std::string>& overrides,
                plugin::Registry& registry, const base::Communicator& comm);

/// One expression per component: (num_components(shape, dim)).
/// Tensors: one value is it times identity, `dim` values (symmetric tensors: three) are the diagonal. Vectors: one
/// value must be 0 (or dim 1).
/// \param name for errors
/// \param allow_free keep "free" components, otherwise they are errors
/// \throws Error of kind case_file for a wrong number of components.
std::vector<std::string> expand_components(const Value& value, sdk::Shape shape, int dim, const std::string& name,
                                           bool allow_free = false);

}  // namespace ansatz::input
