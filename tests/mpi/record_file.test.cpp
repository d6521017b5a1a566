// Trained models of ansaetze on disk: what is stored comes back on any number of ranks, or is refused.
#include "engine/io/state/record_file.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <limits>

#include "engine/mesh/cells/lagrange.hpp"
#include "engine/mesh/generation/box.hpp"
#include "tests/io_support.hpp"

using namespace ansatz;
using Catch::Matchers::Contains;

namespace {

/// Two fields, one of them with two components, on an interval: with four ranks some have no unknowns.
struct Line {
  Line(const base::Communicator& of, int cells)
      : comm(of),
        mesh(mesh::box(comm, {{}, {1.0}, {cells}, mesh::CellType::interval, {}, {}})),
        dofs(mesh, {{"displacement", 2, std::make_shared<const mesh::NodeMap>(mesh::lagrange_node_map(mesh, 1))},
                    {"temperature", 1, std::make_shared<const mesh::NodeMap>(mesh::lagrange_node_map(mesh, 1))}}) {}

  /// Numbers that tell node, field, component and vector, the same on any number of ranks.
  std::vector<double> vector(int of) const {
    std::vector<double> out(static_cast<std::size_t>(dofs.num_owned()));
    for (int f = 0; f < dofs.num_fields(); ++f) {
      const auto& nodes = *dofs.fields()[f].nodes;
      for (std::int32_t n = 0; n < nodes.num_owned; ++n) {
        for (int c = 0; c < dofs.fields()[f].components; ++c)
          out[dofs.node_dofs(f)[n] + c] = 1000.0 * of + 100.0 * f + 10.0 * c + double(nodes.keys[n].low);
      }
    }
    return out;
  }

  base::Communicator comm;
  mesh::Mesh mesh;
  fem::DofMap dofs;
};

io::StoredRecord example(const Line& line) {
  io::StoredRecord stored{"mine", "of a problem\n", {}};
  auto& record = stored.record;
  record.attributes = {{"optimiser", "none"}, {"remark", ""}};
  record.set_number("sum", 0.1);
  record.set_numbers("list", {1.0, -0.0, 1e-300});
  record.arrays["matrix"] = {{2, 3}, {1, 2, 3, 4, 5, 6}};
  record.arrays["cube"] = {{1, 2, 2}, {1, 2, 3, 4}};
  record.arrays["nothing"] = {{0}, {}};
  record.vectors["basis"] = {line.vector(0), line.vector(1)};
  record.vectors["a mean of all"] = {line.vector(2)};
  record.vectors["none"] = {};
  return stored;
}

}  // namespace

TEST_CASE("A model comes back as it was, from any number of ranks to any", "[io][mpi]") {
  const base::Communicator world(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const Line line(world, 2), alone(self, 2);
  const test::TemporaryFolder folder(world);
  io::write_record(folder.file("model.h5"), example(line), line.dofs);
  CHECK(io::is_record(folder.file("model.h5")));
  for (const auto* reader : {&line, &alone}) {
    const auto wanted = example(*reader);
    const auto stored = io::read_record(folder.file("model.h5"), reader->dofs);
    CHECK(stored.ansatz == wanted.ansatz);
    CHECK(stored.fingerprint == wanted.fingerprint);
    CHECK(stored.record.attributes == wanted.record.attributes);
    CHECK(stored.record.arrays == wanted.record.arrays);
    CHECK(stored.record.vectors == wanted.record.vectors);
  }
}

TEST_CASE("A model of another mesh, a damaged one and one that is not finite are refused on all ranks", "[io][mpi]") {
  const base::Communicator world(MPI_COMM_WORLD);
  const Line line(world, 3), finer(world, 5);
  const test::TemporaryFolder folder(world);
  const auto path = folder.file("model.h5");
  io::write_record(path, example(line), line.dofs);
  CHECK_THROWS_WITH(io::read_record(path, finer.dofs), Contains("has no value at point"));
  auto wrong = example(line);
  wrong.record.vectors["basis"][0].push_back(1.0);
  CHECK_THROWS_WITH(io::write_record(path, wrong, line.dofs), Contains("\"basis\"") && Contains("unknowns"));
  wrong = example(line);
  wrong.record.arrays["matrix"].values[4] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(io::write_record(path, wrong, line.dofs), Contains("not finite in matrix"));
  CHECK(io::read_record(path, line.dofs).record.arrays == example(line).record.arrays);  // the old one is still there
  base::agree(world, [&] {
    if (!world.is_root()) return;
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(3000);
    file.put('x');
  });
  CHECK_THROWS_WITH(io::read_record(path, line.dofs), Contains("checksum") || Contains("damaged"));
}

TEST_CASE("What a model lacks is named", "[sdk]") {
  sdk::Record record;
  record.set_numbers("weights", {1.0, 2.0});
  CHECK(record.array("weights", {2}).values == std::vector<double>{1.0, 2.0});
  CHECK_THROWS_WITH(record.array("weights", {3}), Contains("(2)") && Contains("not (3)"));
  CHECK_THROWS_WITH(record.array("biases", {-1}), Contains("no array \"biases\""));
  CHECK_THROWS_WITH(record.attribute("seed"), Contains("no attribute \"seed\""));
  CHECK_THROWS_WITH(record.list("basis"), Contains("no list of vectors \"basis\""));
  CHECK_THROWS_WITH(record.number("weights"), Contains("shape"));
}
