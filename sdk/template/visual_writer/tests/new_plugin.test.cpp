#include "new_plugin.hpp"

#include <ansatz/sdk/error.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

namespace {

/// MPI for the life of the program.
struct Mpi {
  Mpi() { MPI_Init(nullptr, nullptr); }
  ~Mpi() { MPI_Finalize(); }
};
const Mpi mpi;

}  // namespace

TEST_CASE("points and values are written in full precision") {
  ansatz::sdk::VisualMesh line;
  line.points = {0, 0, 0, 0.1, 0, 0};
  const std::vector<double> values{1.5, -0.2};
  const ansatz::sdk::VisualField field{"u", "K", ansatz::sdk::VisualLocation::points, 1, values};
  NewPlugin writer(MPI_COMM_SELF, {".", "test", {}});
  writer.set_mesh(line);
  writer.write_step(0.5, std::span(&field, 1));
  CHECK(writer.path() == "./test_00000.csv");
  std::ostringstream text;
  text << std::ifstream(writer.path()).rdbuf();
  CHECK(text.str() == "time,x,y,z,u_0\n0.5,0,0,0,1.5\n0.5,0.10000000000000001,0,0,-0.20000000000000001\n");
}

TEST_CASE("a folder that is not there is an error") {
  CHECK_THROWS_AS(NewPlugin(MPI_COMM_SELF, {"/nowhere/at/all", "test", {}}), ansatz::sdk::Error);
}
