#include "mesh_files.hpp"

namespace {

using namespace ansatz::sdk;
using namespace ansatz::gmsh::tests;

const std::string format_2 = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n";
const std::string square_nodes = "$Nodes\n4\n1 0 0 0\n2 1 0 0\n3 1 1 0\n4 0 1 0\n$EndNodes\n";

/// Elements of version 2, one a line, with their count.
std::string elements_2(const std::vector<std::string>& lines) {
  std::string text = "$Elements\n" + std::to_string(lines.size()) + "\n";
  for (std::size_t i = 0; i < lines.size(); ++i) text += std::to_string(i + 1) + " " + lines[i] + "\n";
  return text + "$EndElements\n";
}

std::string names(const std::vector<std::string>& lines) {
  std::string text = "$PhysicalNames\n" + std::to_string(lines.size()) + "\n";
  for (const auto& line : lines) text += line + "\n";
  return text + "$EndPhysicalNames\n";
}

double area(const RawMesh& mesh) {
  double sum = 0.0;
  for (int r = 0; r < static_cast<int>(mesh.region_names.size()); ++r) sum += measure(mesh, r);
  return sum;
}

/// Two triangles of the unit square in group 1, entity 1.
const std::vector<std::string> triangles{"2 2 1 1 1 2 3", "2 2 1 1 1 3 4"};

std::vector<std::string> with_triangles(std::vector<std::string> lines) {
  lines.insert(lines.end(), triangles.begin(), triangles.end());
  return lines;
}

/// The file of a model that is divided into parts by libgmsh.
void save_partitioned(const std::string& geo, const std::string& msh, double version) {
  gmsh::initialize(0, nullptr, false);
  gmsh::option::setNumber("General.Terminal", 0);
  gmsh::open(geo);
  gmsh::model::mesh::generate(2);
  gmsh::option::setNumber("Mesh.PartitionCreateGhostCells", 1);
  gmsh::option::setNumber("Mesh.PartitionCreateTopology", 1);
  gmsh::model::mesh::partition(3);
  gmsh::option::setNumber("Mesh.MshFileVersion", version);
  gmsh::write(msh);
  gmsh::finalize();
}

const std::string square_geo =
    "SetFactory(\"OpenCASCADE\"); Rectangle(1) = {0,0,0,1,1}; MeshSize{:} = 0.2;\n"
    "Physical Surface(\"body\") = {1}; Physical Curve(\"south\") = {1};\n";

}  // namespace

TEST_CASE("Nodes that no element uses and comments in front are no damage", "[gmsh]") {
  const Folder folder;
  const std::string unused = "$Nodes\n5\n1 0 0 0\n2 1 0 0\n3 1 1 0\n4 0 1 0\n9 7 7 7\n$EndNodes\n";
  const auto mesh =
      read(folder.write("a.msh", "$Comments\nby hand\n$EndComments\n" + format_2 + unused + elements_2(triangles)));
  CHECK(mesh.num_points() == 4);
  CHECK(area(mesh) == Approx(1.0).epsilon(1e-14));
  CHECK(area(read(folder.write("B.MSH", format_2 + square_nodes + elements_2(triangles)))) ==
        Approx(1.0).epsilon(1e-14));
}

TEST_CASE("Meshes that Gmsh divided into parts are read whole, their groups too", "[gmsh]") {
  const Folder folder;
  const auto geo = folder.write("a.geo", square_geo);
  for (const double version : {2.2, 4.1}) {
    CAPTURE(version);
    save_partitioned(geo, folder.file("parts.msh"), version);
    const auto mesh = read(folder.file("parts.msh"));
    CHECK(mesh.region_names == std::vector<std::string>{"body"});
    CHECK(area(mesh) == Approx(1.0).epsilon(1e-12));
    CHECK(mesh.cell_region.size() == read(geo).cell_region.size());
    REQUIRE(mesh.sets.contains("south"));
    CHECK(set_measure(mesh, "south") == Approx(1.0).epsilon(1e-12));
    CHECK(mesh.sets.at("south").vertices.size() == read(geo).sets.at("south").vertices.size());
  }
}

