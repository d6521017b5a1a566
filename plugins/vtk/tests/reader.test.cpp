#include <hdf5.h>
#include <vtkCellData.h>
#include <vtkIntArray.h>
#include <vtkNew.h>
#include <vtkPoints.h>
#include <vtkStringArray.h>
#include <vtkUnstructuredGrid.h>
#include <vtkUnstructuredGridWriter.h>
#include <vtkXMLUnstructuredGridWriter.h>
#include <vtk_exodusII.h>

#include <array>

#include "mesh_files.hpp"

namespace {

using namespace ansatz::vtk::tests;

/// A legacy file by hand: unit square of two triangles and its lower edge, with an unused point in front.
std::string legacy_triangles() {
  return "# vtk DataFile Version 2.0\nsquare\nASCII\nDATASET UNSTRUCTURED_GRID\n"
         "POINTS 5 double\n9 9 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n"
         "CELLS 3 11\n3 1 2 3\n3 1 4 3\n2 1 2\n"
         "CELL_TYPES 3\n5\n5\n3\n"
         "CELL_DATA 3\nSCALARS CellEntityIds int 1\nLOOKUP_TABLE default\n7\n8\n2\n";
}

struct Sample {
  int vtk_type;
  CellType cell;
  int degree;
  std::vector<std::array<double, 3>> points;
  int facet_type;
  std::vector<vtkIdType> facet;
};

/// One cell of each type at its VTK reference positions, and one of its facets.
std::vector<Sample> samples() {
  const std::vector<std::array<double, 3>> triangle{{0, 0, 0},  {1, 0, 0},   {0, 1, 0},
                                                    {.5, 0, 0}, {.5, .5, 0}, {0, .5, 0}};
  const std::vector<std::array<double, 3>> tetra{{0, 0, 0},   {1, 0, 0},  {0, 1, 0},  {0, 0, 1},   {.5, 0, 0},
                                                 {.5, .5, 0}, {0, .5, 0}, {0, 0, .5}, {.5, 0, .5}, {0, .5, .5}};
  const std::vector<std::array<double, 3>> cube{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0},
                                                {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}};
  const std::vector<std::array<double, 3>> wedge{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {0, 1, 1}};
  const auto first = [](auto list, int n) { return decltype(list)(list.begin(), list.begin() + n); };
  return {{VTK_LINE, CellType::interval, 1, first(triangle, 2), VTK_VERTEX, {1}},
          {VTK_TRIANGLE, CellType::triangle, 1, first(triangle, 3), VTK_LINE, {0, 1}},
          {VTK_QUADRATIC_TRIANGLE, CellType::triangle, 2, triangle, VTK_QUADRATIC_EDGE, {0, 1, 3}},
          {VTK_QUAD, CellType::quadrilateral, 1, first(cube, 4), VTK_LINE, {2, 3}},
          {VTK_TETRA, CellType::tetrahedron, 1, first(tetra, 4), VTK_TRIANGLE, {0, 1, 3}},
          {VTK_QUADRATIC_TETRA, CellType::tetrahedron, 2, tetra, VTK_QUADRATIC_TRIANGLE, {0, 1, 3, 4, 8, 7}},
          {VTK_WEDGE, CellType::prism, 1, wedge, VTK_QUAD, {0, 1, 4, 3}},
          {VTK_WEDGE, CellType::prism, 1, wedge, VTK_TRIANGLE, {3, 4, 5}},
          {VTK_HEXAHEDRON, CellType::hexahedron, 1, cube, VTK_QUAD, {0, 1, 5, 4}}};
}

vtkSmartPointer<vtkUnstructuredGrid> grid_of(const Sample& sample) {
  auto grid = vtkSmartPointer<vtkUnstructuredGrid>::New();
  vtkNew<vtkPoints> points;
  points->SetDataTypeToDouble();
  std::vector<vtkIdType> ids;
  for (const auto& p : sample.points) ids.push_back(points->InsertNextPoint(p.data()));
  grid->SetPoints(points);
  grid->InsertNextCell(sample.facet_type, static_cast<vtkIdType>(sample.facet.size()), sample.facet.data());
  grid->InsertNextCell(sample.vtk_type, static_cast<vtkIdType>(ids.size()), ids.data());
  vtkNew<vtkStringArray> names;
  names->SetName("region");
  names->InsertNextValue("inlet");
  names->InsertNextValue("steel");
  grid->GetCellData()->AddArray(names);
  return grid;
}

void write_grid(vtkUnstructuredGrid* grid, const std::string& path, int mode) {
  vtkNew<vtkXMLUnstructuredGridWriter> writer;
  writer->SetInputData(grid);
  writer->SetFileName(path.c_str());
  writer->SetDataMode(mode);
  REQUIRE(writer->Write() == 1);
}

