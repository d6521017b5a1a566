#include <vtk_exodusII.h>

#include <array>
#include <functional>

#include "mesh_files.hpp"

namespace {

using namespace ansatz::vtk::tests;

using Places = std::vector<std::array<double, 3>>;

struct Block {
  std::string type;
  std::vector<std::vector<int>> elements;  ///< nodes, from 1
  std::string name;
};

struct Set {
  std::string name;
  std::vector<int> elements;  ///< or nodes
  std::vector<int> sides;
};

struct Exodus {
  int dimension = 2;
  Places points;
  std::vector<Block> blocks;
  std::vector<Set> side_sets, node_sets;
  int stored_bytes = 8;
};

void write(const Exodus& mesh, const std::string& path) {
  int doubles = 8, stored = mesh.stored_bytes, num_elements = 0;
  const int file = ex_create(path.c_str(), EX_CLOBBER | EX_64BIT_OFFSET, &doubles, &stored);
  REQUIRE(file >= 0);
  for (const auto& block : mesh.blocks) num_elements += static_cast<int>(block.elements.size());
  ex_put_init(file, "test", mesh.dimension, static_cast<int>(mesh.points.size()), num_elements,
              static_cast<int>(mesh.blocks.size()), static_cast<int>(mesh.node_sets.size()),
              static_cast<int>(mesh.side_sets.size()));
  std::array<std::vector<double>, 3> x;
  for (const auto& point : mesh.points) {
    for (int k = 0; k < 3; ++k) x[k].push_back(point[k]);
  }
  ex_put_coord(file, x[0].data(), x[1].data(), x[2].data());
  int id = 0;
  for (const auto& block : mesh.blocks) {
    ++id;
    std::vector<int> nodes;
    for (const auto& element : block.elements) nodes.insert(nodes.end(), element.begin(), element.end());
    ex_put_block(file, EX_ELEM_BLOCK, id, block.type.c_str(), static_cast<int>(block.elements.size()),
                 static_cast<int>(block.elements[0].size()), 0, 0, 0);
    ex_put_conn(file, EX_ELEM_BLOCK, id, nodes.data(), nullptr, nullptr);
    if (!block.name.empty()) ex_put_name(file, EX_ELEM_BLOCK, id, block.name.c_str());
  }
  const auto put_sets = [&](ex_entity_type kind, const std::vector<Set>& sets) {
    int number = 0;
    for (const auto& set : sets) {
      ++number;
      ex_put_set_param(file, kind, number, static_cast<int>(set.elements.size()), 0);
      if (!set.elements.empty())
        ex_put_set(file, kind, number, set.elements.data(), kind == EX_SIDE_SET ? set.sides.data() : nullptr);
      ex_put_name(file, kind, number, set.name.c_str());
    }
  };
  put_sets(EX_SIDE_SET, mesh.side_sets);
  put_sets(EX_NODE_SET, mesh.node_sets);
  ex_close(file);
}

RawMesh read(const Exodus& mesh) {
  const Folder folder;
  write(mesh, folder.file("a.e"));
  return read_exodus(folder.file("a.e"));
}

std::string error_of(const Exodus& mesh) {
  const Folder folder;
  write(mesh, folder.file("a.e"));
  return failure(read_exodus, folder.file("a.e"));
}

/// The unit square as two triangles, 1 2 3 and 1 3 4, of this type of element.
Exodus square(const std::string& type = "TRI3", int dimension = 2) {
  return {dimension, {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}}, {{type, {{1, 2, 3}, {1, 3, 4}}, ""}}, {}, {}};
}

Places first(const Places& places, std::size_t count) {
  return {places.begin(), places.begin() + static_cast<long>(count)};
}

/// Ends of the set's entities, sorted within each and among them.
std::vector<std::vector<std::int64_t>> entities(const RawMesh& mesh, const std::string& name) {
  REQUIRE(mesh.sets.contains(name));
  const auto& set = mesh.sets.at(name);
  std::vector<std::vector<std::int64_t>> out;
  for (std::size_t e = 0; e + 1 < set.offsets.size(); ++e) {
    out.emplace_back(set.vertices.begin() + set.offsets[e], set.vertices.begin() + set.offsets[e + 1]);
    std::ranges::sort(out.back());
  }
  std::ranges::sort(out);
  return out;
}

using Ends = std::vector<std::vector<std::int64_t>>;

