#include "ansatz/sdk/error.hpp"

#include <catch2/catch.hpp>

using namespace ansatz::sdk;

TEST_CASE("An error reports where it happened, what happened and how to fix it", "[base]") {
  const Error error(ErrorKind::mesh, "boundary \"lft\" does not exist", "case.toml:12:5", "did you mean \"left\"?");
  CHECK(error.report() == "case.toml:12:5: error: boundary \"lft\" does not exist\n  help: did you mean \"left\"?");
  CHECK(exit_code(error.kind()) == 4);
}

TEST_CASE("The exit codes of the error kinds are those of the published list", "[base]") {
  CHECK(exit_code(ErrorKind::verification) == 1);
  CHECK(exit_code(ErrorKind::case_file) == 2);
  CHECK(exit_code(ErrorKind::plugin_abi) == 3);
  CHECK(exit_code(ErrorKind::state) == 4);
  CHECK(exit_code(ErrorKind::solver) == 5);
  CHECK(exit_code(ErrorKind::stopped) == 6);
  CHECK(exit_code(ErrorKind::out_of_time) == 7);
  CHECK(exit_code(ErrorKind::output) == 8);
  CHECK(exit_code(ErrorKind::internal) == 70);
}
