#include <catch2/catch.hpp>

#include "engine/mesh/generation/box.hpp"
#include "engine/mesh/generation/lattice.hpp"

using namespace ansatz;
using namespace ansatz::mesh;

TEST_CASE("Blocks of a lattice have little surface and never outnumber ranks or cells", "[mesh]") {
  CHECK(choose_blocks(1, {78, 78, 78}) == Triple{1, 1, 1});
  CHECK(choose_blocks(2, {78, 78, 78}) == Triple{1, 1, 2});
  CHECK(choose_blocks(4, {100, 100, 1}) == Triple{2, 2, 1});
  CHECK(choose_blocks(8, {78, 78, 78}) == Triple{2, 2, 2});
  CHECK(choose_blocks(4, {1000, 10, 1}) == Triple{4, 1, 1});
  CHECK(choose_blocks(3, {5, 1, 1}) == Triple{3, 1, 1});
  CHECK(choose_blocks(7, {2, 2, 1}) == Triple{2, 2, 1});
  CHECK(choose_blocks(100, {3, 3, 3}) == Triple{3, 3, 3});
}

TEST_CASE("Blocks cover the lattice once and agree on who owns a cell", "[mesh]") {
  const Triple cells{7, 5, 3};
  for (const bool periodic : {false, true}) {
    const Triple blocks{3, 2, 2};
    std::vector<int> count(105, 0);
    for (int rank = 0; rank < 14; ++rank) {
      const Lattice lattice(3, cells, {periodic, periodic, periodic}, blocks, rank);
      lattice.for_owned([&](const Triple& at) {
        ++count[lattice.cell_id(at)];
        CHECK(lattice.owner(at) == rank);
      });
      lattice.for_ghosts([&](const Triple& at) { CHECK(lattice.owner(at) != rank); });
      if (rank >= 12) CHECK(lattice.num_owned_cells() == 0);
    }
    CHECK(count == std::vector<int>(105, 1));
  }
}

TEST_CASE("A box with wrong numbers is refused before anything is built", "[mesh]") {
  const base::Communicator comm(MPI_COMM_SELF);
  const BoxOptions good{{}, {1.0, 2.0}, {3, 4}, CellType::triangle, BoxPattern::right, {}};
  CHECK(box(comm, good).num_cells() == 24);
  const auto refused = [&](auto change) {
    auto options = good;
    change(options);
    try {
      box(comm, options);
    } catch (const sdk::Error& error) {
      return error.kind() == sdk::ErrorKind::mesh;
    }
    return false;
  };
  CHECK(refused([](BoxOptions& o) { o.cells = {3}; }));
  CHECK(refused([](BoxOptions& o) { o.size = {1.0, 1.0, 1.0}; }));
  CHECK(refused([](BoxOptions& o) { o.size[1] = 0.0; }));
  CHECK(refused([](BoxOptions& o) { o.size[0] = std::numeric_limits<double>::quiet_NaN(); }));
  CHECK(refused([](BoxOptions& o) { o.cells[0] = 0; }));
  CHECK(refused([](BoxOptions& o) { o.origin = {1.0}; }));
  CHECK(refused([](BoxOptions& o) { o.periodic = {true}; }));
  CHECK(refused([](BoxOptions& o) {
    o.periodic = {true, false};
    o.cells[0] = 2;
  }));
  CHECK(refused([](BoxOptions& o) { o.cells = {100000, 100000}; }));
}