// Nodes in the order of the format, figures 4-1 to 4-12 of SAND92-2137 and the tables of the Exodus library.
const Places triangle{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {.5, 0, 0}, {.5, .5, 0}, {0, .5, 0}, {1. / 3, 1. / 3, 0}};
const Places quad{{0, 0, 0},  {1, 0, 0},  {1, 1, 0},  {0, 1, 0},  {.5, 0, 0},
                  {1, .5, 0}, {.5, 1, 0}, {0, .5, 0}, {.5, .5, 0}};
constexpr double third = 1. / 3;
const Places tetra{{0, 0, 0},         {1, 0, 0},         {0, 1, 0},         {0, 0, 1},
                   {.5, 0, 0},        {.5, .5, 0},       {0, .5, 0},        {0, 0, .5},
                   {.5, 0, .5},       {0, .5, .5},       {third, third, 0}, {third, third, third},
                   {0, third, third}, {third, 0, third}, {.25, .25, .25}};
const Places hex{{0, 0, 0},   {1, 0, 0},   {1, 1, 0},   {0, 1, 0},   {0, 0, 1},   {1, 0, 1},  {1, 1, 1},
                 {0, 1, 1},   {.5, 0, 0},  {1, .5, 0},  {.5, 1, 0},  {0, .5, 0},  {0, 0, .5}, {1, 0, .5},
                 {1, 1, .5},  {0, 1, .5},  {.5, 0, 1},  {1, .5, 1},  {.5, 1, 1},  {0, .5, 1}, {.5, .5, .5},
                 {.5, .5, 0}, {.5, .5, 1}, {0, .5, .5}, {1, .5, .5}, {.5, 0, .5}, {.5, 1, .5}};

const Places wedge{{0, 0, 0},  {1, 0, 0},   {0, 1, 0},  {0, 0, 1},   {1, 0, 1},    {0, 1, 1},
                   {.5, 0, 0}, {.5, .5, 0}, {0, .5, 0}, {0, 0, .5},  {1, 0, .5},   {0, 1, .5},
                   {.5, 0, 1}, {.5, .5, 1}, {0, .5, 1}, {.5, 0, .5}, {.5, .5, .5}, {0, .5, .5}};

}  // namespace

TEST_CASE("Coordinates of Exodus files are read in double precision", "[exodus]") {
  auto mesh = square();
  for (auto& point : mesh.points) point[0] += 0.1;
  CHECK(read(mesh).points[3] == 1.1);
  mesh.stored_bytes = 4;
  CHECK(read(mesh).points[3] == static_cast<double>(1.1F));
}

TEST_CASE("Straight elements of every number of nodes are read, by the nodes that the engine has", "[exodus]") {
  struct Kind {
    std::string type;
    Places places;
    CellType cell;
    int degree;
  };
  const auto T = CellType::triangle, Q = CellType::quadrilateral, S = CellType::tetrahedron, H = CellType::hexahedron,
             W = CellType::prism;
  for (const auto& [type, places, cell, degree] : std::vector<Kind>{{"TRI", first(triangle, 3), T, 1},
                                                                    {"tri6", first(triangle, 6), T, 2},
                                                                    {"TRI7", triangle, T, 1},
                                                                    {"QUAD", first(quad, 4), Q, 1},
                                                                    {"QUAD8", first(quad, 8), Q, 1},
                                                                    {"QUAD9", quad, Q, 1},
                                                                    {"TETRA", first(tetra, 4), S, 1},
                                                                    {"TETRA10", first(tetra, 10), S, 2},
                                                                    {"TETRA14", first(tetra, 14), S, 1},
                                                                    {"TETRA15", tetra, S, 1},
                                                                    {"HEX", first(hex, 8), H, 1},
                                                                    {"HEX20", first(hex, 20), H, 1},
                                                                    {"HEX27", hex, H, 1},
                                                                    {"WEDGE", first(wedge, 6), W, 1},
                                                                    {"WEDGE15", first(wedge, 15), W, 1},
                                                                    {"WEDGE18", wedge, W, 1}}) {
    CAPTURE(type);
    std::vector<int> nodes;
    for (std::size_t i = 0; i < places.size(); ++i) nodes.push_back(static_cast<int>(i) + 1);
    const auto mesh = read({dimension(cell), places, {{type, {nodes}, ""}}, {}, {}});
    CHECK(mesh.cell == cell);
    CHECK(mesh.geometry_degree == degree);
    REQUIRE(mesh.cells.size() == static_cast<std::size_t>(num_points(cell, degree)));
    for (std::size_t i = 0; i < mesh.cells.size(); ++i) {
      for (int k = 0; k < 3; ++k) CHECK(mesh.points[3 * mesh.cells[i] + k] == places[i][k]);
    }
  }
}

