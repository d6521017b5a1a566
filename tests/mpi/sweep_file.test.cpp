#include "engine/io/charts/sweep_file.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "engine/io/hdf5/disk.hpp"
#include "tests/io_support.hpp"

using namespace ansatz;
using namespace ansatz::test;

TEST_CASE("A table keeps whatever numbers it has as a whole, by their names", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  io::SweepTable table;
  table.title = "a table";
  table.ansatz = "fem";
  table.parameters = {{"k"}, {"1"}};
  table.quantities = {{"mean"}, {"K"}};
  table.parameter_values = {1.0, 2.0};
  table.quantity_values = {3.0, 4.0};
  table.seconds = {0.1, 0.2};
  table.facts = {{"degree", 4.0}, {"a name that nobody knows", -2.5}};
  io::write_sweep(comm, folder.file("sweep.h5"), table);
  const auto read = io::read_sweep(folder.file("sweep.h5"));
  CHECK(read.facts == table.facts);
  CHECK(read.title == "a table");
  CHECK(read.quantity_values == table.quantity_values);
}

TEST_CASE("Processes of two hosts have temporary files of their own", "[io][mpi]") {
  char host[65] = {};
  REQUIRE(::gethostname(host, sizeof host - 1) == 0);
  const auto name = io::temporary_of("run/sweep.h5");
  CHECK(name == "run/sweep.h5." + std::string(host) + "." + std::to_string(::getpid()) + ".tmp");
}
