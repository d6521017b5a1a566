#include "reader.hpp"

namespace {
void register_all(ansatz::sdk::Registrar& registrar) {
  registrar.add_mesh_reader("square", "new", [] { return std::make_unique<TriangleReader>(1.0, ".sq"); });
  registrar.add_mesh_reader("triangle", "taken", [] { return std::make_unique<TriangleReader>(1.0, ".tri"); });
}
}  // namespace

ANSATZ_PLUGIN("duplicate_reader", "1.0.0", "Ada", "BSD-3-Clause", "offers a name that another has", register_all)
