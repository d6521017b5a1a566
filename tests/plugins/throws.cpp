#include <stdexcept>

#include "reader.hpp"

namespace {
void register_all(ansatz::sdk::Registrar& registrar) {
  registrar.add_mesh_reader("half", "offered before the throw",
                            [] { return std::make_unique<TriangleReader>(1.0, ".half"); });
  throw std::runtime_error("no licence key");
}
}  // namespace

ANSATZ_PLUGIN("throws", "1.0.0", "Ada", "BSD-3-Clause", "throws while it registers", register_all)
