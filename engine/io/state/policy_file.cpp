#include "engine/io/state/policy_file.hpp"

#include "engine/io/hdf5/file_checksum.hpp"
#include "engine/io/state/named_data.hpp"

namespace ansatz::io {
namespace {

constexpr const char* kind = "policy";

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
  model.features = split_lines(file.text("/policy/features"));
  model.actions = file.all<double>("/policy/actions");
  read_named(file, "/policy", model.attributes, model.arrays);
  return model;
}

}  // namespace

void write_policy(const base::Communicator& comm, const std::string& path, const sdk::PolicyModel& model) {
  require_finite_arrays(model.arrays, "policy", path);
  OutputFile file(comm, path);
  file.group("/policy");
  file.attribute("/policy", "kind", kind);
  file.attribute("/policy", "learner", model.learner);
  file.text("/policy/features", joined_lines(model.features));
  file.rows<double>("/policy/actions",
                    comm.is_root() ? std::span<const double>(model.actions) : std::span<const double>());
  add_named(file, comm.is_root(), "/policy", model.attributes, model.arrays);
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
