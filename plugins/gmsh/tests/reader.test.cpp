#include "mesh_files.hpp"

namespace {

using namespace ansatz::sdk;
using namespace ansatz::gmsh::tests;

/// Largest distance of a second-order node from the middle of its edge, for straight meshes.
double mid_node_error(const RawMesh& mesh) {
  // The edges as VTK documents them for vtkQuadraticTriangle and vtkQuadraticTetra.
  const std::vector<std::array<int, 2>> edges =
      mesh.cell == CellType::triangle ? std::vector<std::array<int, 2>>{{0, 1}, {1, 2}, {2, 0}}
                                      : std::vector<std::array<int, 2>>{{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}};
  const std::size_t corners = mesh.cell == CellType::triangle ? 3 : 4;
  double worst = 0.0;
  for (std::size_t first = 0; first < mesh.cells.size(); first += corners + edges.size()) {
    const auto* v = &mesh.cells[first];
    for (std::size_t e = 0; e < edges.size(); ++e) {
      for (int k = 0; k < 3; ++k) {
        const double middle = 0.5 * (mesh.points[3 * v[edges[e][0]] + k] + mesh.points[3 * v[edges[e][1]] + k]);
        worst = std::max(worst, std::abs(mesh.points[3 * v[corners + e] + k] - middle));
      }
    }
  }
  return worst;
}

/// A rectangle 3 x 1 of the regions left (1 wide) and right (2 wide). `cells` refines its form.
std::string rectangle(const std::string& cells = {}) {
  return "h = 0.5;\n"
         "Point(1) = {0,0,0,h}; Point(2) = {1,0,0,h}; Point(3) = {3,0,0,h}; Point(4) = {3,1,0,h}; Point(5) = "
         "{1,1,0,h};\n"
         "Point(6) = {0,1,0,h};\n"
         "Line(1) = {1,2}; Line(2) = {2,3}; Line(3) = {3,4}; Line(4) = {4,5}; Line(5) = {5,6}; Line(6) = {6,1}; "
         "Line(7) = {2,5};\n"
         "Curve Loop(1) = {1,7,5,6}; Plane Surface(1) = {1};\n"
         "Curve Loop(2) = {2,3,4,-7}; Plane Surface(2) = {2};\n" +
         cells +
         "Physical Surface(\"left\") = {1}; Physical Surface(17) = {2};\n"
         "Physical Curve(\"bottom\") = {1,2}; Physical Curve(\"all_sides\") = {1,2,3,4,5,6}; Physical "
         "Curve(\"middle\") = {7};\n"
         "Physical Point(\"corner\") = {4};\n";
}

/// A unit square extruded by 2 in z.
std::string block(CellType cell) {
  const bool hexahedra = cell == CellType::hexahedron, layers = cell != CellType::tetrahedron;
  return "h = 0.6;\n"
         "Point(1) = {0,0,0,h}; Point(2) = {1,0,0,h}; Point(3) = {1,1,0,h}; Point(4) = {0,1,0,h};\n"
         "Line(1) = {1,2}; Line(2) = {2,3}; Line(3) = {3,4}; Line(4) = {4,1};\n"
         "Curve Loop(1) = {1,2,3,4}; Plane Surface(1) = {1};\n" +
         std::string(hexahedra ? "Transfinite Curve {1,2,3,4} = 3; Transfinite Surface {1}; Recombine Surface {1};\n"
                               : "") +
         "e[] = Extrude {0,0,2} { Surface{1}; " + std::string(layers ? "Layers{4}; Recombine;" : "") +
         " };\n"
         "Physical Volume(\"body\") = {e[1]}; Physical Surface(\"base\") = {1}; Physical Surface(\"lid\") = {e[0]};\n"
         "Physical Curve(\"edge\") = {1};\n";
}

const std::string structured_quads =
    "Transfinite Curve {1,6,3,7,5} = 3; Transfinite Curve {2,4} = 4; Transfinite Surface {1,2}; "
    "Recombine Surface {1,2};\n";

void check_rectangle(const RawMesh& mesh) {
  REQUIRE(mesh.region_names == std::vector<std::string>{"left", "group_17"});
  CHECK(mesh.dimension == 2);
  CHECK(measure(mesh, 0) == Approx(1.0).epsilon(1e-12));
  CHECK(measure(mesh, 1) == Approx(2.0).epsilon(1e-12));
  REQUIRE(mesh.sets.size() == 4);
  CHECK(set_measure(mesh, "bottom") == Approx(3.0));
  CHECK(set_measure(mesh, "all_sides") == Approx(8.0));
  CHECK(set_measure(mesh, "middle") == Approx(1.0));
  CHECK(mesh.sets.at("corner").dimension == 0);
  REQUIRE(mesh.sets.at("corner").vertices.size() == 1);
  const auto corner = mesh.sets.at("corner").vertices[0];
  CHECK(mesh.points[3 * corner] == 3.0);
  CHECK(mesh.points[3 * corner + 1] == 1.0);
}

}  // namespace