TEST_CASE("Periodic meshes, binary of version 4.1 or text of version 2.2, are read", "[gmsh]") {
  const Folder folder;
  const auto geo = folder.write("a.geo", square_geo + "Periodic Curve{2} = {4} Translate{1, 0, 0};\n");
  for (const double version : {2.2, 4.1}) {
    save_with_gmsh(geo, folder.file("a.msh"), version, version > 4, 1, 2);
    CHECK(area(read(folder.file("a.msh"))) == Approx(1.0).epsilon(1e-12));
  }
}

TEST_CASE("Numbers of groups count by dimension: the set of higher dimension keeps a name", "[gmsh]") {
  const Folder folder;
  const auto mesh = read(folder.write("a.msh", format_2 + square_nodes +
                                                   elements_2(with_triangles({"15 2 1 1 1", "15 2 1 2 3", "1 2 1 1 1 2",
                                                                              "15 2 2 3 1", "1 2 2 2 3 4"}))));
  CHECK(mesh.region_names == std::vector<std::string>{"group_1"});
  CHECK(mesh.sets.at("group_1").dimension == 1);
  CHECK(set_measure(mesh, "group_1") == Approx(1.0));
  CHECK(mesh.sets.at("group_1_points").vertices == std::vector<std::int64_t>{0, 2});
  CHECK(mesh.sets.at("group_2").dimension == 1);
  CHECK(mesh.warnings.size() == 2);
}

TEST_CASE("A group called all gets another name, as the whole boundary is called so", "[gmsh]") {
  const Folder folder;
  const auto mesh = read(folder.write("a.msh", format_2 + names({"1 2 \"all\"", "2 1 \"body\""}) + square_nodes +
                                                   elements_2(with_triangles({"1 2 2 1 1 2"}))));
  CHECK_FALSE(mesh.sets.contains("all"));
  CHECK(set_measure(mesh, "all_lines") == Approx(1.0));
  REQUIRE(mesh.warnings.size() == 1);
  CHECK(has(mesh.warnings[0], "all_lines"));
}

TEST_CASE("In files of version 2 elements of one entity may be in several groups", "[gmsh]") {
  // As meshio writes them: the entity says nothing. libgmsh alone would put every line into every group.
  const Folder folder;
  const auto body = names({"1 1 \"south\"", "1 2 \"north\"", "2 3 \"low\"", "2 4 \"high\""}) + square_nodes +
                    elements_2({"1 2 1 0 1 2", "1 2 2 0 3 4", "2 2 3 0 1 2 3", "2 2 4 0 1 3 4"});
  for (const std::string entity : {"0", "1"}) {
    CAPTURE(entity);
    auto text = body;
    for (const std::string tags : {"2 1 ", "2 2 ", "2 3 ", "2 4 "})
      text.replace(text.find(tags + "0 ") + tags.size(), 1, entity);
    const auto mesh = read(folder.write("a.msh", format_2 + text));
    CHECK(mesh.region_names == std::vector<std::string>{"low", "high"});
    CHECK(mesh.cell_region == std::vector<int>{0, 1});
    CHECK(mesh.sets.at("south").vertices == std::vector<std::int64_t>{0, 1});
    CHECK(mesh.sets.at("north").vertices == std::vector<std::int64_t>{2, 3});
  }
}

TEST_CASE("Of groups that overlap the smaller one keeps its name, and the other says why it cannot be used", "[gmsh]") {
  const Folder folder;
  const auto text = names({"2 1 \"everything\"", "2 2 \"high\""}) + square_nodes;
  // Version 2 repeats an element for each of its groups.
  const auto mesh =
      read(folder.write("a.msh", format_2 + text + elements_2({"2 2 1 1 1 2 3", "2 2 1 1 1 3 4", "2 2 2 1 1 3 4"})));
  CHECK(mesh.region_names == std::vector<std::string>{"everything_rest", "high"});
  CHECK(mesh.cell_region == std::vector<int>{0, 1});
  CHECK(area(mesh) == Approx(1.0));
  REQUIRE(mesh.unusable.contains("everything"));
  CHECK(has(mesh.unusable.at("everything"), "\"high\""));
}

