#include "engine/mesh/generation/box.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/mesh/generation/lattice.hpp"

namespace ansatz::mesh {
namespace {

/// Cells that fill one lattice cell.
struct Filling {
  int num_cells = 1;
  bool has_centre = false;
  std::vector<int> corners;  ///< (num_cells, vertices per cell) of the lattice cell
  std::vector<int>
      facet_sides;  ///< (num_cells, facets per cell) side of the lattice cell (2 d: low, 2 d + 1: high) or -1
};

/// The filling of the table of cell types; of triangles there are further ones.
std::vector<int> filling_corners(CellType cell, BoxPattern pattern) {
  if (cell == CellType::triangle && pattern == BoxPattern::left) return {0, 1, 2, 1, 3, 2};
  if (cell == CellType::triangle && pattern == BoxPattern::crossed)
    return {0, 1, centre_corner, 1, 3, centre_corner, 3, 2, centre_corner, 2, 0, centre_corner};
  const auto& corners = topology(cell).box;
  return {corners.begin(), corners.end()};
}

/// Side of the lattice cell that holds all these corners, or -1.
int common_side(std::span<const int> corners, int dim) {
  for (int side = 0; side < 2 * dim; ++side) {
    const auto on_side = [&](int corner) {
      return corner != centre_corner && ((corner >> (side / 2)) & 1) == side % 2;
    };
    if (std::ranges::all_of(corners, on_side)) return side;
  }
  return -1;
}

Filling make_filling(CellType cell, BoxPattern pattern) {
  const auto& shape = topology(cell);
  Filling filling;
  filling.corners = filling_corners(cell, pattern);
  filling.num_cells = static_cast<int>(filling.corners.size()) / shape.num_vertices;
  filling.has_centre = std::ranges::count(filling.corners, centre_corner) > 0;
  for (int s = 0; s < filling.num_cells; ++s) {
    for (int f = 0; f < shape.num_facets; ++f) {
      std::vector<int> facet;
      for (const int v : shape.facets[f]) facet.push_back(filling.corners[s * shape.num_vertices + v]);
      filling.facet_sides.push_back(common_side(facet, shape.dim));
    }
  }
  return filling;
}

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw sdk::Error(sdk::ErrorKind::mesh, what, "[mesh] box", hint);
}

void check(const BoxOptions& options, std::size_t dim) {
  const std::string name = topology(options.cell).name, directions = std::to_string(dim);
  if (options.cells.size() != dim || options.size.size() != dim) {
    refuse("a box of " + name + " cells has " + directions + " directions, but size has " +
               std::to_string(options.size.size()) + " entries and cells has " + std::to_string(options.cells.size()),
           "give " + directions + " entries for each, or another cell type");
  }
  if (!options.origin.empty() && options.origin.size() != dim) {
    refuse("origin needs " + directions + " entries", "leave it out for the origin 0");
  }
  if (!options.periodic.empty() && options.periodic.size() != dim) {
    refuse("periodic needs " + directions + " entries", "leave it out for a box without periodic directions");
  }
  for (std::size_t d = 0; d < dim; ++d) {
    const bool periodic = !options.periodic.empty() && options.periodic[d];
    if (!(options.size[d] > 0.0) || !std::isfinite(options.size[d])) refuse("size must be positive", "lengths in m");
    if (!options.origin.empty() && !std::isfinite(options.origin[d])) refuse("origin must be finite", "lengths in m");
    if (options.cells[d] < 1) refuse("cells must be at least 1 in each direction", {});
    if (periodic && options.cells[d] < 3) {
      refuse("a periodic direction needs at least 3 cells, but direction " + std::to_string(d) + " has " +
                 std::to_string(options.cells[d]),
             "use more cells: with fewer, different cells would share all their vertices");
    }
  }
}

Lattice make_lattice(const base::Communicator& comm, const BoxOptions& options, int dim, int cells_per_lattice_cell) {
  Triple cells{1, 1, 1};
  std::array<bool, 3> periodic{};
  for (int d = 0; d < dim; ++d) {
    cells[d] = options.cells[d];
    periodic[d] = !options.periodic.empty() && options.periodic[d];
  }
  const auto blocks = choose_blocks(comm.size(), cells);
  double largest = cells_per_lattice_cell;
  for (int d = 0; d < 3; ++d) largest *= (cells[d] + blocks[d] - 1) / blocks[d] + 2;
  if (largest > std::numeric_limits<std::int32_t>::max()) {
    refuse("the box has more than 2^31 cells on a rank", "use more ranks or fewer cells");
  }
  return Lattice(dim, cells, periodic, blocks, comm.rank());
}

/// Fills a mesh cell by cell.
class BoxBuilder {
 public:
  BoxBuilder(const base::Communicator& comm, const BoxOptions& options)
      : options_(options),
        shape_(topology(options.cell)),
        filling_(make_filling(options.cell, options.pattern)),
        lattice_(make_lattice(comm, options, shape_.dim, filling_.num_cells)),
        mesh_{.comm = comm, .cell = options.cell, .dim = shape_.dim} {}

  Mesh build() && {
    Numbering vertices(lattice_, true, filling_.has_centre);
    add_sets();
    add_owned_cells();
    add_ghost_cells(vertices);
    mesh_.cell_region.assign(mesh_.num_cells(), 0);
    mesh_.region_names = {"domain"};

    mesh_.cell_vertices = corners(vertices);
    mesh_.vertex_ids = vertices.ids();
    const auto centres = filling_.has_centre ? lattice_.num_global_cells() : 0;
    mesh_.num_global_cells = lattice_.num_global_cells() * filling_.num_cells;
    mesh_.num_global_vertices = vertices.num_global() + centres;

    if (std::ranges::count(options_.periodic, true) == 0) {
      mesh_.cell_points = mesh_.cell_vertices;
      mesh_.point_ids = mesh_.vertex_ids;
      add_coordinates(vertices);
    } else {
      Numbering points(lattice_, false, filling_.has_centre);
      mesh_.cell_points = corners(points);
      mesh_.point_ids = points.ids();
      add_coordinates(points);
    }
    return std::move(mesh_);
  }