TEST_CASE("Nodes on the faces of a straight tetrahedron may be in any order", "[exodus]") {
  auto places = first(tetra, 14);
  std::rotate(places.begin() + 10, places.begin() + 11, places.end());
  Exodus mesh{3, places, {{"TETRA14", {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}}, ""}}, {}, {}};
  CHECK(read(mesh).num_points() == 4);
  mesh.points[12][0] += 1e-6;
  CHECK(has(error_of(mesh), "curved cells of type TETRA14"));
}

TEST_CASE("A triangle of seven nodes with curved sides is one of six where its centre fits, or refused by its name",
          "[exodus]") {
  auto places = triangle;
  places[4] = {.6, .6, 0};
  places[6] = {third + .4 / 9, third + .4 / 9, 0};  // 4/9 of the shift of a middle is that of the centre
  Exodus mesh{2, places, {{"TRI7", {{1, 2, 3, 4, 5, 6, 7}}, ""}}, {}, {}};
  CHECK(read(mesh).geometry_degree == 2);
  mesh.points[6][0] += 1e-6;
  CHECK(has(error_of(mesh), "TRI7"));
  CHECK(has(error_of({3, first(tetra, 7), {{"TETRA", {{1, 2, 3, 4, 5, 6, 7}}, "bulk"}}, {}, {}}),
            "TETRA7 (block \"bulk\")"));
  CHECK(has(error_of({3, first(hex, 5), {{"PYRAMID", {{1, 2, 3, 4, 5}}, ""}}, {}, {}}), "PYRAMID5"));
}

TEST_CASE("The sides of a wedge are three quadrilaterals, then its triangles", "[exodus]") {
  const Exodus mesh{
      3,
      wedge,
      {{"WEDGE18", {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}}, ""}},
      {{"front", {1}, {1}}, {"slope", {1}, {2}}, {"left", {1}, {3}}, {"floor", {1}, {4}}, {"lid", {1}, {5}}},
      {}};
  const auto prism = read(mesh);
  CHECK(entities(prism, "front") == Ends{{0, 1, 3, 4}});
  CHECK(entities(prism, "slope") == Ends{{1, 2, 4, 5}});
  CHECK(entities(prism, "left") == Ends{{0, 2, 3, 5}});
  CHECK(entities(prism, "floor") == Ends{{0, 1, 2}});
  CHECK(entities(prism, "lid") == Ends{{3, 4, 5}});
}

TEST_CASE("A wedge whose second-order nodes bend it is refused by its name and a node", "[exodus]") {
  Exodus mesh{3, first(wedge, 15), {{"WEDGE15", {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}, ""}}, {}, {}};
  mesh.points[7] = {.6, .6, 0};
  CHECK(has(error_of(mesh), "curved cells of type WEDGE15 are not supported: the node at (0.6, 0.6, 0)"));
}

TEST_CASE("Sides of second-order triangles are edges", "[exodus]") {
  const Exodus mesh{
      2,
      {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {.5, 0, 0}, {1, .5, 0}, {.5, .5, 0}, {.5, 1, 0}, {0, .5, 0}},
      {{"TRI6", {{1, 2, 3, 5, 6, 7}, {1, 3, 4, 7, 8, 9}}, ""}},
      {{"bottom", {1}, {1}}, {"left", {2}, {3}}},
      {{"left", {1, 4, 9}, {}}}};
  const auto read_mesh = read(mesh);
  CHECK(entities(read_mesh, "bottom") == Ends{{0, 1}});
  CHECK(entities(read_mesh, "left") == Ends{{0, 3}});
  CHECK(read_mesh.sets.size() == 2);
  CHECK(read_mesh.warnings.empty());
}

