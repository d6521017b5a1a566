#include "engine/fem/elements/constrained.hpp"

namespace ansatz::fem {

Constrained::Constrained(const DofMap& dofs, std::vector<std::uint8_t> flags)
    : unknowns(std::move(flags)), cells(dofs.mesh().num_cells(), 0) {
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const int n = dofs.nodes_per_cell(f), components = dofs.fields()[f].components;
    const std::int32_t* cell_nodes = dofs.fields()[f].nodes->cell_nodes.data();
    const std::int32_t* node_dofs = dofs.node_dofs(f).data();
    for (auto& cell : cells) {
      bool any = false;
      for (int a = 0; a < n; ++a) {
        for (int c = 0; c < components; ++c) any |= unknowns[node_dofs[*cell_nodes] + c] != 0;
        ++cell_nodes;
      }
      if (any) cell = 1;
    }
  }
}

}  // namespace ansatz::fem
