#include "engine/io/state/policy_file.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "engine/io/hdf5/output_file.hpp"
#include "tests/io_support.hpp"

using namespace ansatz;
using namespace ansatz::test;
using sdk::ErrorKind;

namespace {

sdk::PolicyModel example() {
  sdk::PolicyModel model;
  model.learner = "dqn";
  model.features = {"ln e", "-log10 energy error"};
  model.actions = {-0.7, 0.0, 0.1 + 0.2};
  model.attributes = {{"seed", "12"}, {"variant", "shared"}, {"note", ""}};
  model.arrays["network/0/weights"] = {{2, 3}, {1, 2, 3, 4, 5, 1.0 / 3.0}};
  model.arrays["network/0/bias"] = {{3}, {-1e-300, 0.0, 1e300}};
  model.arrays["cube"] = {{2, 1, 2}, {1, 2, 3, 4}};
  model.arrays["number"] = {{}, {7.0}};
  return model;
}

template <class Work>
bool is_refused(const Work& work) {
  const auto error = error_of(work);
  return error && error->kind() == ErrorKind::state;
}

}  // namespace

TEST_CASE("A policy comes back from its file as it was, bit by bit", "[io]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const auto model = example();
  io::write_policy(comm, folder.file("policy.h5"), model);
  CHECK(io::is_policy(folder.file("policy.h5")));
  CHECK(io::read_policy(comm, folder.file("policy.h5")) == model);
}

TEST_CASE("A truncated or altered policy file is refused, wherever the damage is", "[io]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const auto path = folder.file("policy.h5");
  io::write_policy(comm, path, example());
  const std::string bytes = file_text(path);
  for (const std::size_t percent : {0, 1, 10, 50, 90, 99}) {
    write_file(path, bytes.substr(0, bytes.size() * percent / 100));
    CHECK(is_refused([&] { io::read_policy(comm, path); }));
  }
  for (std::size_t at = 0; at < bytes.size(); at += bytes.size() / 150 + 1) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    write_file(path, flipped);
    CAPTURE(at);
    CHECK(is_refused([&] { io::read_policy(comm, path); }));
  }
  write_file(path, bytes);
  CHECK(io::read_policy(comm, path) == example());
}

TEST_CASE("A file that is missing, or holds something else, is no policy", "[io]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  CHECK(is_refused([&] { io::read_policy(comm, folder.file("nothing.h5")); }));
  io::OutputFile file(comm, folder.file("other.h5"));
  file.text("/hello", "world");
  file.commit(io::Ending::checksum);
  const auto error = error_of([&] { io::read_policy(comm, folder.file("other.h5")); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::state);
  CHECK(error->what() == std::string("the file holds no policy"));
  CHECK(error->where() == folder.file("other.h5"));
}

TEST_CASE("A policy of other features or actions is refused by an error that names both", "[io]") {
  const auto model = example();
  CHECK_NOTHROW(sdk::require_features(model, {"ln e", "-log10 energy error"}, model.actions));
  auto error = error_of([&] { sdk::require_features(model, {"ln e", "ln h"}, model.actions, "a/policy.h5"); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::state);
  CHECK(sdk::exit_code(error->kind()) == 4);
  CHECK(error->where() == "a/policy.h5");
  CHECK(error->what() ==
        std::string("the policy was trained for other features:\n    policy  ln e, -log10 energy error\n"
                    "    wanted  ln e, ln h"));
  error = error_of([&] { sdk::require_features(model, model.features, {1.0, 2.0}); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::state);
  CHECK(error->report().find("wanted  1, 2") != std::string::npos);
  // The order counts, too.
  CHECK(is_refused([&] { sdk::require_features(model, {"-log10 energy error", "ln e"}, model.actions); }));
}
