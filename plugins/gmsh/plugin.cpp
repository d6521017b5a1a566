#include "ansatz/sdk/plugin.hpp"

#include "reader.hpp"

namespace {

void register_all(ansatz::sdk::Registrar& registrar) {
  registrar.add_mesh_reader("gmsh",
                            "Gmsh meshes (MSH 2.2 and 4.1) and geometries (.geo, .brep, .step) meshed at run time",
                            [] { return std::make_unique<ansatz::gmsh::Reader>(); });
}

}  // namespace

ANSATZ_PLUGIN("gmsh", "1.0.0", "Ansatz", "GPL-2.0-or-later", "reads and makes meshes with libgmsh", register_all)