TEST_CASE("Cells without a group are a region of a mesh file", "[gmsh]") {
  const Folder folder;
  const auto lines = std::vector<std::string>{"1 2 1 1 1 2", "2 2 0 1 1 2 3", "2 2 0 1 1 3 4"};
  const auto mesh =
      read(folder.write("a.msh", format_2 + names({"1 1 \"domain\""}) + square_nodes + elements_2(lines)));
  CHECK(mesh.region_names == std::vector<std::string>{"domain"});
  CHECK(mesh.sets.contains("domain"));
  const auto some = read(folder.write(
      "b.msh", format_2 + names({"2 1 \"domain\""}) + square_nodes + elements_2({"2 2 1 1 1 2 3", "2 2 0 2 1 3 4"})));
  CHECK(some.region_names == std::vector<std::string>{"domain", "no_group"});
  CHECK(some.cell_region == std::vector<int>{0, 1});
}

TEST_CASE("Points and lines that no cell uses are left out of sets, with a warning", "[gmsh]") {
  const Folder folder;
  const std::string nodes = "$Nodes\n6\n1 0 0 0\n2 1 0 0\n3 1 1 0\n4 0 1 0\n5 5 0 0\n6 6 0 0\n$EndNodes\n";
  const auto mesh =
      read(folder.write("a.msh", format_2 + names({"1 1 \"side\"", "0 2 \"far\""}) + nodes +
                                     elements_2(with_triangles({"1 2 1 1 1 2", "1 2 1 2 5 6", "15 2 2 3 6"}))));
  CHECK(mesh.sets.at("side").vertices == std::vector<std::int64_t>{0, 1});
  CHECK_FALSE(mesh.sets.contains("far"));
  CHECK(mesh.unusable.contains("far"));
  REQUIRE(mesh.warnings.size() == 2);
  CHECK(has(mesh.warnings[0] + mesh.warnings[1], "\"far\""));
  CHECK(has(mesh.warnings[0] + mesh.warnings[1], "\"side\""));
}

TEST_CASE("What Gmsh cannot mesh is an error with its words, and the process goes on", "[gmsh]") {
  const Folder folder;
  const auto bowtie =
      folder.write("bowtie.geo",
                   "Point(1)={0,0,0,0.3}; Point(2)={1,1,0,0.3}; Point(3)={1,0,0,0.3}; Point(4)={0,1,0,0.3};\n"
                   "Line(1)={1,2}; Line(2)={2,3}; Line(3)={3,4}; Line(4)={4,1};\n"
                   "Curve Loop(1)={1,2,3,4}; Plane Surface(1)={1}; Physical Surface(\"body\")={1};\n");
  CHECK(has(failure(bowtie), "while meshing"));
  CHECK(area(read(folder.write("good.geo", square_geo))) == Approx(1.0));
}

TEST_CASE("Straight cells of higher order are read by their corners, curved ones are refused by their type", "[gmsh]") {
  const Folder folder;
  const auto msh = folder.file("a.msh");
  const std::string quads = "Transfinite Curve{:} = 3; Transfinite Surface{1}; Recombine Surface{1};\n";
  for (const int order : {2, 3}) {
    for (const bool recombined : {false, true}) {
      if (order == 2 && !recombined) continue;
      CAPTURE(order, recombined);
      save_with_gmsh(folder.write("a.geo", square_geo + (recombined ? quads : "")), msh, 4.1, true, order, 2);
      const auto mesh = read(msh);
      CHECK(mesh.cell == (recombined ? CellType::quadrilateral : CellType::triangle));
      CHECK(mesh.geometry_degree == 1);
      CHECK(area(mesh) == Approx(1.0).epsilon(1e-12));
      CHECK(set_measure(mesh, "south") == Approx(1.0).epsilon(1e-12));
    }
  }
  const std::string disc =
      "SetFactory(\"OpenCASCADE\"); Disk(1) = {0,0,0,1}; MeshSize{:} = 0.6; Physical Surface(\"disc\") = {1};\n";
  CHECK(has(failure(folder.write("disc.geo", "Mesh.ElementOrder = 3;\n" + disc)),
            "curved cells of type \"Triangle 10\""));
}
