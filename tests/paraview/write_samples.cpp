// Writes a box of 4 x 2 x 2 blocks, 2 x 1 x 0.5 m, three steps, in every layout and with every VTK cell type, into the
// folders FOLDER/LAYOUT-TYPE. Usage: paraview_samples FOLDER BUSY_RANKS; the ranks from BUSY_RANKS on stay empty.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "engine/base/session.hpp"
#include "engine/io/visualisation/visual_writer.hpp"

namespace {

using namespace ansatz;

/// Corners of a block of the lattice, in VTK's order of the hexahedron.
constexpr int corners[8][3] = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}};

/// A cell type: how a block splits into cells, and the vertices whose mean is each further node.
struct Shape {
  int dim;
  std::vector<std::vector<int>> cells;
  std::vector<std::vector<int>> further_nodes;
};

Shape shape_of(int type) {
  const std::vector<std::vector<int>> line{{0, 1}};
  const std::vector<std::vector<int>> triangles{{0, 1, 2}, {0, 2, 3}};
  const std::vector<std::vector<int>> tetrahedra{{0, 1, 2, 6}, {0, 2, 3, 6}, {0, 3, 7, 6},
                                                 {0, 7, 4, 6}, {0, 4, 5, 6}, {0, 5, 1, 6}};
  const std::vector<std::vector<int>> prisms{{0, 2, 1, 4, 6, 5}, {0, 3, 2, 4, 7, 6}};  // as VTK has them
  switch (type) {
    case 3:
      return {1, line, {}};
    case 21:
      return {1, line, {{0, 1}}};
    case 5:
      return {2, triangles, {}};
    case 22:
      return {2, triangles, {{0, 1}, {1, 2}, {2, 0}}};
    case 9:
      return {2, {{0, 1, 2, 3}}, {}};
    case 28:
      return {2, {{0, 1, 2, 3}}, {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 1, 2, 3}}};
    case 10:
      return {3, tetrahedra, {}};
    case 24:
      return {3, tetrahedra, {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}}};
    case 12:
      return {3, {{0, 1, 2, 3, 4, 5, 6, 7}}, {}};
    case 29:
      return {3,
              {{0, 1, 2, 3, 4, 5, 6, 7}},
              {{0, 1},
               {1, 2},
               {2, 3},
               {3, 0},
               {4, 5},
               {5, 6},
               {6, 7},
               {7, 4},
               {0, 4},
               {1, 5},
               {2, 6},
               {3, 7},
               {0, 3, 4, 7},
               {1, 2, 5, 6},
               {0, 1, 4, 5},
               {2, 3, 6, 7},
               {0, 1, 2, 3},
               {4, 5, 6, 7},
               {0, 1, 2, 3, 4, 5, 6, 7}}};
    case 13:
      return {3, prisms, {}};
    case 32:
      return {3,
              prisms,
              {{0, 1},
               {1, 2},
               {2, 0},
               {3, 4},
               {4, 5},
               {5, 3},
               {0, 3},
               {1, 4},
               {2, 5},
               {0, 1, 3, 4},
               {1, 2, 4, 5},
               {2, 0, 5, 3}}};
    default:
      throw sdk::Error(sdk::ErrorKind::usage, "no sample of this cell type");
  }
}

