#pragma once
/// Box meshes, generated directly in parallel.

#include <array>

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::mesh {

/// How simplices and prisms fill a lattice cell. Triangles: two per square, by the diagonal through the lower left
/// corner
/// (`right`) or the other (`left`), or four around the centre (`crossed`). Tetrahedra: always Kuhn's six around the
/// main diagonal. Prisms: two along z, over the triangles of `right`.
enum class BoxPattern { right, left, crossed };

struct BoxOptions {
  std::vector<double> origin;  ///< (dim) [m], default 0
  std::vector<double> size;    ///< (dim) [m], > 0
  std::vector<int> cells;      ///< (dim) lattice cells per direction, >= 1 (>= 3 where periodic)
  CellType cell = CellType::triangle;
  BoxPattern pattern = BoxPattern::right;
  std::vector<bool> periodic;  ///< (dim), default false
};

/// Names of the sides of boxes: low and high x, y, z.
inline constexpr std::array<const char*, 6> box_side_names{"left", "right", "bottom", "top", "front", "back"};

/// Box [origin, origin + size]. Sets: "left", "right" (x), "bottom", "top" (y), "front", "back" (z low, high), "all",
/// without the periodic sides; the only region is "domain". Canonical cell ids follow the lattice, x fastest. Each rank
/// generates its own cells and ghosts; work and memory per rank are proportional to its part. Ranks beyond the number
/// of lattice cells stay empty, and a few others may where their number has no good factors. *Collective.* \throws
/// Error of kind mesh for wrong sizes.
Mesh box(const base::Communicator& comm, const BoxOptions& options);

}  // namespace ansatz::mesh