TEST_CASE("A geometry is meshed at run time and its physical groups become names", "[gmsh]") {
  const Folder folder;
  check_rectangle(read(folder.write("a.geo", rectangle())));
  const auto quads = read(folder.write("b.geo", rectangle(structured_quads)));
  CHECK(quads.cell == CellType::quadrilateral);
  CHECK(quads.cell_region.size() == 2 * 2 + 3 * 2);
  check_rectangle(quads);
  for (const auto cell : {CellType::tetrahedron, CellType::hexahedron, CellType::prism}) {
    const auto mesh = read(folder.write("c.geo", block(cell)));
    CHECK(mesh.cell == cell);
    CHECK(measure(mesh, 0) == Approx(2.0).epsilon(1e-12));
    CHECK(set_measure(mesh, "base") == Approx(1.0));
    CHECK(set_measure(mesh, "lid") == Approx(1.0));
    CHECK(mesh.sets.at("edge").dimension == 1);
    CHECK(set_measure(mesh, "edge") == Approx(1.0));
  }
  const auto line = read(folder.write("d.geo",
                                      "Point(1) = {0,0,0,0.3}; Point(2) = {2,0,0,0.3}; Line(1) = {2,1};\n"
                                      "Physical Curve(\"rod\") = {1}; Physical Point(\"hot\") = {2};\n"));
  CHECK(line.cell == CellType::interval);
  CHECK(measure(line, 0) == Approx(2.0));
  CHECK(line.points[3 * line.sets.at("hot").vertices.at(0)] == 2.0);
}

TEST_CASE("MSH files of version 2.2 and 4.1, ASCII and binary, of first and second order, read the same", "[gmsh]") {
  const Folder folder;
  const auto plane = folder.write("plane.geo", rectangle()),
             solid = folder.write("solid.geo", block(CellType::tetrahedron));
  const auto msh = folder.file("a.msh");
  for (const double version : {2.2, 4.1}) {
    for (const bool binary : {false, true}) {
      for (const int order : {1, 2}) {
        CAPTURE(version, binary, order);
        save_with_gmsh(plane, msh, version, binary, order, 2);
        const auto triangles = read(msh);
        check_rectangle(triangles);
        CHECK(triangles.geometry_degree == order);
        save_with_gmsh(solid, msh, version, binary, order, 3);
        const auto tetrahedra = read(msh);
        CHECK(tetrahedra.geometry_degree == order);
        CHECK(measure(tetrahedra, 0) == Approx(2.0).epsilon(1e-12));
        CHECK(set_measure(tetrahedra, "base") == Approx(1.0));
        if (order == 2) {
          CHECK(mid_node_error(triangles) < 1e-12);
          CHECK(mid_node_error(tetrahedra) < 1e-12);
        }
      }
    }
  }
  save_with_gmsh(folder.write("quads.geo", rectangle(structured_quads)), msh, 2.2, true, 1, 2);
  check_rectangle(read(msh));
}

TEST_CASE("Prisms of 6, 15 and 18 nodes are read by their corners from every kind of MSH file", "[gmsh]") {
  const Folder folder;
  const auto layers = folder.write("layers.geo", block(CellType::prism)), msh = folder.file("a.msh");
  for (const double version : {2.2, 4.1}) {
    for (const bool binary : {false, true}) {
      for (const int order : {1, 2}) {
        for (const bool incomplete : {false, true}) {
          CAPTURE(version, binary, order, incomplete);
          save_with_gmsh(layers, msh, version, binary, order, 3, incomplete);
          const auto prisms = read(msh);
          CHECK(prisms.cell == CellType::prism);
          CHECK(prisms.geometry_degree == 1);
          CHECK(prisms.cell_region.size() % 4 == 0);
          CHECK(measure(prisms, 0) == Approx(2.0).epsilon(1e-12));
          CHECK(set_measure(prisms, "base") == Approx(1.0));
          CHECK(set_measure(prisms, "lid") == Approx(1.0));
        }
      }
    }
  }
}

