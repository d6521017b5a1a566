#include "engine/fem/assembly/basis_integrals.hpp"

#include <algorithm>

#include "engine/fem/assembly/point_loader.hpp"

namespace ansatz::fem {

std::vector<double> basis_integrals(const FormDefinition& definition, std::span<const double> v) {
  const auto& dofs = *definition.dofs;
  int degree = 1;
  for (const auto& field : dofs.fields()) degree = std::max(degree, field.nodes->degree);
  const bool simplex = mesh::topology(dofs.mesh().cell).simplex;
  const Rule rule = make_rule(definition, 2 * degree + (simplex ? 0 : 1), -1);
  PointLoader loader(definition);
  std::vector<double> integrals(dofs.num_owned(), 0.0);
  for (const auto& batch : cell_batches(dofs.mesh(), [](std::int32_t) { return true; })) {
    loader.load_bases(rule, batch);
    for (int f = 0; f < dofs.num_fields(); ++f) {
      const int nodes = dofs.nodes_per_cell(f), components = dofs.fields()[f].components;
      for (int lane = 0; lane < batch.num_active; ++lane) {
        const auto unknown = [&](int a, int c) {
          return dofs.node_dofs(f)[dofs.cell_node(f, batch.cells[lane], a)] + c;
        };
        for (int q = 0; q < rule.reference.num_points; ++q) {
          const double* basis = rule.fields[f].values.data() + q * nodes;
          const double weight = loader.geometry().weight[q][lane];
          for (int c = 0; c < components; ++c) {
            double value = 0.0;
            for (int a = 0; a < nodes; ++a) value += basis[a] * v[unknown(a, c)];
            for (int a = 0; a < nodes; ++a) {
              if (unknown(a, c) < dofs.num_owned()) integrals[unknown(a, c)] += basis[a] * weight * value;
            }
          }
        }
      }
    }
  }
  return integrals;
}

}  // namespace ansatz::fem
