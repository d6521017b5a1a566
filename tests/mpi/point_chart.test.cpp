#include "engine/io/charts/point_chart.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/mesh/generation/box.hpp"
#include "tests/io_support.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

struct Summary {
  std::size_t count = 0;
  double length = 0.0;
};

Summary summary(const std::vector<double>& edges) {
  Summary out{edges.size() / 6, 0.0};
  for (std::size_t i = 0; i < edges.size(); i += 6) {
    out.length += std::hypot(edges[i + 3] - edges[i], edges[i + 4] - edges[i + 1], edges[i + 5] - edges[i + 2]);
  }
  return out;
}

mesh::Mesh box(std::vector<double> size, std::vector<int> cells, mesh::CellType cell) {
  mesh::BoxOptions options;
  options.size = std::move(size);
  options.cells = std::move(cells);
  options.cell = cell;
  return mesh::box(base::Communicator(MPI_COMM_WORLD), options);
}

}  // namespace

TEST_CASE("The outline of a mesh is that of its boundary, on any number of ranks", "[io][mpi]") {
  const auto square = summary(io::outline(box({2.0, 1.0}, {4, 3}, mesh::CellType::triangle)));
  CHECK(square.count == 14);
  CHECK(square.length == Approx(6.0).epsilon(1e-14));
  // Each of the 2 (4 + 4 + 4) squares has four edges, and each edge belongs to two of them.
  const auto cube = summary(io::outline(box({1.0, 1.0, 1.0}, {2, 2, 2}, mesh::CellType::hexahedron)));
  CHECK(cube.count == 24 * 4);
  CHECK(cube.length == Approx(48.0).epsilon(1e-14));
  const auto line = summary(io::outline(box({3.0}, {5}, mesh::CellType::interval)));
  CHECK(line.count == 5);
  CHECK(line.length == Approx(3.0).epsilon(1e-14));
}

TEST_CASE("A picture of points keeps their places in proportion and numbers them in order", "[io][mpi]") {
  const auto mesh = box({2.0, 1.0}, {4, 3}, mesh::CellType::triangle);
  const auto edges = io::outline(mesh);
  const auto text = io::point_svg("a < b", edges, {{"first", {0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 1.0, 0.5, 0.0}}});
  CHECK(text.find("a &lt; b") != std::string::npos);
  // 700 pixels for 2 m: the lower left corner is at (50, 50 + 350), the lower right one at (750, 400), the centre
  // between.
  CHECK(text.find("cx=\"50.00\" cy=\"400.00\"") < text.find("cx=\"750.00\" cy=\"400.00\""));
  CHECK(text.find("cx=\"750.00\" cy=\"400.00\"") < text.find("cx=\"400.00\" cy=\"225.00\""));
  CHECK(text.find("cx=\"400.00\" cy=\"225.00\" r=\"4\"/><text x=\"405.00\" y=\"225.00\">3</text>") !=
        std::string::npos);

  const TemporaryFolder folder(mesh.comm);
  io::write_point_chart(mesh, folder.file("points.svg"), "title", {{"none", {}}});
  CHECK(file_text(folder.file("points.svg")).find("</svg>") != std::string::npos);
  const auto error = error_of([&] { io::write_point_chart(mesh, folder.file("missing/points.svg"), "title", {}); });
  CHECK((error && error->kind() == sdk::ErrorKind::output));
}
