#pragma once
/// Facets on the outside that lie on each other: parts of a mesh that touch without common nodes, hanging nodes.

#include <array>
#include <optional>

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::mesh {

struct CoincidentFacets {
  std::int64_t count = 0;
  std::int64_t cell = 0;           ///< that the first of them belongs to, the one with the lowest id
  std::array<double, 3> centre{};  ///< of the first facet
};

/// The exterior facets whose centre lies on another exterior facet that faces the other way, to 1e-5 of the facet's
/// size; nothing where there is none. The same on any number of ranks. O(n log n) in the exterior facets. *Collective.*
std::optional<CoincidentFacets> coincident_facets(const Mesh& mesh);

}  // namespace ansatz::mesh