/// This rank's slab of the box along x. Nodes are named by their place on the lattice of half blocks.
sdk::VisualMesh sample_mesh(int type, int rank, int busy_ranks) {
  const Shape shape = shape_of(type);
  const int blocks[3] = {4, shape.dim > 1 ? 2 : 1, shape.dim > 2 ? 2 : 1};
  const double spacing[3] = {0.25, shape.dim > 1 ? 0.25 : 0.0, shape.dim > 2 ? 0.125 : 0.0};
  sdk::VisualMesh mesh;
  std::map<std::array<int, 3>, std::int64_t> known;
  const auto add_node = [&](const std::array<int, 3>& lattice) {
    const auto [entry, is_new] = known.try_emplace(lattice, mesh.num_points());
    if (is_new) {
      for (int d = 0; d < 3; ++d) mesh.points.push_back(spacing[d] * lattice[d]);
      const std::int64_t key = lattice[0] + 100 * lattice[1] + 10000 * lattice[2];
      mesh.point_keys.insert(mesh.point_keys.end(), {key, key});
    }
    mesh.connectivity.push_back(entry->second);
  };
  const int first = rank < busy_ranks ? blocks[0] * rank / busy_ranks : blocks[0];
  const int end = rank < busy_ranks ? blocks[0] * (rank + 1) / busy_ranks : blocks[0];
  for (int i = first; i < end; ++i)
    for (int j = 0; j < blocks[1]; ++j)
      for (int k = 0; k < blocks[2]; ++k) {
        for (std::size_t c = 0; c < shape.cells.size(); ++c) {
          const auto& cell = shape.cells[c];
          const auto mean = [&](const std::vector<int>& vertices) {
            std::array<int, 3> sum{0, 0, 0};
            for (const int v : vertices)
              for (int d = 0; d < 3; ++d) sum[d] += 2 * corners[cell[v]][d];
            const int n = static_cast<int>(vertices.size());
            return std::array{2 * i + sum[0] / n, 2 * j + sum[1] / n, 2 * k + sum[2] / n};
          };
          for (int v = 0; v < static_cast<int>(cell.size()); ++v) add_node(mean({v}));
          for (const auto& vertices : shape.further_nodes) add_node(mean(vertices));
          mesh.offsets.push_back(static_cast<std::int64_t>(mesh.connectivity.size()));
          mesh.types.push_back(static_cast<std::uint8_t>(type));
          mesh.cell_ids.push_back(((i * blocks[1] + j) * blocks[2] + k) * static_cast<int>(shape.cells.size()) +
                                  static_cast<int>(c));
        }
      }
  return mesh;
}

void write_step(sdk::VisualWriter& writer, const sdk::VisualMesh& mesh, double t) {
  std::vector<double> linear, quadratic, velocity, stress, cell_id;
  for (std::int64_t p = 0; p < mesh.num_points(); ++p) {
    const double x = mesh.points[3 * p], y = mesh.points[3 * p + 1], z = mesh.points[3 * p + 2];
    linear.push_back(x + 2 * y + 3 * z + t);
    quadratic.push_back(x * x + 2 * y * y + 3 * z * z + x * y + t);
    velocity.insert(velocity.end(), {x, -y, t});
    stress.insert(stress.end(), {x, y, z, x + y, y + z, t});
  }
  for (const auto id : mesh.cell_ids) cell_id.push_back(static_cast<double>(id) + t);
  using enum sdk::VisualLocation;
  const sdk::VisualField fields[] = {{"linear", "K", points, 1, linear},
                                     {"quadratic", "K", points, 1, quadratic},
                                     {"velocity", "m/s", points, 3, velocity},
                                     {"stress", "Pa", points, 6, stress},
                                     {"cell_id", "1", cells, 1, cell_id}};
  writer.write_step(t, fields);
}

}  // namespace

int main(int argc, char** argv) {
  base::Session session(&argc, &argv);
  try {
    if (argc != 3) throw sdk::Error(sdk::ErrorKind::usage, "usage: paraview_samples FOLDER BUSY_RANKS");
    for (const std::string layout : {"series", "single"}) {
      for (const int type : {3, 21, 5, 22, 9, 28, 10, 24, 12, 29, 13, 32}) {
        const std::string folder = std::string(argv[1]) + "/" + layout + "-" + std::to_string(type);
        const auto writer = io::make_visual_writer(layout, session.comm(), {folder, "fields", {{"case", "sample"}}});
        const auto mesh = sample_mesh(type, session.comm().rank(), std::atoi(argv[2]));
        writer->set_mesh(mesh);
        for (const double t : {0.0, 0.5, 2.0}) write_step(*writer, mesh, t);
      }
    }
    return 0;
  } catch (const sdk::Error& error) {
    return base::leave_together(session.comm(), error);
  }
}
