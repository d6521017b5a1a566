#include "engine/fem/elements/tabulation.hpp"

#include "engine/mesh/cells/lagrange.hpp"

namespace ansatz::fem {

Tabulation tabulate(mesh::CellType cell, int degree, std::span<const double> points) {
  Tabulation table;
  table.dim = mesh::topology(cell).dim;
  table.num_nodes = static_cast<int>(mesh::lagrange_nodes(cell, degree).size());
  table.num_points = static_cast<int>(points.size()) / table.dim;
  const auto append = [](std::vector<double>& to, const std::vector<double>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  for (int q = 0; q < table.num_points; ++q) {
    std::array<double, 3> x{};
    for (int k = 0; k < table.dim; ++k) x[k] = points[q * table.dim + k];
    append(table.values, mesh::lagrange_values(cell, degree, x));
    append(table.gradients, mesh::lagrange_gradients(cell, degree, x));
    append(table.hessians, mesh::lagrange_hessians(cell, degree, x));
  }
  return table;
}

std::vector<double> reference_nodes(mesh::CellType cell, int degree) {
  const int dim = mesh::topology(cell).dim;
  std::vector<double> references;
  for (const auto& node : mesh::lagrange_nodes(cell, degree)) {
    references.insert(references.end(), node.reference.begin(), node.reference.begin() + dim);
  }
  return references;
}

Tabulation tabulate_at_nodes(mesh::CellType cell, int degree, int degree_of_nodes) {
  return tabulate(cell, degree, reference_nodes(cell, degree_of_nodes));
}

FacetMap map_facet(mesh::CellType cell, int local_facet, int num_points, std::span<const double> facet_points) {
  const auto& topology = mesh::topology(cell);
  const auto& vertices = topology.facets[local_facet];
  FacetMap map;
  if (topology.dim == 1) {
    map.points.assign(num_points, topology.coordinates[vertices[0]][0]);
    return map;
  }
  const auto facet = mesh::facet_type(cell, local_facet);
  const int facet_dim = topology.dim - 1;
  for (int q = 0; q < num_points; ++q) {
    std::array<double, 3> s{};
    for (int k = 0; k < facet_dim; ++k) s[k] = facet_points[q * facet_dim + k];
    const auto values = mesh::lagrange_values(facet, 1, s);
    const auto gradients = mesh::lagrange_gradients(facet, 1, s);
    for (int i = 0; i < topology.dim; ++i) {
      double x = 0.0;
      for (int v = 0; v < vertices.size(); ++v) x += values[v] * topology.coordinates[vertices[v]][i];
      map.points.push_back(x);
    }
    for (int k = 0; k < facet_dim; ++k) {
      for (int i = 0; i < topology.dim; ++i) {
        double t = 0.0;
        for (int v = 0; v < vertices.size(); ++v) {
          t += gradients[v * facet_dim + k] * topology.coordinates[vertices[v]][i];
        }
        map.tangents.push_back(t);
      }
    }
  }
  return map;
}

}  // namespace ansatz::fem
