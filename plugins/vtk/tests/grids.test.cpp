#include <fmt/format.h>

#include "mesh_files.hpp"

namespace {

using namespace ansatz::vtk::tests;

struct Grid {
  std::string points;
  std::vector<std::string> cells;  ///< nodes, from 0
  std::vector<int> types;
  std::vector<int> labels{};
  std::string number = "double";
};

/// A legacy file.
std::string legacy(const Grid& grid) {
  const auto words = [](const std::string& text) {
    std::istringstream in(text);
    return std::distance(std::istream_iterator<std::string>(in), {});
  };
  std::string text =
      fmt::format("# vtk DataFile Version 3.0\ntest\nASCII\nDATASET UNSTRUCTURED_GRID\nPOINTS {} {}\n{}\n",
                  words(grid.points) / 3, grid.number, grid.points);
  std::string cells;
  std::ptrdiff_t size = 0;
  for (const auto& cell : grid.cells) {
    cells += fmt::format("{} {}\n", words(cell), cell);
    size += words(cell) + 1;
  }
  text += fmt::format("CELLS {} {}\n{}CELL_TYPES {}\n", grid.cells.size(), size, cells, grid.types.size());
  for (const int type : grid.types) text += fmt::format("{}\n", type);
  if (!grid.labels.empty())
    text += fmt::format("CELL_DATA {}\nSCALARS region int 1\nLOOKUP_TABLE default\n", grid.labels.size());
  for (const int label : grid.labels) text += fmt::format("{}\n", label);
  return text;
}

RawMesh read(const Grid& grid) {
  const Folder folder;
  return read_grid(folder.write("a.vtk", legacy(grid)));
}

std::string error_of(const Grid& grid) {
  const Folder folder;
  return failure(read_grid, folder.write("a.vtk", legacy(grid)));
}

const std::string cube_by_x_y_z = "0 0 0 1 0 0 0 1 0 1 1 0 0 0 1 1 0 1 0 1 1 1 1 1";

}  // namespace

TEST_CASE("Pixels and voxels are quadrilaterals and hexahedra", "[vtk]") {
  const auto pixels = read({"0 0 0 1 0 0 0 1 0 1 1 0 2 0 0 2 1 0", {"0 1 2 3", "1 4 5 3"}, {8, 9}});
  CHECK(pixels.cell == CellType::quadrilateral);
  CHECK(pixels.cells == std::vector<std::int64_t>{0, 1, 3, 2, 1, 4, 5, 3});
  const auto voxel = read({cube_by_x_y_z, {"0 1 2 3 4 5 6 7", "0 1 4 5"}, {11, 8}, {1, 2}});
  CHECK(voxel.cell == CellType::hexahedron);
  CHECK(voxel.cells == std::vector<std::int64_t>{0, 1, 3, 2, 4, 5, 7, 6});
  CHECK(voxel.sets.at("set_2").dimension == 2);
}

TEST_CASE("A file of another kind of VTK data is refused by its kind", "[vtk]") {
  const Folder folder;
  CHECK(
      has(failure(read_grid, folder.write("a.vtk",
                                          "# vtk DataFile Version 3.0\ntest\nASCII\nDATASET POLYDATA\nPOINTS 3 double\n"
                                          "0 0 0 1 0 0 0 1 0\nPOLYGONS 1 4\n3 0 1 2\n")),
          "POLYDATA"));
  CHECK(has(failure(read_grid, folder.write("a.vtu", "<VTKFile type=\"ImageData\" version=\"0.1\"></VTKFile>\n")),
            "ImageData"));
  CHECK(read_grid(folder.write("B.VTK", legacy({"0 0 0 1 0 0 0 1 0", {"0 1 2"}, {5}}))).cells.size() == 3);
}

TEST_CASE("Straight Lagrange and quadratic cells are read by their corners, curved ones are refused by their type",
          "[vtk]") {
  const auto lagrange =
      read({"0 0 0 3 0 0 3 3 0 0 3 0 1 0 0 2 0 0 3 1 0 3 2 0 1 3 0 2 3 0 0 1 0 0 2 0 1 1 0 2 1 0 1 2 0 2 2 0",
            {"0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"},
            {70}});
  CHECK(lagrange.cell == CellType::quadrilateral);
  CHECK(lagrange.num_points() == 4);
  const std::string quad_8 = "0 0 0 1 0 0 1 1 0 0 1 0 0.5 0 0 1 0.5 0 0.5 1 0 0 0.5 0";
  CHECK(read({quad_8, {"0 1 2 3 4 5 6 7"}, {23}}).num_points() == 4);
  CHECK(read({quad_8, {"0 1 2 3 4 5 6 7"}, {23}, {}, "float"}).num_points() == 4);
  auto curved = quad_8;
  curved.replace(curved.find("0.5 0 0"), 7, "0.5 0.1 0");
  CHECK(has(error_of({curved, {"0 1 2 3 4 5 6 7"}, {23}}), "curved cells of type vtkQuadraticQuad"));
  CHECK(has(error_of({curved, {"0 1 2 3 4 5 6 7"}, {23}}), "(0.5, 0.1, 0)"));
  CHECK(read({"0 0 0 2 0 0 1 0 0", {"0 1 2"}, {21}}).cell == CellType::interval);
}

TEST_CASE("Cells of lower dimension never refuse a grid", "[vtk]") {
  const std::string points = "0 0 0 1 0 0 1 1 0 0 1 0";
  const auto mesh = read({points, {"0 1 2", "0 2 3", "0 1 2 3", "0 1", "2"}, {5, 5, 4, 3, 1}, {1, 1, 2, 3, 3}});
  CHECK(mesh.sets.at("set_2").vertices == std::vector<std::int64_t>{0, 1, 1, 2, 2, 3});
  CHECK(mesh.sets.at("set_3").vertices == std::vector<std::int64_t>{0, 1});
  CHECK(mesh.sets.at("set_3_points").vertices == std::vector<std::int64_t>{2});
  const auto solid = read({"0 0 0 1 0 0 0 1 0 0 0 1", {"0 1 2 3", "0 1 2"}, {10, 7}, {1, 4}});
  CHECK(has(solid.unusable.at("set_4"), "vtkPolygon"));
  CHECK(has(error_of({points, {"0 1 2", "0 2 3", "0 1 2 3 0"}, {5, 7, 7}}), "vtkPolygon are not supported: cell 2"));
  CHECK(has(error_of({points, {"0 1 2", "0 1 2 3"}, {5, 9}}), "mixes cells of types vtkTriangle and vtkQuad"));
}

TEST_CASE("Polygons of three and four points, strips of triangles and polylines are the cells of which they consist",
          "[vtk]") {
  const std::string points = "0 0 0 1 0 0 0 1 0 1 1 0 2 0 0 2 1 0";
  const auto polygons = read({points, {"0 1 3 2", "1 4 5 3"}, {7, 9}});
  CHECK(polygons.cell == CellType::quadrilateral);
  CHECK(polygons.cell_region.size() == 2);
  const auto strip = read({points, {"0 1 2 3", "1 4 3", "4 5 3"}, {6, 7, 5}, {1, 2, 2}});
  CHECK(strip.cell == CellType::triangle);
  CHECK(strip.cell_region == std::vector<int>{0, 0, 1, 1});
  CHECK(strip.cells == std::vector<std::int64_t>{0, 1, 2, 1, 3, 2, 1, 4, 3, 4, 5, 3});  // those of strips alternate
  const auto line = read({"0 0 0 1 0 0 2 0 0", {"0 1 2"}, {4}});
  CHECK(line.cells == std::vector<std::int64_t>{0, 1, 1, 2});
}