/// Two blocks of one tetrahedron each, side sets (named and not) and a node set, written with the Exodus library.
void write_exodus(const std::string& path, int format) {
  int word = 8, stored = 8;
  const int file = ex_create(path.c_str(), EX_CLOBBER | format, &word, &stored);
  REQUIRE(file >= 0);
  ex_put_init(file, "two tetrahedra", 3, 6, 2, 2, 1, 2);
  const std::array<double, 6> x{5, 0, 1, 0, 0, 1}, y{5, 0, 0, 1, 0, 1}, z{5, 0, 0, 0, 1, 1};
  ex_put_coord(file, x.data(), y.data(), z.data());
  ex_put_block(file, EX_ELEM_BLOCK, 10, "TETRA4", 1, 4, 0, 0, 0);
  ex_put_block(file, EX_ELEM_BLOCK, 20, "TETRA4", 1, 4, 0, 0, 0);
  const std::array<int, 4> first{2, 3, 4, 5}, second{3, 6, 4, 5};
  ex_put_conn(file, EX_ELEM_BLOCK, 10, first.data(), nullptr, nullptr);
  ex_put_conn(file, EX_ELEM_BLOCK, 20, second.data(), nullptr, nullptr);
  ex_put_name(file, EX_ELEM_BLOCK, 10, "core");
  const std::array<int, 1> element{1}, other_element{2}, below{4}, side{1}, nodes{6};
  ex_put_set_param(file, EX_SIDE_SET, 1, 1, 0);
  ex_put_set(file, EX_SIDE_SET, 1, element.data(), below.data());
  ex_put_name(file, EX_SIDE_SET, 1, "floor");
  ex_put_set_param(file, EX_SIDE_SET, 4, 1, 0);
  ex_put_set(file, EX_SIDE_SET, 4, other_element.data(), side.data());
  ex_put_set_param(file, EX_NODE_SET, 3, 1, 0);
  ex_put_set(file, EX_NODE_SET, 3, nodes.data(), nullptr);
  ex_close(file);
}

void check_exodus(const RawMesh& mesh) {
  CHECK(mesh.cell == CellType::tetrahedron);
  CHECK(mesh.region_names == std::vector<std::string>{"core", "block_20"});
  CHECK(mesh.cell_region == std::vector<int>{0, 1});
  CHECK(mesh.points == std::vector<double>{0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1});
  CHECK(mesh.cells == std::vector<std::int64_t>{0, 1, 2, 3, 1, 4, 2, 3});
  REQUIRE(mesh.sets.contains("floor"));
  REQUIRE(mesh.sets.contains("side_set_4"));
  REQUIRE(mesh.sets.contains("node_set_3"));
  auto floor = mesh.sets.at("floor").vertices;
  std::ranges::sort(floor);
  CHECK(mesh.sets.at("floor").dimension == 2);
  CHECK(floor == std::vector<std::int64_t>{0, 1, 2});
  auto side = mesh.sets.at("side_set_4").vertices;
  std::ranges::sort(side);
  CHECK(side == std::vector<std::int64_t>{1, 3, 4});
  CHECK(mesh.sets.at("node_set_3").dimension == 0);
  CHECK(mesh.sets.at("node_set_3").vertices == std::vector<std::int64_t>{4});
}

}  // namespace

TEST_CASE("A legacy VTK file gives points, turned cells, regions and sets by number", "[vtk]") {
  const Folder folder;
  const auto mesh = read_grid(folder.write("a.vtk", legacy_triangles()));
  CHECK(mesh.cell == CellType::triangle);
  CHECK(mesh.points == std::vector<double>{0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0});
  CHECK(mesh.cells == std::vector<std::int64_t>{0, 1, 2, 0, 2, 3});
  CHECK(mesh.cell_region == std::vector<int>{0, 1});
  CHECK(mesh.region_names == std::vector<std::string>{"region_7", "region_8"});
  REQUIRE(mesh.sets.size() == 1);
  CHECK(mesh.sets.at("set_2").dimension == 1);
  CHECK(mesh.sets.at("set_2").vertices == std::vector<std::int64_t>{0, 1});
}

