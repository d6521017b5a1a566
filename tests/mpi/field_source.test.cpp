#include "engine/io/fields/field_source.hpp"

#include <catch2/catch.hpp>
#include <cstring>

#include "engine/fem/evaluation/visual_sampler.hpp"
#include "engine/io/hdf5/keyed_rows.hpp"
#include "engine/io/visualisation/visual_writer.hpp"
#include "tests/io_support.hpp"
#include "tests/mpi/mesh_boxes.hpp"
#include "tests/support/cells.hpp"
#include "tests/support/curved_mesh.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

using Function = std::function<double(const Vector3&)>;

/// A polynomial of total degree 1 or 2 in the coordinates of the space.
double polynomial(int degree, const Vector3& x) {
  const double linear = 0.3 + x[0] - 2.0 * x[1] + 0.5 * x[2];
  return degree == 1 ? linear : linear + x[0] * x[0] - 0.7 * x[0] * x[1] + x[1] * x[2] + 0.1 * x[2] * x[2];
}

mesh::NodeMap nodes_of(const mesh::Mesh& mesh, int degree) { return mesh::lagrange_node_map(mesh, degree); }

Vector3 place(const std::vector<double>& x, int dim, std::size_t node) {
  Vector3 at{};
  std::copy_n(x.data() + node * dim, dim, at.begin());
  return at;
}

/// Writes a scalar "u" and a vector "v" = (0, u, 2 u) at the nodes of a degree. *Collective.*
void write(const std::string& folder, const std::string& layout, const mesh::Mesh& mesh, int degree,
           const Function& u) {
  const auto nodes = std::make_shared<mesh::NodeMap>(nodes_of(mesh, degree));
  const fem::VisualSampler sampler(mesh, nodes);
  const auto writer = io::make_visual_writer(layout, mesh.comm, {folder, "fields", {}});
  writer->set_mesh(sampler.mesh());
  std::vector<double> scalar, vector;
  for (std::int64_t p = 0; p < sampler.mesh().num_points(); ++p) {
    const double value =
        u({sampler.mesh().points[3 * p], sampler.mesh().points[3 * p + 1], sampler.mesh().points[3 * p + 2]});
    scalar.push_back(value);
    vector.insert(vector.end(), {0.0, value, 2.0 * value});
  }
  const sdk::VisualField fields[] = {{"u", "K", sdk::VisualLocation::points, 1, scalar},
                                     {"v", "m/s", sdk::VisualLocation::points, 3, vector}};
  writer->write_step(0.0, fields);
}

/// The owned nodes of a mesh.
io::FieldPoints points_of(const mesh::Mesh& mesh, const mesh::NodeMap& nodes) {
  auto x = fem::node_coordinates(mesh, nodes);
  x.resize(std::size_t(nodes.num_owned) * mesh.dim);
  return {mesh.dim, std::move(x), io::owned_keys(nodes), std::vector<double>(nodes.num_owned, 0.01)};
}

mesh::Mesh box(const base::Communicator& comm, mesh::CellType cell, int cells, double size = 1.0) {
  const int dim = mesh::topology(cell).dim;
  mesh::BoxOptions options{{},   std::vector<double>(dim, size), std::vector<int>(dim, cells),
                           cell, mesh::BoxPattern::right,        {}};
  return mesh::box(comm, options);
}

const auto cell_types = tests::all_cells();

}  // namespace

TEST_CASE("A field is interpolated from every type of cell and both orders onto any mesh of the dimension",
          "[io][data]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto cell : cell_types) {
    for (const int degree : {1, 2}) {
      INFO(mesh::topology(cell).name << ", order " << degree);
      const TemporaryFolder folder(comm);
      const auto from = box(comm, cell, 3);
      write(folder.path(), "series", from, degree, [&](const Vector3& x) { return polynomial(degree, x); });
      const io::FieldSource source(comm, folder.file("fields.hdf.series"), "v", {}, nullptr);
      CHECK(source.components() == 3);
      for (const auto other : cell_types) {
        if (mesh::topology(other).dim != from.dim) continue;
        const auto to = box(comm, other, 4);
        const auto nodes = nodes_of(to, 2);
        const auto points = points_of(to, nodes);
        const auto values = source.at(points);
        REQUIRE(values.size() == std::size_t(nodes.num_owned) * 3);
        double error = 0.0;
        for (std::int32_t n = 0; n < nodes.num_owned; ++n) {
          const double u = polynomial(degree, place(points.positions, to.dim, n));
          error = std::max(
              {error, std::abs(values[3 * n]), std::abs(values[3 * n + 1] - u), std::abs(values[3 * n + 2] - 2 * u)});
        }
        CHECK(comm.max(error) < 1e-12);
      }
    }
  }
}

