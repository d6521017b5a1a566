#include "engine/io/state/named_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace ansatz::io {

std::string joined_lines(const std::vector<std::string>& names) {
  std::string text = "\n";  // HDF5 has no empty texts
  for (const auto& name : names) text += name + "\n";
  return text;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

void add_named(OutputFile& file, bool is_root, const std::string& group,
               const std::map<std::string, std::string>& attributes,
               const std::map<std::string, sdk::PolicyArray>& arrays) {
  std::vector<std::string> attribute_names, array_names;
  for (const auto& [name, text] : attributes) {
    attribute_names.push_back(name);
    file.text(group + "/attributes/" + name, text.empty() ? "\n" : text);
  }
  for (const auto& [name, array] : arrays) {
    array_names.push_back(name);
    const auto path = group + "/arrays/" + name;
    const auto columns = array.shape.size() == 2 && array.shape[1] > 0 ? array.shape[1] : 0;
    file.rows<double>(path, is_root ? std::span<const double>(array.values) : std::span<const double>(),
                      static_cast<int>(columns));
    if (!array.shape.empty()) file.attribute(path, "shape", array.shape);
  }
  file.text(group + "/attribute_names", joined_lines(attribute_names));
  file.text(group + "/array_names", joined_lines(array_names));
}

void read_named(const InputFile& file, const std::string& group, std::map<std::string, std::string>& attributes,
                std::map<std::string, sdk::PolicyArray>& arrays) {
  for (const auto& name : split_lines(file.text(group + "/attribute_names"))) {
    auto text = file.text(group + "/attributes/" + name);
    attributes[name] = text == "\n" ? std::string() : std::move(text);
  }
  for (const auto& name : split_lines(file.text(group + "/array_names"))) {
    const auto path = group + "/arrays/" + name;
    auto& array = arrays[name];
    array.values = file.all<double>(path);
    if (file.has_attribute(path, "shape")) array.shape = file.integer_attribute(path, "shape");
  }
}

void require_finite_arrays(const std::map<std::string, sdk::PolicyArray>& arrays, const std::string& what,
                           const std::string& path) {
  for (const auto& [name, array] : arrays) {
    if (std::ranges::all_of(array.values, [](double x) { return std::isfinite(x); })) continue;
    throw sdk::Error(sdk::ErrorKind::not_finite, fmt::format("the {} has values that are not finite in {}", what, name),
                     path, "the training did not converge: choose smaller steps of learning");
  }
}

}  // namespace ansatz::io
