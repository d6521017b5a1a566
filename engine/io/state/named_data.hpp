#pragma once
/// Texts and arrays by name, in a group of an HDF5 file. Private to engine/io/state.

#include <map>
#include <string>
#include <vector>

#include "ansatz/sdk/learning.hpp"
#include "engine/io/hdf5/output_file.hpp"

namespace ansatz::io {

/// Below `group`: the texts in `attributes`, named by `attribute_names`, and the numbers in `arrays`, named by
/// `array_names`, each with its `shape`. Arrays must live until the file is committed.
void add_named(OutputFile& file, bool is_root, const std::string& group,
               const std::map<std::string, std::string>& attributes,
               const std::map<std::string, sdk::PolicyArray>& arrays);
/// Not collective. \throws sdk::Error of kind state.
void read_named(const InputFile& file, const std::string& group, std::map<std::string, std::string>& attributes,
                std::map<std::string, sdk::PolicyArray>& arrays);

/// One name a line, and back.
std::string joined_lines(const std::vector<std::string>& names);
std::vector<std::string> split_lines(const std::string& text);

/// \throws sdk::Error of kind not_finite that names the array and the file. Not collective.
void require_finite_arrays(const std::map<std::string, sdk::PolicyArray>& arrays, const std::string& what,
                           const std::string& path);

}  // namespace ansatz::io
