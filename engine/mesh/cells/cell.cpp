#include "engine/mesh/cells/cell.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"

namespace ansatz::mesh {

CellType facet_type(CellType type, int local_facet) {
  const auto& cell = topology(type);
  if (const auto* facet = sdk::cell_shape_with(cell.dim - 1, cell.facets[local_facet].size())) return facet->type;
  throw sdk::Error(sdk::ErrorKind::internal, "the facets of an interval are points, which have no cell type",
                   "mesh::facet_type");
}

CellType cell_type_from_name(const std::string& name) {
  const auto found = std::ranges::find(cell_shapes, name, &CellShape::name);
  if (found != cell_shapes.end()) return found->type;
  throw sdk::Error(sdk::ErrorKind::case_file, "unknown cell type \"" + name + "\"", {},
                   fmt::format("known cell types: {}", fmt::join(sdk::cell_names(), ", ")));
}

}  // namespace ansatz::mesh