TEST_CASE("Second-order cells that are curved give what they interpolate, inside and on their border", "[io][data]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const auto bend = [](const Vector3& x) {
    return Vector3{x[0] + 0.2 * x[1] * (1 - x[1]), x[1] - 0.15 * x[0] * (1 - x[0]), x[2]};
  };
  for (const auto cell : {mesh::CellType::triangle, mesh::CellType::tetrahedron}) {
    INFO(mesh::topology(cell).name);
    const TemporaryFolder folder(comm);
    const auto from = curved(box(comm, cell, 2), bend);
    // Coordinates are in the space of isoparametric cells, so this is exact.
    write(folder.path(), "single", from, 2, [](const Vector3& x) { return polynomial(1, x); });
    const io::FieldSource source(comm, folder.file("fields.vtkhdf"), "u", {}, nullptr);
    auto to = box(comm, cell, 4);
    const auto refined = nodes_of(to, 1);
    // Nodes of the refined lattice through the cells' own maps: the same places as those of the coarse second-order
    // cells.
    const auto coarse = nodes_of(from, 2);
    const auto points = points_of(from, coarse);
    const auto values = source.at(points);
    for (std::int32_t n = 0; n < coarse.num_owned; ++n) {
      CHECK(values[n] == Approx(polynomial(1, place(points.positions, from.dim, n))).epsilon(1e-13));
    }
    auto inside = points_of(to, refined);
    for (auto& x : inside.positions) x = 0.3 + 0.4 * x;
    const auto there = source.at(inside);
    for (std::int32_t n = 0; n < refined.num_owned; ++n) {
      CHECK(there[n] == Approx(polynomial(1, place(inside.positions, to.dim, n))).epsilon(1e-12).margin(1e-12));
    }
  }
}

TEST_CASE("On an equal mesh, and where points are nodes of the file, values are the file's bit by bit", "[io][data]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const auto u = [](const Vector3& x) { return std::sin(10.0 * x[0] + x[1]); };
  const auto mesh = box(comm, mesh::CellType::quadrilateral, 5);
  write(folder.path(), "series", mesh, 2, u);
  const io::FieldSource source(comm, folder.file("fields.hdf.series"), "u", {}, nullptr);
  for (const int degree : {1, 2}) {
    const auto nodes = nodes_of(mesh, degree);
    auto points = points_of(mesh, nodes);
    const auto by_key = source.at(points);
    for (auto& key : points.keys) key += 1000000;  // nodes that the file does not know: all are found by position
    const auto by_position = source.at(points);
    CHECK(std::memcmp(by_key.data(), by_position.data(), by_key.size() * sizeof(double)) == 0);
    for (std::int32_t n = 0; n < nodes.num_owned; ++n) {
      CHECK(by_key[n] == Approx(u(place(points.positions, 2, n))).epsilon(1e-14).margin(1e-15));
    }
  }
}

TEST_CASE("A point outside of the file's mesh is refused with the first one, on all ranks", "[io][data]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  write(folder.path(), "series", box(comm, mesh::CellType::triangle, 3), 1, [](const Vector3& x) { return x[0]; });
  const io::FieldSource source(comm, folder.file("fields.hdf.series"), "u", {}, nullptr);
  const auto ask = [&](double size) {
    const auto to = box(comm, mesh::CellType::quadrilateral, 4, size);
    return source.at(points_of(to, nodes_of(to, 1)));
  };
  CHECK_NOTHROW(ask(1.0 + 1e-12));
  const sdk::Error error = error_of([&] { ask(1.25); }).value();
  CHECK(error.kind() == sdk::ErrorKind::state);
  CHECK(std::string(error.what()) ==
        "9 of the 25 points of this mesh lie outside of the mesh in the file; the first is (0, 1.25)");
  CHECK(error.hint() == "values are taken by position; the file's mesh lies between (0, 0) and (1, 1)");
  CHECK(error_of([&] { ask(1.0 + 1e-5); }).value().kind() == sdk::ErrorKind::state);
  const auto line = box(comm, mesh::CellType::interval, 3);
  CHECK(std::string(error_of([&] { source.at(points_of(line, nodes_of(line, 1))); })->what()) ==
        "the file has cells of dimension 2, but the mesh has dimension 1");
}