TEST_CASE("The table of cell types has Gmsh's numbers, dimensions and numbers of nodes", "[gmsh]") {
  ::gmsh::initialize();
  for (const auto& cell : cell_shapes) {
    for (const int degree : {1, 2}) {
      CAPTURE(cell.name, degree);
      std::string name;
      int dimension = 0, order = 0, num_nodes = 0, num_corners = 0;
      std::vector<double> places;
      ::gmsh::model::mesh::getElementProperties(cell.in_files[degree - 1].gmsh, name, dimension, order, num_nodes,
                                                places, num_corners);
      CHECK(dimension == cell.dim);
      CHECK(order == degree);
      CHECK(num_nodes == cell.num_nodes(degree));
      CHECK(num_corners == cell.num_vertices);
    }
  }
  ::gmsh::finalize();
}

TEST_CASE("Second-order geometry follows curved boundaries", "[gmsh]") {
  const Folder folder;
  const auto geo =
      folder.write("disc.geo",
                   "Point(1) = {0,0,0,0.4}; Point(2) = {1,0,0,0.4}; Point(3) = {0,1,0,0.4};\n"
                   "Line(1) = {1,2}; Circle(2) = {2,1,3}; Line(3) = {3,1}; Curve Loop(1) = {1,2,3};\n"
                   "Plane Surface(1) = {1}; Physical Curve(\"arc\") = {2}; Physical Surface(\"disc\") = {1};\n");
  const auto mesh = read(geo, {.geometry_degree = 2});
  REQUIRE(mesh.geometry_degree == 2);
  const auto& arc = mesh.sets.at("arc");
  int found = 0;
  for (std::size_t c = 0; c < mesh.cells.size(); c += 6) {
    for (int e = 0; e < 3; ++e) {
      for (std::size_t s = 0; s < arc.vertices.size(); s += 2) {
        const auto a = mesh.cells[c + e], b = mesh.cells[c + (e + 1) % 3];
        if ((a == arc.vertices[s] && b == arc.vertices[s + 1]) || (b == arc.vertices[s] && a == arc.vertices[s + 1])) {
          const auto* middle = &mesh.points[3 * mesh.cells[c + 3 + e]];
          CHECK(std::hypot(middle[0], middle[1]) == Approx(1.0).epsilon(1e-9));
          ++found;
        }
      }
    }
  }
  CHECK(found == static_cast<int>(arc.vertices.size()) / 2);
  CHECK(found > 2);
  CHECK(read(geo).geometry_degree == 1);
  CHECK(read(geo, {.geometry_degree = 1}).geometry_degree == 1);
}

TEST_CASE("The same geometry gives the same mesh, and options of a file do not outlive it", "[gmsh]") {
  const Folder folder;
  const auto geo = folder.write("a.geo", rectangle());
  const auto first = read(geo);
  const auto other = read(
      folder.write("b.geo", "Mesh.MeshSizeFactor = 0.3; Mesh.Algorithm = 5; Mesh.ElementOrder = 2;\n" + rectangle()));
  const auto second = read(geo);
  CHECK(other.geometry_degree == 2);
  CHECK(other.cell_region.size() > 2 * first.cell_region.size());
  CHECK(first.points == second.points);
  CHECK(first.cells == second.cells);
  const auto fine = read(geo, {.size_factor = 0.5});
  CHECK(fine.cell_region.size() > 2 * first.cell_region.size());
  CHECK(measure(fine, 1) == Approx(2.0));
}

TEST_CASE("A mesh without physical groups is one region called domain", "[gmsh]") {
  const Folder folder;
  const auto mesh = read(folder.write("a.geo", "SetFactory(\"OpenCASCADE\"); Box(1) = {0,0,0,1,2,3};\n"));
  CHECK(mesh.region_names == std::vector<std::string>{"domain"});
  CHECK(mesh.cell == CellType::tetrahedron);
  CHECK(measure(mesh, 0) == Approx(6.0));
  CHECK(mesh.sets.empty());
}

TEST_CASE("Cells that Gmsh orients clockwise are turned around, and points that no cell uses are dropped", "[gmsh]") {
  const Folder folder;
  const auto geo = folder.write(
      "a.geo",
      "Point(9) = {5,5,5};\nPoint(1) = {0,0,4,0.5}; Point(2) = {1,0,4,0.5}; Point(3) = {1,1,4,0.5};\n"
      "Line(1) = {1,3}; Line(2) = {3,2}; Line(3) = {2,1}; Curve Loop(1) = {1,2,3}; Plane Surface(1) = {1};\n"
      "Physical Surface(\"s\") = {1};\n");
  const auto mesh = read(geo, {.geometry_degree = 2});
  CHECK(measure(mesh, 0) == Approx(0.5));
  CHECK(mid_node_error(mesh) < 1e-12);
  for (std::int64_t p = 0; p < mesh.num_points(); ++p) {
    CHECK(mesh.points[3 * p] <= 1.0);
    CHECK(mesh.points[3 * p + 2] == 0.0);
  }
}