TEST_CASE("Sides of shells come after their faces, unless they can only be meant as edges", "[exodus]") {
  auto mesh = square("TRISHELL3", 3);
  mesh.side_sets = {{"bottom", {1}, {3}}, {"left", {2}, {5}}, {"front", {1, 2}, {1, 1}}};
  auto shells = read(mesh);
  CHECK(entities(shells, "bottom") == Ends{{0, 1}});
  CHECK(entities(shells, "left") == Ends{{0, 3}});
  CHECK(has(shells.unusable.at("front"), "faces"));
  mesh.side_sets = {{"bottom", {1}, {1}}, {"right", {1}, {2}}, {"left", {2}, {3}}};
  shells = read(mesh);
  CHECK(entities(shells, "bottom") == Ends{{0, 1}});
  CHECK(entities(shells, "left") == Ends{{0, 3}});
  mesh.side_sets = {{"front", {1, 2}, {1, 1}}};  // as edges, one of them would lie inside
  CHECK(read(mesh).unusable.contains("front"));
  mesh.blocks[0].type = "TRI3";
  mesh.side_sets = {{"bottom", {1}, {1}}};
  CHECK(entities(read(mesh), "bottom") == Ends{{0, 1}});
}

TEST_CASE("Shells on solids have faces and edges as sides", "[exodus]") {
  const Exodus mesh{3,
                    first(hex, 8),
                    {{"SHELL4", {{1, 2, 3, 4}}, "skin"}, {"HEX8", {{1, 2, 3, 4, 5, 6, 7, 8}}, "bulk"}},
                    {{"face", {1}, {1}}, {"edge", {1}, {3}}, {"top", {2}, {6}}},
                    {}};
  const auto solid = read(mesh);
  CHECK(solid.region_names == std::vector<std::string>{"bulk"});
  CHECK(entities(solid, "skin") == Ends{{0, 1, 2, 3}});
  CHECK(entities(solid, "face") == Ends{{0, 1, 2, 3}});
  CHECK(entities(solid, "edge") == Ends{{0, 1}});
  CHECK(entities(solid, "top") == Ends{{4, 5, 6, 7}});
}

TEST_CASE("A side set keeps its name beside node sets of that name", "[exodus]") {
  auto mesh = square();
  mesh.side_sets = {{"left", {2}, {3}}, {"right", {1}, {2}}};
  mesh.node_sets = {{"left", {4, 1}, {}}, {"right", {3}, {}}};
  const auto sets = read(mesh);
  CHECK(entities(sets, "left") == Ends{{0, 3}});
  CHECK(entities(sets, "right") == Ends{{1, 2}});
  CHECK_FALSE(sets.sets.contains("left_points"));
  CHECK(entities(sets, "right_points") == Ends{{2}});
  REQUIRE(sets.warnings.size() == 1);
  CHECK(has(sets.warnings[0], "right_points"));
}

TEST_CASE("What is wrong with a set refuses the set, not the file", "[exodus]") {
  auto mesh = square();
  mesh.points.push_back({5, 5, 0});
  mesh.node_sets = {{"pin", {5}, {}}, {"some", {5, 1}, {}}, {"none", {}, {}}};
  mesh.side_sets = {{"beyond", {1}, {7}}, {"absent", {9}, {1}}};
  const auto sets = read(mesh);
  CHECK(entities(sets, "some") == Ends{{0}});
  CHECK(sets.sets.size() == 1);
  CHECK(has(sets.unusable.at("pin"), "corners of cells"));
  CHECK(has(sets.unusable.at("none"), "empty"));
  CHECK(has(sets.unusable.at("beyond"), "side 7 of an element of type TRI3"));
  CHECK(has(sets.unusable.at("absent"), "element 9"));
  CHECK(sets.warnings.size() == 2);
}

TEST_CASE("Element blocks of lower dimension are sets, and blocks of one name one region", "[exodus]") {
  auto mesh = square();
  mesh.blocks = {{"BAR2", {{4, 1}}, "edge"},
                 {"TRI3", {{1, 2, 3}}, "body"},
                 {"TRI", {{1, 3, 4}}, "body"},
                 {"SPHERE", {{2}}, "mass"}};
  mesh.side_sets = {{"bottom", {2}, {1}}};  // elements count over all blocks
  const auto read_mesh = read(mesh);
  CHECK(read_mesh.region_names == std::vector<std::string>{"body"});
  CHECK(entities(read_mesh, "edge") == Ends{{0, 3}});
  CHECK(entities(read_mesh, "mass") == Ends{{1}});
  CHECK(entities(read_mesh, "bottom") == Ends{{0, 1}});
}
