// Entry point of the Catch2 programs: starts MPI and PETSc, and fails on every rank when a test failed on any.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>

#include "engine/base/session.hpp"

int main(int argc, char** argv) {
  ansatz::base::Session session(&argc, &argv);
  Catch::Session catch_session;
  const int wrong = catch_session.applyCommandLine(argc, argv);
  if (wrong != 0) return wrong;
  // Only rank 0 writes to the terminal; the others would interleave. Their failures are printed on standard error.
  if (!session.comm().is_root() && catch_session.configData().outputFilename.empty()) {
    catch_session.configData().outputFilename = "%debug";
  }
  const int failed = catch_session.run();
  const auto worst = session.comm().max(static_cast<std::int64_t>(failed));
  if (failed != 0 && !session.comm().is_root()) std::fprintf(stderr, "rank %d: %d failed\n", session.comm().rank(), failed);
  return worst == 0 ? 0 : 1;
}
