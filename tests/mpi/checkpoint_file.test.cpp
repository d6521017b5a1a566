// Checkpoint files: what they hold comes back with its length, and they are on the disk before they get their name.
#include "engine/io/state/checkpoint_file.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <regex>

#include "engine/mesh/cells/lagrange.hpp"
#include "engine/mesh/generation/box.hpp"
#include "tests/io_support.hpp"

using namespace ansatz;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> calls;  // of the two functions below

}  // namespace

// In place of the C library's: they record what they are called for.
extern "C" int fsync(int file) {
  char name[4096];
  const auto length = readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), name, sizeof name);
  calls.push_back("flush " +
                  std::filesystem::path(std::string(name, std::max<ssize_t>(length, 0))).filename().string());
  return static_cast<int>(syscall(SYS_fsync, file));
}
extern "C" int rename(const char* from, const char* to) noexcept {
  calls.push_back("rename " + std::filesystem::path(to).filename().string());
  return static_cast<int>(syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}

namespace {

/// Linear elements on an interval of a few cells: with four ranks some have no unknowns.
struct Line {
  explicit Line(int cells)
      : mesh(mesh::box(comm, {{}, {1.0}, {cells}, mesh::CellType::interval, {}, {}})),
        dofs(mesh, {{"temperature", 1, std::make_shared<const mesh::NodeMap>(mesh::lagrange_node_map(mesh, 1))}}) {}

  /// One number a node, the same on any number of ranks.
  std::vector<double> values() const {
    std::vector<double> out;
    for (std::int32_t n = 0; n < dofs.num_owned(); ++n)
      out.push_back(0.5 + static_cast<double>(dofs.fields()[0].nodes->keys[n].low));
    return out;
  }

  base::Communicator comm{MPI_COMM_WORLD};
  mesh::Mesh mesh;
  fem::DofMap dofs;
};

}  // namespace

TEST_CASE("A checkpoint is on the disk before it gets its name, and then its name is", "[io][mpi]") {
  const Line line(2);
  const test::TemporaryFolder folder(line.comm);
  io::CheckpointWriter writer(line.comm, &line.dofs);
  auto values = line.values();
  writer.unknowns("state", values);
  calls.clear();
  writer.commit(folder.file("checkpoint.h5"), {"a problem", 0.5, 7, line.comm.size()});
  for (auto& call : calls) call = std::regex_replace(call, std::regex("h5[.].*[.][0-9]+[.]tmp"), "h5.tmp");
  const std::string flush = "flush checkpoint.h5.tmp";
  if (!line.comm.is_root()) {
    CHECK(calls == std::vector<std::string>(values.empty() ? 0 : 1, flush));
    return;
  }
  REQUIRE(calls.size() >= 3);
  const std::vector<std::string> last(calls.end() - 3, calls.end());
  const auto name = std::filesystem::path(folder.path()).filename().string();
  CHECK(last == std::vector<std::string>{flush, "rename checkpoint.h5", "flush " + name});
}

TEST_CASE("Values of a checkpoint come back on every rank, and never with another length", "[io][mpi]") {
  const Line line(2);
  const test::TemporaryFolder folder(line.comm);
  const auto path = folder.file("checkpoint.h5");
  for (const bool distributed : {true, false}) {
    const auto* dofs = distributed ? &line.dofs : nullptr;
    CAPTURE(distributed);
    const auto values = distributed ? line.values() : std::vector<double>{1.0, 2.0, 3.0};
    io::CheckpointWriter writer(line.comm, dofs);
    auto stored = values;
    std::vector<double> none;
    writer.unknowns("state", stored);
    writer.unknowns("nothing", none);
    writer.commit(path, {"a problem", 0.5, 7, line.comm.size()});
    io::CheckpointReader reader(line.comm, dofs, path);
    CHECK(reader.info().step == 7);
    for (auto read : {std::vector<double>(), std::vector<double>(values.size())}) {
      reader.unknowns("state", read);
      CHECK(read == values);
    }
    std::vector<double> wanted(values.size()), empty;
    reader.unknowns("nothing", empty);
    CHECK(empty.empty());
    const auto lost = test::error_of([&] { reader.unknowns("nothing", wanted); });
    REQUIRE(lost);
    CHECK(lost->kind() == sdk::ErrorKind::state);
    CHECK_THAT(lost->where(), Contains(path));
    CHECK_THAT(lost->what(), Contains("nothing"));
    if (distributed) continue;
    std::vector<double> two(2);
    const auto longer = test::error_of([&] { reader.unknowns("state", two); });
    REQUIRE(longer);
    CHECK(longer->kind() == sdk::ErrorKind::state);
    CHECK_THAT(longer->report(), Contains(path) && Contains("\"state\" has 3 values for 2 unknowns"));
  }
}

TEST_CASE("A checkpoint of another mesh is an error with its name", "[io][mpi]") {
  const Line line(3), other(4);
  const test::TemporaryFolder folder(line.comm);
  io::CheckpointWriter writer(line.comm, &line.dofs);
  auto values = line.values();
  writer.unknowns("state", values);
  writer.commit(folder.file("checkpoint.h5"), {"a problem", 0.5, 7, line.comm.size()});
  io::CheckpointReader reader(line.comm, &other.dofs, folder.file("checkpoint.h5"));
  const auto error = test::error_of([&] { reader.unknowns("state", values); });
  REQUIRE(error);
  CHECK(error->kind() == sdk::ErrorKind::state);
  CHECK_THAT(error->where(), Contains("checkpoint.h5"));
}

TEST_CASE("Rows of cells and words of 64 bits come back, also where the cells are on other ranks than before",
          "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const test::TemporaryFolder folder(comm);
  const auto path = folder.file("checkpoint.h5");
  constexpr int num_cells = 7;
  const auto cells_of = [&](int factor) {  // in no order
    std::vector<std::int64_t> cells;
    for (int k = 0; k < num_cells; ++k) {
      const int cell = (3 * k + 2) % num_cells;
      if (factor * cell % num_cells % comm.size() == comm.rank()) cells.push_back(100 + cell);
    }
    return cells;
  };
  const auto rows_of = [](std::int64_t cell) { return static_cast<int>(cell % 4); };  // some cells have none
  const auto before = cells_of(1), after = cells_of(5);
  std::vector<std::int64_t> cells;
  std::vector<double> values;
  for (int number = 0; number < 4; ++number) {  // rows of one cell are not next to each other
    for (const auto cell : before) {
      if (number >= rows_of(cell)) continue;
      cells.push_back(cell);
      values.insert(values.end(), {double(cell), 10.0 + number, 0.1 * double(cell) + number});
    }
  }
  std::vector<std::uint64_t> words{0, 1, ~std::uint64_t{0}, 0x9e3779b97f4a7c15u, std::uint64_t{1} << 53};
  const auto stored_words = words;
  io::CheckpointWriter writer(comm, nullptr);
  writer.rows("population", before, cells, values, 3);
  writer.words("stream", words);
  writer.commit(path, {"a problem", 0.5, 7, comm.size()});

  io::CheckpointReader reader(comm, nullptr, path);
  words.assign(1, 5);
  reader.words("stream", words);
  CHECK(words == stored_words);
  reader.rows("population", after, cells, values, 3);
  std::vector<std::int64_t> expected_cells;
  std::vector<double> expected;
  for (const auto cell : after) {
    for (int number = 0; number < rows_of(cell); ++number) {
      expected_cells.push_back(cell);
      expected.insert(expected.end(), {double(cell), 10.0 + number, 0.1 * double(cell) + number});
    }
  }
  CHECK(cells == expected_cells);
  CHECK(values == expected);
  std::vector<std::int64_t> fewer;  // cell 101 has a row, and is on no rank
  for (const auto cell : after) {
    if (cell != 101) fewer.push_back(cell);
  }
  const auto lost = test::error_of([&] { reader.rows("population", fewer, cells, values, 3); });
  REQUIRE(lost);
  CHECK_THAT(lost->report(), Contains("the file has rows of cell 101"));
  const auto missing = test::error_of([&] { reader.rows("nothing", after, cells, values, 3); });
  REQUIRE(missing);
  CHECK_THAT(missing->report(), Contains("the checkpoint has no \"nothing\"") && Contains(path));
  const auto narrow = test::error_of([&] { reader.rows("population", after, cells, values, 2); });
  REQUIRE(narrow);
  CHECK(narrow->kind() == sdk::ErrorKind::state);
  std::vector<double> halves{0.5, 1.0};
  io::CheckpointWriter damaged(comm, nullptr);
  damaged.numbers("stream", halves);
  damaged.commit(path, {"a problem", 0.5, 7, comm.size()});
  io::CheckpointReader again(comm, nullptr, path);
  const auto no_words = test::error_of([&] { again.words("stream", words); });
  REQUIRE(no_words);
  CHECK_THAT(no_words->report(), Contains("stream is not a list of words"));
}
