#include "engine/io/state/policy_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "engine/io/hdf5/file_checksum.hpp"
#include "engine/io/hdf5/output_file.hpp"

namespace ansatz::io {
namespace {

constexpr const char* kind = "policy";

std::string joined(const std::vector<std::string>& names) {
  std::string text = "\n";  // HDF5 has no empty texts
  for (const auto& name : names) text += name + "\n";
  return text;
}

std::vector<std::string> lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

std::string place_of(const std::string& array) { return "/policy/arrays/" + array; }

void require_undamaged(const std::string& path) {
  if (!is_policy(path)) {
    throw sdk::Error(sdk::ErrorKind::state, "the file holds no policy", path, "train one, or give the file of one");
  }
  verify_checksum(path);
}

sdk::PolicyModel read(const std::string& path) {
  const InputFile file(path);
  sdk::PolicyModel model;
  model.learner = file.text_attribute("/policy", "learner");
  model.features = lines(file.text("/policy/features"));
  model.actions = file.all<double>("/policy/actions");
  for (const auto& name : lines(file.text("/policy/attribute_names")))
    model.attributes[name] = file.text("/policy/attributes/" + name);
  for (const auto& name : lines(file.text("/policy/array_names"))) {
    auto& array = model.arrays[name];
    array.values = file.all<double>(place_of(name));
    if (file.has_attribute(place_of(name), "shape")) array.shape = file.integer_attribute(place_of(name), "shape");
  }
  return model;
}

}  // namespace

void write_policy(const base::Communicator& comm, const std::string& path, const sdk::PolicyModel& model) {
  for (const auto& [name, array] : model.arrays) {
    if (std::ranges::all_of(array.values, [](double x) { return std::isfinite(x); })) continue;
    throw sdk::Error(sdk::ErrorKind::not_finite, "the policy has values that are not finite in " + name, path,
                     "the training did not converge: choose smaller steps of learning");
  }
  OutputFile file(comm, path);
  const auto rows = [&](const std::string& name, const std::vector<double>& values, std::int64_t columns) {
    file.rows<double>(name, comm.is_root() ? std::span<const double>(values) : std::span<const double>(),
                      static_cast<int>(columns));
  };
  file.group("/policy");
  file.attribute("/policy", "kind", kind);
  file.attribute("/policy", "learner", model.learner);
  file.text("/policy/features", joined(model.features));
  rows("/policy/actions", model.actions, 0);
  std::vector<std::string> attributes, arrays;
  for (const auto& [name, text] : model.attributes) {
    attributes.push_back(name);
    file.text("/policy/attributes/" + name, text);
  }
  for (const auto& [name, array] : model.arrays) {
    arrays.push_back(name);
    rows(place_of(name), array.values, array.shape.size() == 2 ? array.shape[1] : 0);
    if (!array.shape.empty()) file.attribute(place_of(name), "shape", array.shape);
  }
  file.text("/policy/attribute_names", joined(attributes));
  file.text("/policy/array_names", joined(arrays));
  file.commit(Ending::checksum);
}

sdk::PolicyModel read_policy(const base::Communicator& comm, const std::string& path) {
  sdk::PolicyModel model;
  base::agree(comm, [&] {
    if (comm.is_root()) require_undamaged(path);
  });
  base::agree(comm, [&] { model = read(path); });
  return model;
}

bool is_policy(const std::string& path) {
  const InputFile file(path);
  return file.has("/policy") && file.has_attribute("/policy", "kind") && file.text_attribute("/policy", "kind") == kind;
}

}  // namespace ansatz::io