 private:
  struct GhostCell {
    Triple at;
    int part;  ///< cell within the lattice cell
  };

  std::span<const int> part_corners(int part) const {
    return {filling_.corners.data() + part * shape_.num_vertices, std::size_t(shape_.num_vertices)};
  }

  void add_sets() {
    for (int side = 0; side < 2 * shape_.dim; ++side) {
      if (!lattice_.axis(side / 2).periodic) mesh_.sets[box_side_names[side]].dimension = shape_.dim - 1;
    }
    mesh_.sets["all"].dimension = shape_.dim - 1;
    for (int side = 0; side < 2 * shape_.dim; ++side) {
      const auto set = mesh_.sets.find(box_side_names[side]);
      side_facets_[side] = set == mesh_.sets.end() ? nullptr : &set->second.facets;
    }
    all_facets_ = &mesh_.sets["all"].facets;
  }

  void add_owned_cells() {
    mesh_.num_owned_cells = static_cast<std::int32_t>(lattice_.num_owned_cells() * filling_.num_cells);
    mesh_.cell_ids.reserve(lattice_.num_local_cells() * filling_.num_cells);
    lattice_.for_owned([&](const Triple& at) {
      const auto cell = mesh_.num_cells();
      const auto first_id = lattice_.cell_id(at) * filling_.num_cells;
      for (int part = 0; part < filling_.num_cells; ++part) mesh_.cell_ids.push_back(first_id + part);
      if (!on_boundary(at)) return;
      for (int part = 0; part < filling_.num_cells; ++part) {
        add_facets(at, part, cell + part, [](int) { return true; });
      }
    });
  }

  /// Cells of the ghost layer of the lattice that share a vertex with an owned cell.
  void add_ghost_cells(const Numbering& vertices) {
    lattice_.for_ghosts([&](const Triple& at) {
      const auto first_id = lattice_.cell_id(at) * filling_.num_cells;
      const auto owner = lattice_.owner(at);
      const auto touches = [&](int corner) { return vertices.touches_owned(at, corner); };
      for (int part = 0; part < filling_.num_cells; ++part) {
        if (!std::ranges::any_of(part_corners(part), touches)) continue;
        if (on_boundary(at)) add_facets(at, part, mesh_.num_cells(), touches);
        ghosts_.push_back({at, part});
        mesh_.cell_ids.push_back(first_id + part);
        mesh_.ghost_owners.push_back(owner);
      }
    });
  }

  bool on_boundary(const Triple& at) const {
    for (int side = 0; side < 2 * shape_.dim; ++side) {
      if (lattice_.is_exterior(at, side)) return true;
    }
    return false;
  }

  /// Adds the exterior facets of a cell with a corner that fulfils `touches`.
  template <class Touches>
  void add_facets(const Triple& at, int part, std::int32_t cell, const Touches& touches) {
    for (int f = 0; f < shape_.num_facets; ++f) {
      const int side = filling_.facet_sides[part * shape_.num_facets + f];
      if (side < 0 || !lattice_.is_exterior(at, side)) continue;
      if (!std::ranges::any_of(shape_.facets[f], [&](int k) { return touches(part_corners(part)[k]); })) continue;
      side_facets_[side]->push_back({cell, f});
      all_facets_->push_back({cell, f});
    }
  }

  /// Numbers of the corners of all cells. Shape (num_cells, vertices per cell).
  std::vector<std::int32_t> corners(Numbering& numbering) const {
    std::vector<std::int32_t> numbers(std::size_t(mesh_.num_cells()) * shape_.num_vertices);
    numbering.fill_owned(filling_.corners, numbers.data());
    auto out = numbers.begin() + std::ptrdiff_t(mesh_.num_owned_cells) * shape_.num_vertices;
    std::int32_t centre = -1;
    for (std::size_t g = 0; g < ghosts_.size(); ++g) {
      const auto& [at, part] = ghosts_[g];
      if (g == 0 || ghosts_[g - 1].at != at) centre = -1;
      for (const int corner : part_corners(part)) {
        if (corner == centre_corner && centre < 0) centre = numbering.add_centre(at);
        *out++ = corner == centre_corner ? centre : numbering.number_at(at, corner);
      }
    }
    return numbers;
  }

  void add_coordinates(const Numbering& points) {
    mesh_.points.reserve(mesh_.point_ids.size() * shape_.dim);
    for (const auto id : mesh_.point_ids) {
      const auto position = points.position(id);
      for (int d = 0; d < shape_.dim; ++d) {
        const double origin = options_.origin.empty() ? 0.0 : options_.origin[d];
        mesh_.points.push_back(origin + options_.size[d] * (position[d] / options_.cells[d]));
      }
    }
  }

  const BoxOptions& options_;
  const CellShape& shape_;
  Filling filling_;
  Lattice lattice_;
  Mesh mesh_;
  std::vector<GhostCell> ghosts_;
  std::array<std::vector<Facet>*, 6> side_facets_{};  ///< into mesh_.sets
  std::vector<Facet>* all_facets_ = nullptr;
};

}  // namespace

Mesh box(const base::Communicator& comm, const BoxOptions& options) {
  check(options, topology(options.cell).dim);
  return BoxBuilder(comm, options).build();
}

}  // namespace ansatz::mesh
