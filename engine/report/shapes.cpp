#include "engine/report/shapes.hpp"

#include <fmt/format.h>

#include <map>

#include "ansatz/sdk/error.hpp"

namespace ansatz::report {
namespace {

using Point = std::array<int, 3>;
using Tetrahedron = std::array<int, 4>;

/// Triangles of a face with 3, 4, 6 or 9 nodes, in VTK's order: corners, middles of edges, centre.
std::vector<Triangle> triangles_of(std::size_t num_nodes) {
  switch (num_nodes) {
    case 3:
      return {{{0, 1, 2}, 7}};
    case 4:
      return {{{0, 1, 2}, 3}, {{0, 2, 3}, 6}};
    case 6:
      return {{{0, 3, 5}, 5}, {{3, 1, 4}, 3}, {{5, 4, 2}, 6}, {{3, 4, 5}, 0}};
    default:
      return {{{0, 4, 8}, 1}, {{0, 8, 7}, 4}, {{4, 1, 5}, 3}, {{4, 5, 8}, 0},
              {{8, 5, 2}, 2}, {{8, 2, 6}, 2}, {{7, 8, 6}, 0}, {{7, 6, 3}, 6}};
  }
}

Face face_of(const std::vector<int>& nodes) {
  Face face;
  const std::size_t num_corners = nodes.size() == 3 || nodes.size() == 6 ? 3 : 4;
  face.corners.assign(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(num_corners));
  for (auto triangle : triangles_of(nodes.size())) {
    for (int& node : triangle.nodes) node = nodes[static_cast<std::size_t>(node)];
    face.triangles.push_back(triangle);
  }
  return face;
}

/// Corners at even places; a node of degree 2 lies between corners, at the mean of their places.
struct Type {
  std::vector<Point> corners;
  std::vector<std::vector<int>> middles;  ///< corners around each further node
  std::vector<std::vector<int>> faces;    ///< nodes of degree 2, see triangles_of()
};

const Type tetrahedron{{{0, 0, 0}, {2, 0, 0}, {0, 2, 0}, {0, 0, 2}},
                       {{0, 1}, {1, 2}, {0, 2}, {0, 3}, {1, 3}, {2, 3}},
                       {{0, 1, 2, 4, 5, 6}, {0, 1, 3, 4, 8, 7}, {1, 2, 3, 5, 9, 8}, {0, 2, 3, 6, 9, 7}}};
const Type wedge{{{0, 0, 0}, {2, 0, 0}, {0, 2, 0}, {0, 0, 2}, {2, 0, 2}, {0, 2, 2}},
                 {{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}, {0, 3}, {1, 4}, {2, 5}, {0, 4}, {1, 5}, {2, 3}},
                 {{0, 1, 2, 6, 7, 8},
                  {3, 4, 5, 9, 10, 11},
                  {0, 1, 4, 3, 6, 13, 9, 12, 15},
                  {1, 2, 5, 4, 7, 14, 10, 13, 16},
                  {2, 0, 3, 5, 8, 12, 11, 14, 17}}};
const Type hexahedron{{{0, 0, 0}, {2, 0, 0}, {2, 2, 0}, {0, 2, 0}, {0, 0, 2}, {2, 0, 2}, {2, 2, 2}, {0, 2, 2}},
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
                       {0, 7},
                       {1, 6},
                       {0, 5},
                       {3, 6},
                       {0, 2},
                       {4, 6},
                       {0, 6}},
                      {{0, 4, 7, 3, 16, 15, 19, 11, 20},
                       {1, 2, 6, 5, 9, 18, 13, 17, 21},
                       {0, 1, 5, 4, 8, 17, 12, 16, 22},
                       {3, 7, 6, 2, 19, 14, 18, 10, 23},
                       {0, 3, 2, 1, 11, 10, 9, 8, 24},
                       {4, 5, 6, 7, 12, 13, 14, 15, 25}}};

const std::vector<Tetrahedron> of_tetrahedron{{0, 1, 2, 3}};
const std::vector<Tetrahedron> of_wedge{{0, 1, 2, 5}, {0, 1, 5, 4}, {0, 4, 5, 3}};
const std::vector<Tetrahedron> of_hexahedron{{0, 1, 2, 6}, {0, 2, 3, 6}, {0, 3, 7, 6},
                                             {0, 7, 4, 6}, {0, 4, 5, 6}, {0, 5, 1, 6}};
const std::vector<Tetrahedron> of_tetrahedron_2{{0, 4, 6, 7}, {4, 1, 5, 8}, {6, 5, 2, 9}, {7, 8, 9, 3},
                                                {4, 9, 5, 6}, {4, 9, 6, 7}, {4, 9, 7, 8}, {4, 9, 8, 5}};

/// Tetrahedra of the cells of half the size: `parts` by the places of their corners, each filled by `solids`.
std::vector<Tetrahedron> refined(const Type& type, const std::vector<std::vector<Point>>& parts,
                                 const std::vector<Tetrahedron>& solids) {
  std::map<Point, int> node_at;
  for (const auto& corner : type.corners) node_at.emplace(corner, static_cast<int>(node_at.size()));
  int number = static_cast<int>(type.corners.size());
  for (const auto& around : type.middles) {
    Point place{};
    for (const int corner : around) {
      for (int d = 0; d < 3; ++d) place[d] += type.corners[static_cast<std::size_t>(corner)][d];
    }
    for (int& x : place) x /= static_cast<int>(around.size());
    node_at[place] = number++;
  }
  std::vector<Tetrahedron> found;
  for (const auto& part : parts) {
    for (auto solid : solids) {
      for (int& node : solid) node = node_at.at(part[static_cast<std::size_t>(node)]);
      found.push_back(solid);
    }
  }
  return found;
}

std::vector<Tetrahedron> of_hexahedron_2() {
  std::vector<std::vector<Point>> parts;
  for (int k = 0; k < 8; ++k) {
    std::vector<Point> part;
    for (const auto& corner : hexahedron.corners)
      part.push_back({corner[0] / 2 + (k & 1), corner[1] / 2 + (k >> 1 & 1), corner[2] / 2 + (k >> 2)});
    parts.push_back(part);
  }
  return refined(hexahedron, parts, of_hexahedron);
}

std::vector<Tetrahedron> of_wedge_2() {
  const std::vector<std::vector<Point>> triangles{{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}},
                                                  {{1, 0, 0}, {2, 0, 0}, {1, 1, 0}},
                                                  {{0, 1, 0}, {1, 1, 0}, {0, 2, 0}},
                                                  {{1, 0, 0}, {1, 1, 0}, {0, 1, 0}}};
  std::vector<std::vector<Point>> parts;
  for (int layer = 0; layer < 2; ++layer) {
    for (auto part : triangles) {
      for (auto& point : part) point[2] = layer;
      for (int i = 0; i < 3; ++i) part.push_back({part[i][0], part[i][1], layer + 1});
      parts.push_back(part);
    }
  }
  return refined(wedge, parts, of_wedge);
}