TEST_CASE("A truncated MSH file is an error at every length", "[gmsh]") {
  const Folder folder;
  const auto geo = folder.write("a.geo", rectangle());
  const auto msh = folder.file("a.msh");
  for (const double version : {2.2, 4.1}) {
    for (const bool binary : {false, true}) {
      save_with_gmsh(geo, msh, version, binary, 1, 2);
      std::ifstream stream(msh, std::ios::binary);
      const std::string whole{std::istreambuf_iterator<char>(stream), {}};
      const auto end = whole.rfind("$EndElements");
      for (std::size_t length = 0; length < end + 10; length += 97) {
        CAPTURE(version, binary, length);
        CHECK_FALSE(failure(folder.write("cut.msh", whole.substr(0, length))).empty());
      }
      CHECK(failure(folder.write("cut.msh", whole.substr(0, end))).find("truncated") != std::string::npos);
      CHECK(failure(folder.write("cut.msh", whole)).empty());
    }
  }
}

TEST_CASE("A file with fewer nodes than it announces is an error", "[gmsh]") {
  const Folder folder;
  const std::string head = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n", nodes = "1 0 0 0\n2 1 0 0\n3 0 1 0\n$EndNodes\n";
  const std::string elements = "$Elements\n1\n1 2 2 1 1 1 2 3\n$EndElements\n";
  CHECK(failure(folder.write("good.msh", head + "$Nodes\n3\n" + nodes + elements)).empty());
  CHECK_FALSE(failure(folder.write("bad.msh", head + "$Nodes\n4\n" + nodes + elements)).empty());
  CHECK_FALSE(
      failure(folder.write("bad.msh", head + "$Nodes\n3\n" + nodes + "$Elements\n2\n1 2 2 1 1 1 2 3\n$EndElements\n"))
          .empty());
  CHECK_FALSE(
      failure(folder.write("bad.msh", head + "$Nodes\n3\n" + nodes + "$Elements\n1\n1 2 2 1 1 1 2 7\n$EndElements\n"))
          .empty());
}

TEST_CASE("Unusable meshes are refused with a message that names the cause", "[gmsh]") {
  const Folder folder;
  CHECK(has(failure(folder.file("absent.msh")), "no such mesh file"));
  CHECK(has(failure(folder.write("text.msh", "hello\n")), "$MeshFormat"));
  CHECK(has(failure(folder.write("old.msh", "$MeshFormat\n1.0 0 8\n$EndMeshFormat\n")), "version 1"));
  CHECK(has(failure(folder.write("mixed.geo", rectangle("Recombine Surface {1};\nTransfinite Surface {1};\n"))),
            "mixes"));
  CHECK(read(folder.write("two.geo", rectangle("Physical Surface(\"both\") = {1,2};\n"))).unusable.contains("both"));
  CHECK(has(failure(folder.write("none.geo", "Point(1) = {0,0,0};\n")), "no curve"));
  CHECK(
      read(folder.write("twice.geo", rectangle("Physical Point(\"bottom\") = {1};\n"))).sets.contains("bottom_points"));
  const std::string half = "Physical Surface(17)";
  auto part = rectangle();
  part.replace(part.find(half), half.size() + 7, "");
  CHECK(has(failure(folder.write("part.geo", part)), "no physical group"));
  const auto boundaries = folder.write("lines.geo",
                                       "Point(1) = {0,0,0,1}; Point(2) = {1,0,0,1}; Point(3) = {0,1,0,1};\n"
                                       "Line(1) = {1,2}; Line(2) = {2,3}; Physical Curve(\"side\") = {1,2};\n");
  CHECK(has(failure(boundaries), "x axis"));
}

TEST_CASE("A syntax error in a geometry is reported with Gmsh's own message and line", "[gmsh]") {
  const Folder folder;
  const auto text = failure(folder.write("bad.geo", "Point(1) = {0,0,0};\nPoint(2) = {1,0,;\n"));
  INFO(text);
  CHECK(text.find("bad.geo") != std::string::npos);
  CHECK(text.find("line 2") != std::string::npos);
  CHECK_FALSE(failure(folder.write("bad2.geo", "Point(1) = {0,0,0}; Line(1) = {1,7};\n")).empty());
  check_rectangle(read(folder.write("good.geo", rectangle())));
}
