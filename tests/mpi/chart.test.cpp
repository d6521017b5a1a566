#include "engine/io/charts/chart.hpp"

#include <catch2/catch.hpp>

#include "tests/io_support.hpp"

using namespace ansatz;
using namespace ansatz::test;

TEST_CASE("A chart is written once, and a failure is one error of kind output on all ranks", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  // Only rank 0's picture counts.
  const double mine = 1.0 + comm.rank();
  const io::Chart chart{"Title", {"x", ""}, {"y", ""}, false, {{"series", {0.0, mine}, {0.0, mine}}}};
  io::write_chart(comm, folder.file("chart.svg"), chart);
  CHECK(file_text(folder.file("chart.svg")).size() > 100);
  if (comm.is_root()) CHECK(file_text(folder.file("chart.svg")) == io::svg(chart));

  const auto error = error_of([&] { io::write_chart(comm, folder.file("missing/chart.svg"), chart); });
  CHECK(error.has_value());
  CHECK((error && error->kind() == sdk::ErrorKind::output));
  CHECK((error && error->report().find("missing/chart.svg") != std::string::npos));
}