/// \param degree 1 takes the corners of faces only
Shapes solid(const Type& type, int degree, std::vector<Tetrahedron> solids) {
  Shapes shapes{3, {}, {}, std::move(solids)};
  for (auto nodes : type.faces) {
    if (degree == 1) nodes.resize(nodes.size() == 6 ? 3 : 4);
    shapes.faces.push_back(face_of(nodes));
  }
  return shapes;
}

std::map<int, Shapes> all_shapes() {
  std::map<int, Shapes> all;
  all[3] = {1, {0, 1}, {}, {}};
  all[21] = {1, {0, 2, 1}, {}, {}};
  all[5] = {2, {}, {face_of({0, 1, 2})}, {}};
  all[9] = {2, {}, {face_of({0, 1, 2, 3})}, {}};
  all[22] = {2, {}, {face_of({0, 1, 2, 3, 4, 5})}, {}};
  all[28] = {2, {}, {face_of({0, 1, 2, 3, 4, 5, 6, 7, 8})}, {}};
  all[10] = solid(tetrahedron, 1, of_tetrahedron);
  all[24] = solid(tetrahedron, 2, of_tetrahedron_2);
  all[13] = solid(wedge, 1, of_wedge);
  all[32] = solid(wedge, 2, of_wedge_2());
  all[12] = solid(hexahedron, 1, of_hexahedron);
  all[29] = solid(hexahedron, 2, of_hexahedron_2());
  return all;
}

}  // namespace

const Shapes& shapes_of(std::uint8_t vtk_type) {
  static const auto all = all_shapes();
  const auto found = all.find(vtk_type);
  if (found == all.end())
    throw sdk::Error(sdk::ErrorKind::internal, fmt::format("no picture of cells of the VTK type {}", vtk_type));
  return found->second;
}

}  // namespace ansatz::report