TEST_CASE("VTU files of every cell type read the same in every encoding", "[vtk]") {
  const Folder folder;
  for (const auto& sample : samples()) {
    for (const int mode : {vtkXMLWriter::Ascii, vtkXMLWriter::Binary, vtkXMLWriter::Appended}) {
      CAPTURE(sample.vtk_type, mode);
      const auto path = folder.file("a.vtu");
      write_grid(grid_of(sample), path, mode);
      const auto mesh = read_grid(path);
      CHECK(mesh.cell == sample.cell);
      CHECK(mesh.geometry_degree == sample.degree);
      CHECK(mesh.region_names == std::vector<std::string>{"steel"});
      REQUIRE(mesh.cells.size() == sample.points.size());
      for (std::size_t i = 0; i < sample.points.size(); ++i) {
        CHECK(mesh.cells[i] == static_cast<std::int64_t>(i));
        for (int d = 0; d < 3; ++d) CHECK(mesh.points[3 * i + d] == sample.points[i][d]);
      }
      const auto& set = mesh.sets.at("inlet");
      CHECK(set.dimension == mesh.dimension - 1);
      const auto corners = sample.facet_type == VTK_QUADRATIC_EDGE       ? 2
                           : sample.facet_type == VTK_QUADRATIC_TRIANGLE ? 3
                                                                         : sample.facet.size();
      CHECK(set.vertices ==
            std::vector<std::int64_t>(sample.facet.begin(), sample.facet.begin() + static_cast<long>(corners)));
    }
  }
}

TEST_CASE("A grid without a region array is one region called domain", "[vtk]") {
  const Folder folder;
  auto text = legacy_triangles();
  text.resize(text.find("CELL_DATA"));
  const auto mesh = read_grid(folder.write("a.vtk", text));
  CHECK(mesh.region_names == std::vector<std::string>{"domain"});
  CHECK(mesh.cell_region == std::vector<int>{0, 0});
  CHECK(mesh.sets.empty());
}

TEST_CASE("Unusable grids are refused with a message that names the cause", "[vtk]") {
  const Folder folder;
  CHECK(has(failure(read_grid, folder.file("absent.vtu")), "no such mesh file"));
  CHECK_FALSE(failure(read_grid, folder.write("text.vtu", "hello")).empty());
  CHECK_FALSE(failure(read_grid, folder.write("empty.vtk", "")).empty());
  const auto replaced = [](const std::string& from, const std::string& to) {
    auto text = legacy_triangles();
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  CHECK(has(failure(read_grid, folder.write("index.vtk", replaced("3 1 4 3", "3 1 4 5"))), "node"));
  CHECK(has(failure(read_grid, folder.write("type.vtk", replaced("5\n5\n3\n", "5\n14\n3\n"))), "vtkPyramid"));
  CHECK(has(failure(read_grid, folder.write("height.vtk", replaced("1 1 0", "1 1 2"))), "plane"));
  CHECK_FALSE(failure(read_grid, folder.write("finite.vtk", replaced("1 1 0", "1 nan 0"))).empty());
  CHECK_FALSE(failure(read_grid, folder.write("points.vtk", replaced("POINTS 5", "POINTS 9"))).empty());
}

TEST_CASE("A truncated VTU, VTK or Exodus file is an error at every length", "[vtk]") {
  const Folder folder;
  const auto refuse = [&](RawMesh (*read)(const std::string&), const std::string& whole, const std::string& extension,
                          std::size_t end) {
    for (std::size_t length = 0; length < end; length += 61) {
      CAPTURE(extension, length, end);
      CHECK_FALSE(failure(read, folder.write("cut" + extension, whole.substr(0, length))).empty());
    }
  };
  for (const int mode : {vtkXMLWriter::Ascii, vtkXMLWriter::Binary, vtkXMLWriter::Appended}) {
    write_grid(grid_of(samples().back()), folder.file("a.vtu"), mode);
    const auto whole = content(folder.file("a.vtu"));
    refuse(read_grid, whole, ".vtu", whole.size() - 12);
  }
  refuse(read_grid, legacy_triangles(), ".vtk", legacy_triangles().size() - 4);
  write_exodus(folder.file("a.e"), EX_CLOBBER);
  const auto whole = content(folder.file("a.e"));
  refuse(read_exodus, whole, ".e", whole.size());
}

TEST_CASE("Exodus files give blocks, side sets and node sets, beside parallel HDF5 in the same process", "[vtk]") {
  const Folder folder;
  const auto plist = H5Pcreate(H5P_FILE_ACCESS);
  REQUIRE(H5Pset_fapl_mpio(plist, MPI_COMM_WORLD, MPI_INFO_NULL) >= 0);
  const auto file = H5Fcreate(folder.file("beside.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, plist);
  REQUIRE(file >= 0);
  for (const int format : {EX_NORMAL_MODEL, EX_64BIT_OFFSET, EX_NETCDF4}) {
    CAPTURE(format);
    write_exodus(folder.file("a.exo"), format);
    check_exodus(read_exodus(folder.file("a.exo")));
  }
  CHECK(H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)) >= 0);
  CHECK(H5Fclose(file) >= 0);
  H5Pclose(plist);
  CHECK(H5Fis_hdf5(folder.file("beside.h5").c_str()) > 0);
  CHECK_FALSE(failure(read_exodus, folder.write("text.e", "hello world")).empty());
}
