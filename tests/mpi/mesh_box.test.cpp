#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "tests/mpi/mesh_boxes.hpp"

using namespace ansatz;
using namespace ansatz::mesh;
using namespace ansatz::mesh::test;

namespace {

/// Vertex ids of a cell, in its order.
std::vector<std::int64_t> vertex_ids(const Mesh& mesh, std::int32_t cell) {
  std::vector<std::int64_t> ids;
  for (int k = 0; k < mesh.vertices_per_cell(); ++k) {
    ids.push_back(mesh.vertex_ids[mesh.cell_vertices[std::size_t(cell) * mesh.vertices_per_cell() + k]]);
  }
  return ids;
}

std::set<std::int64_t> owned_cell_vertices(const Mesh& mesh) {
  std::set<std::int64_t> ids;
  for (std::int32_t c = 0; c < mesh.num_owned_cells; ++c) {
    for (const auto id : vertex_ids(mesh, c)) ids.insert(id);
  }
  return ids;
}

bool touches(const std::vector<std::int64_t>& ids, const std::set<std::int64_t>& vertices) {
  return std::ranges::any_of(ids, [&](auto id) { return vertices.contains(id); });
}

}  // namespace

TEST_CASE("A box has the counts of its lattice, and every cell has one owner", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& options : boxes()) {
    INFO(name(options));
    const auto mesh = box(comm, options);
    CHECK(mesh.num_global_cells == expected_cells(options));
    CHECK(mesh.num_global_vertices == expected_vertices(options));
    CHECK(mesh.region_names == std::vector<std::string>{"domain"});
    CHECK(mesh.cell_region == std::vector<std::int32_t>(mesh.num_cells(), 0));
    CHECK(mesh.geometry_degree == 1);
    auto owned = comm.gather_all(std::span<const std::int64_t>(mesh.cell_ids).first(mesh.num_owned_cells));
    std::ranges::sort(owned);
    std::vector<std::int64_t> expected(expected_cells(options));
    std::iota(expected.begin(), expected.end(), 0);
    CHECK(owned == expected);
  }
}

TEST_CASE("The cells of a box are positively oriented parallelepipeds or simplices that fill it", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& options : boxes()) {
    INFO(name(options));
    const auto mesh = box(comm, options);
    const double box_volume = std::accumulate(options.size.begin(), options.size.end(), 1.0, std::multiplies<>());
    const double cell_volume = box_volume / double(expected_cells(options));
    double total = 0.0;
    for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
      CHECK(volume(mesh, c) == Approx(cell_volume).epsilon(1e-12));
      if (c < mesh.num_owned_cells) total += volume(mesh, c);
      for (int v = 0; v < mesh.vertices_per_cell(); ++v) {
        const auto expected = image(mesh, c, topology(mesh.cell).coordinates[v]);
        for (int d = 0; d < 3; ++d) CHECK(std::abs(point(mesh, c, v)[d] - expected[d]) < 1e-14);
      }
    }
    CHECK(comm.sum(total) == Approx(box_volume).epsilon(1e-12));
  }
}

TEST_CASE("The facets of a side have its area and outward normal", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::array<std::string, 6> sides{"left", "right", "bottom", "top", "front", "back"};
  for (const auto& options : boxes()) {
    INFO(name(options));
    const auto mesh = box(comm, options);
    const double box_volume = std::accumulate(options.size.begin(), options.size.end(), 1.0, std::multiplies<>());
    std::size_t num_sides = 0, num_facets = 0;
    for (int side = 0; side < 2 * mesh.dim; ++side) {
      const int d = side / 2;
      CHECK(mesh.sets.contains(sides[side]) == !is_periodic(options, d));
      if (is_periodic(options, d)) continue;
      const auto& set = mesh.sets.at(sides[side]);
      CHECK(set.dimension == mesh.dim - 1);
      CHECK(std::ranges::is_sorted(set.facets));
      ++num_sides;
      num_facets += set.facets.size();
      std::vector<double> sum(3, 0.0);
      for (const auto& facet : set.facets) {
        const auto vector = area_vector(mesh, facet);
        const double low = options.origin.empty() ? 0.0 : options.origin[d];
        for (const int v : topology(mesh.cell).facets[facet.local_facet]) {
          const auto x = point(mesh, facet.cell, v);
          CHECK(x[d] == (side % 2 == 0 ? low : low + options.size[d]));
        }
        if (facet.cell >= mesh.num_owned_cells) continue;
        for (int e = 0; e < 3; ++e) sum[e] += vector[e];
      }
      sum = comm.sum(sum);
      const double area = box_volume / options.size[d];
      for (int e = 0; e < 3; ++e) {
        const double expected = e != d ? 0.0 : side % 2 == 0 ? -area : area;
        CHECK(std::abs(sum[e] - expected) < 1e-12);
      }
    }
    CHECK(mesh.sets.size() == num_sides + 1);
    CHECK(mesh.sets.at("all").facets.size() == num_facets);
    CHECK(std::ranges::is_sorted(mesh.sets.at("all").facets));
  }
}

