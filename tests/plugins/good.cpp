#include "reader.hpp"

namespace {
void register_all(ansatz::sdk::Registrar& registrar) {
  registrar.add_mesh_reader("triangle", "one triangle", [] { return std::make_unique<TriangleReader>(2.5, ".tri"); });
}
}  // namespace

ANSATZ_PLUGIN("good", "1.2.3", "Ada", "BSD-3-Clause", "a plugin that works", register_all)
