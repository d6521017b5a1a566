// Writes three steps of the strip to FOLDER: vtu_sample FOLDER EMPTY_RANK linear|quadratic. Read by the ParaView test.
#include <mpi.h>

#include <cstdlib>
#include <string_view>

#include "strip.hpp"
#include "vtu_writer.hpp"

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  if (argc == 4) {
    int rank = 0, size = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    const auto mine = ansatz::tests::strip(rank, size, std::atoi(argv[2]), std::string_view(argv[3]) == "quadratic");
    ansatz::vtk::VtuWriter writer(MPI_COMM_WORLD,
                                  {.folder = argv[1], .base = "fields", .metadata = {{"case", "strip"}}});
    writer.set_mesh(mine.mesh);
    for (const double time : {0.0, 0.25, 1.0}) {
      const auto fields = mine.fields(time);
      writer.write_step(time, fields.list());
    }
  }
  MPI_Finalize();
  return argc == 4 ? 0 : 2;
}