TEST_CASE("Places and values of a periodic mesh of a nanometre, and more ranks than cells, are found", "[io][data]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const double nano = 1e-9;
  const auto u = [&](const Vector3& x) { return std::cos(2 * M_PI * x[0] / nano) + x[1] / nano; };
  const std::vector<int> cells{4, 1};
  using mesh::BoxPattern, mesh::CellType;
  write(folder.path(), "series",
        mesh::box(comm, {{}, {nano, nano}, cells, CellType::quadrilateral, BoxPattern::right, {true, false}}), 1, u);
  const io::FieldSource source(comm, folder.file("fields.hdf.series"), "u", {}, nullptr);
  const auto to = mesh::box(comm, {{}, {nano, nano}, {4, 4}, CellType::triangle, BoxPattern::right, {}});
  const auto nodes = nodes_of(to, 1);
  auto points = points_of(to, nodes);
  points.cell_sizes.assign(nodes.num_owned, nano / 4);
  const auto values = source.at(points);
  for (std::int32_t n = 0; n < nodes.num_owned; ++n) {
    CHECK(values[n] == Approx(u(place(points.positions, 2, n))).margin(1e-12));
  }
  const TemporaryFolder small(comm);
  write(small.path(), "series", box(comm, mesh::CellType::interval, 1), 1,
        [](const Vector3& x) { return 1 + 2 * x[0]; });
  const io::FieldSource one(comm, small.file("fields.hdf.series"), "u", {}, nullptr);
  const auto line = box(comm, mesh::CellType::interval, 2);
  const auto on_line = points_of(line, nodes_of(line, 1));
  const auto found = one.at(on_line);
  for (std::size_t n = 0; n < found.size(); ++n) CHECK(found[n] == Approx(1 + 2 * on_line.positions[n]).epsilon(1e-14));
}

TEST_CASE("Where a field has two values by position, it is refused; by the keys of its nodes it is not", "[io][data]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  // Two squares that share the line x = 1 but no points, each on a rank of its own where there are two.
  sdk::VisualMesh mesh;
  std::vector<double> values;
  for (const int part : {0, 1}) {
    if (comm.size() > 1 ? comm.rank() != part : false) continue;
    for (int p = 0; p < 4; ++p) {
      mesh.points.insert(mesh.points.end(), {part + double(p == 1 || p == 2), double(p > 1), 0.0});
      mesh.point_keys.insert(mesh.point_keys.end(), {4 * part + p, 4 * part + p});
      mesh.connectivity.push_back(std::int64_t(mesh.points.size() / 3) - 1);
      values.push_back(part);
    }
    mesh.offsets.push_back(std::int64_t(mesh.connectivity.size()));
    mesh.types.push_back(9);
    mesh.cell_ids.push_back(part);
  }
  const auto writer = io::make_visual_writer("series", comm, {folder.path(), "fields", {}});
  writer->set_mesh(mesh);
  const sdk::VisualField field{"u", "K", sdk::VisualLocation::points, 1, values};
  writer->write_step(0.0, {&field, 1});
  const io::FieldSource source(comm, folder.file("fields.hdf.series"), "u", {}, nullptr);
  io::FieldPoints points{2, {0.5, 0.5, 1.0, 0.25}, {100, 100, 101, 101}, {1.0, 1.0}};
  CHECK(std::string(error_of([&] { source.at(points); })->what()).find("several values at") != std::string::npos);
  points = {2, {1.0, 0.0, 1.0, 0.0}, {1, 1, 4, 4}, {1.0, 1.0}};
  CHECK(source.at(points) == std::vector{0.0, 1.0});
}
