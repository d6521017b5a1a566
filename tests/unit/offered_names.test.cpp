// Names of preconditioners and tuners, which share the section [linear] with its own keys.
#include <catch2/catch.hpp>

#include "engine/input/case_keys.hpp"
#include "engine/linear/relaxation/relaxation.hpp"
#include "engine/linear/solvers/krylov_options.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;

TEST_CASE("The names of keys of [linear] and of other offers are taken", "[linear][plugin]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  plugin::Registry registry(comm, {});
  auto reserved = linear::reserved_names();
  for (const auto& info : input::linear_keys(registry).infos()) {
    if (registry.find_preconditioner(info.name) || registry.find_tuner(info.name)) continue;
    CAPTURE(info.name);
    CHECK(std::ranges::count(reserved, info.name) == 1);
  }
  const auto add = [&](const std::string& name) {
    registry.add_built_in("plugin " + name, "for tests", [&](sdk::Registrar& registrar) {
      registrar.add_preconditioner(
          name, "", linear::Relaxation::options(), [](const sdk::Communicator&, const sdk::ParameterSet& options) {
            return std::make_unique<linear::Relaxation>(linear::Relaxation::Sweeps::forward, options);
          });
    });
  };
  for (const char* name : {"jacobi", "solver", "ssor", "cheb_cb"})
    CHECK(test::kind_of([&] { add(name); }) == sdk::ErrorKind::plugin);
  add("mine");
  CHECK(registry.find_preconditioner("mine") != nullptr);
}
