#include "ansatz/sdk/plugin.hpp"

#include "exodus_reader.hpp"
#include "grid_reader.hpp"
#include "vtu_writer.hpp"

namespace {

void register_all(ansatz::sdk::Registrar& registrar) {
  using namespace ansatz::vtk;
  registrar.add_mesh_reader("vtk", "VTK unstructured grids, XML and legacy",
                            [] { return std::make_unique<GridReader>(); });
  registrar.add_mesh_reader("exodus", "Exodus files", [] { return std::make_unique<ExodusReader>(); });
  registrar.add_visual_writer(
      "vtu", "one .pvtu a step and a .pvd with the times",
      [](MPI_Comm comm, const ansatz::sdk::VisualTarget& target) { return std::make_unique<VtuWriter>(comm, target); });
}

}  // namespace

ANSATZ_PLUGIN("vtk", "1.0.0", "Ansatz", "BSD-3-Clause", "reads VTK and Exodus meshes, writes .pvtu and .pvd",
              register_all)