TEST_CASE("Every rank holds exactly the cells around its own, the same as one rank alone has them", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  for (const auto& options : boxes()) {
    INFO(name(options) << " rank " << comm.rank());
    const auto mesh = box(comm, options);
    const auto serial = box(self, options);  // cell ids of one rank are 0, 1, ...
    const auto mine = owned_cell_vertices(mesh);

    std::vector<std::int64_t> owner(mesh.num_global_cells, 0);
    for (std::int32_t c = 0; c < mesh.num_owned_cells; ++c) owner[mesh.cell_ids[c]] = comm.rank();
    std::vector<double> owners(owner.begin(), owner.end());
    owners = comm.sum(owners);

    std::set<std::int64_t> local, expected;
    for (std::int32_t c = 0; c < serial.num_cells(); ++c) {
      CHECK(serial.cell_ids[c] == c);
      if (touches(vertex_ids(serial, c), mine)) expected.insert(c);
    }
    for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
      const auto id = static_cast<std::int32_t>(mesh.cell_ids[c]);
      CHECK(local.insert(id).second);
      CHECK(vertex_ids(mesh, c) == vertex_ids(serial, id));
      for (int k = 0; k < mesh.points_per_cell(); ++k) CHECK(point(mesh, c, k) == point(serial, id, k));
      if (c >= mesh.num_owned_cells) CHECK(mesh.ghost_owners[c - mesh.num_owned_cells] == owners[id]);
    }
    CHECK(local == expected);

    for (const auto& [set_name, set] : serial.sets) {
      std::set<std::pair<std::int64_t, int>> facets, expected_facets;
      for (const auto& f : set.facets) {
        std::vector<std::int64_t> ids;
        for (const int v : topology(mesh.cell).facets[f.local_facet]) {
          ids.push_back(vertex_ids(serial, f.cell)[v]);
        }
        if (touches(ids, mine)) expected_facets.emplace(f.cell, f.local_facet);
      }
      for (const auto& f : mesh.sets.at(set_name).facets) facets.emplace(mesh.cell_ids[f.cell], f.local_facet);
      CHECK(facets == expected_facets);
    }
  }
}

TEST_CASE("No vertex or point is held twice or without a cell", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& options : boxes()) {
    INFO(name(options));
    const auto mesh = box(comm, options);
    const std::set<std::int32_t> used(mesh.cell_vertices.begin(), mesh.cell_vertices.end());
    const std::set<std::int32_t> used_points(mesh.cell_points.begin(), mesh.cell_points.end());
    const std::set<std::int64_t> ids(mesh.vertex_ids.begin(), mesh.vertex_ids.end());
    const std::set<std::int64_t> point_ids(mesh.point_ids.begin(), mesh.point_ids.end());
    CHECK(used.size() == mesh.vertex_ids.size());
    CHECK(ids.size() == mesh.vertex_ids.size());
    CHECK(used_points.size() == mesh.point_ids.size());
    CHECK(point_ids.size() == mesh.point_ids.size());
    CHECK(mesh.points.size() == mesh.point_ids.size() * mesh.dim);
  }
}

TEST_CASE("Cells are shared out evenly, and ranks without cells are empty", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& options : boxes()) {
    INFO(name(options));
    const auto mesh = box(comm, options);
    const double lattice_cells = double(product(options, [](int n, bool) { return n; }));
    const double surface = 2.0 * lattice_cells / *std::ranges::min_element(options.cells);
    const double per_lattice_cell = double(mesh.num_global_cells) / lattice_cells;
    CHECK(mesh.num_owned_cells <= per_lattice_cell * (1.2 * lattice_cells / comm.size() + surface));
    if (lattice_cells < comm.rank() + 1) {
      CHECK(mesh.num_cells() == 0);
      CHECK(mesh.num_vertices() == 0);
      CHECK(mesh.num_points() == 0);
    }
  }
  const auto large = box(comm, {{}, {1.0, 1.0, 1.0}, {12, 12, 12}, CellType::tetrahedron, BoxPattern::right, {}});
  CHECK(large.num_owned_cells <= 6 * (1.2 * 12 * 12 * 12 / comm.size() + (comm.size() > 4 ? 12 * 12 : 0)));
}
