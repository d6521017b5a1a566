#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "engine/mesh/topology/nodes.hpp"
#include "tests/mpi/mesh_boxes.hpp"

using namespace ansatz;
using namespace ansatz::mesh;
using namespace ansatz::mesh::test;

namespace {

std::int32_t node(const NodeMap& map, std::int32_t cell, int k) {
  return map.cell_nodes[std::size_t(cell) * map.nodes_per_cell + k];
}

/// Global number of a local node.
std::int64_t global(const NodeMap& map, std::int32_t node) {
  return node < map.num_owned ? map.first_global + node : map.ghost_global[node - map.num_owned];
}

/// Lattice coordinates of a point times 4: whole numbers at nodes, also in the middle of half diagonals. Periodic
/// directions are wrapped.
std::array<int, 3> quarter_lattice(const BoxOptions& options, const Vector& x) {
  std::array<int, 3> position{};
  for (std::size_t d = 0; d < options.cells.size(); ++d) {
    const double origin = options.origin.empty() ? 0.0 : options.origin[d];
    position[d] = static_cast<int>(std::lround(4.0 * options.cells[d] * (x[d] - origin) / options.size[d]));
    if (is_periodic(options, d)) position[d] %= 4 * options.cells[d];
  }
  return position;
}

/// A node as one cell sees it.
struct Record {
  std::int64_t number, low, high;
  std::array<int, 3> place;
  auto tie() const { return std::tie(number, low, high, place); }
  bool operator<(const Record& other) const { return tie() < other.tie(); }
  bool operator==(const Record& other) const { return tie() == other.tie(); }
};

}  // namespace

TEST_CASE("Node counts are those of the lattice's entities, and ranks share them without gap", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& options : boxes()) {
    INFO(name(options));
    const auto mesh = box(comm, options);
    for (const int degree : {1, 2}) {
      const auto map = lagrange_node_map(mesh, degree);
      CHECK(map.degree == degree);
      CHECK(map.num_global == (degree == 1 ? expected_vertices(options) : expected_second_order_nodes(options)));
      CHECK(comm.sum(std::int64_t{map.num_owned}) == map.num_global);
      CHECK(comm.exclusive_scan(std::int64_t{map.num_owned}) == map.first_global);
      CHECK(map.keys.size() == std::size_t(map.num_local()));
      CHECK(map.cell_nodes.size() == std::size_t(mesh.num_cells()) * map.nodes_per_cell);
      const std::set<std::int32_t> used(map.cell_nodes.begin(), map.cell_nodes.end());
      CHECK(used.size() == std::size_t(map.num_local()));
      if (!used.empty()) CHECK((*used.begin() == 0 && *used.rbegin() == map.num_local() - 1));
    }
  }
}

TEST_CASE("Nodes are the same wherever cells meet: one place, one number, one key", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& options : boxes()) {
    INFO(name(options));
    const auto mesh = box(comm, options);
    for (const int degree : {1, 2}) {
      const auto map = lagrange_node_map(mesh, degree);
      const auto nodes = lagrange_nodes(mesh.cell, degree);
      std::vector<Record> records;
      for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
        for (int k = 0; k < map.nodes_per_cell; ++k) {
          const auto n = node(map, c, k);
          const auto place = quarter_lattice(options, image(mesh, c, nodes[k].reference));
          records.push_back({global(map, n), map.keys[n].low, map.keys[n].high, place});
        }
      }
      std::sort(records.begin(), records.end());
      records.erase(std::unique(records.begin(), records.end()), records.end());
      auto all = comm.gather_all(std::span<const Record>(records));
      std::sort(all.begin(), all.end());
      all.erase(std::unique(all.begin(), all.end()), all.end());
      std::set<std::array<int, 3>> places;
      std::set<NodeKey> keys;
      for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(all[i].number == std::int64_t(i));
        places.insert(all[i].place);
        keys.insert({all[i].low, all[i].high});
      }
      CHECK(std::int64_t(all.size()) == map.num_global);
      CHECK(places.size() == all.size());
      CHECK(keys.size() == all.size());
    }
  }
}

TEST_CASE("A node belongs to the lowest rank whose cells touch it, and ghosts know where it is", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& options : boxes()) {
    INFO(name(options));
    const auto mesh = box(comm, options);
    for (const int degree : {1, 2}) {
      const auto map = lagrange_node_map(mesh, degree);
      std::set<std::int64_t> touched;
      std::int32_t visited = 0;
      for (std::int32_t c = 0; c < mesh.num_owned_cells; ++c) {
        for (int k = 0; k < map.nodes_per_cell; ++k) {
          const auto n = node(map, c, k);
          touched.insert(global(map, n));
          CHECK((n <= visited || n >= map.num_owned));
          if (n == visited && n < map.num_owned) ++visited;
        }
      }
      CHECK(visited == map.num_owned);

      std::map<std::int64_t, int> lowest;
      const std::vector<std::int64_t> list(touched.begin(), touched.end());
      const auto lists = comm.exchange(std::vector(comm.size(), list));
      for (int r = comm.size() - 1; r >= 0; --r) {
        for (const auto number : lists[r]) lowest[number] = r;
      }
      CHECK(std::int64_t(lowest.size()) == map.num_global);
      const auto first_of_rank = comm.all_gather(map.first_global);
      for (std::int32_t n = 0; n < map.num_owned; ++n) CHECK(lowest.at(global(map, n)) == comm.rank());
      CHECK(std::ranges::is_sorted(map.ghost_global));
      for (std::int32_t g = 0; g < map.num_ghosts(); ++g) {
        CHECK(map.ghost_owner[g] == lowest.at(map.ghost_global[g]));
        CHECK(map.ghost_remote[g] == map.ghost_global[g] - first_of_rank[map.ghost_owner[g]]);
      }
    }
  }
}

TEST_CASE("A ghost exchange delivers the coordinates and numbers of the owned nodes", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& options : boxes()) {
    INFO(name(options));
    const auto mesh = box(comm, options);
    for (const int degree : {1, 2}) {
      const auto map = lagrange_node_map(mesh, degree);
      const auto nodes = lagrange_nodes(mesh.cell, degree);
      std::vector<double> places(3 * std::size_t(map.num_local()));
      for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
        for (int k = 0; k < map.nodes_per_cell; ++k) {
          const auto place = quarter_lattice(options, image(mesh, c, nodes[k].reference));
          std::copy(place.begin(), place.end(), places.begin() + 3 * std::ptrdiff_t(node(map, c, k)));
        }
      }
      std::vector<double> ghosts(3 * std::size_t(map.num_ghosts()), -1.0);
      map.exchange->forward(std::span<const double>(places).first(3 * std::size_t(map.num_owned)), ghosts, 3);
      CHECK(ghosts == std::vector<double>(places.begin() + 3 * std::ptrdiff_t(map.num_owned), places.end()));

      std::vector<std::int64_t> numbers(map.num_owned), ghost_numbers(map.num_ghosts(), -1);
      std::iota(numbers.begin(), numbers.end(), map.first_global);
      map.exchange->forward(numbers, ghost_numbers, 1);
      CHECK(ghost_numbers == map.ghost_global);
    }
  }
}

TEST_CASE("An exchange fills ghosts in any order, from any rank, more than once", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  // Three owned values a rank; every rank asks every rank, itself included, for the last and then the first.
  std::vector<std::int32_t> owner, remote;
  for (const int value : {2, 0}) {
    for (int r = comm.size() - 1; r >= 0; --r) {
      owner.push_back(r);
      remote.push_back(value);
    }
  }
  const base::GhostExchange exchange(comm, owner, remote);
  const std::vector<double> owned{10.0 * comm.rank(), 10.0 * comm.rank() + 1, 10.0 * comm.rank() + 2};
  std::vector<double> ghosts(owner.size(), -1.0);
  for (int repeat = 0; repeat < 2; ++repeat) exchange.forward(owned, ghosts, 1);
  for (std::size_t i = 0; i < owner.size(); ++i) CHECK(ghosts[i] == 10.0 * owner[i] + remote[i]);
}

TEST_CASE("Canonical numbers follow the lattice on any number of ranks", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& options : boxes()) {
    if (options.pattern != BoxPattern::right || std::ranges::count(options.periodic, true) > 0) continue;
    INFO(name(options));
    const auto vertex = [&](const std::array<int, 3>& at, int round_up) {
      std::int64_t id = 0;
      for (int d = int(options.cells.size()) - 1; d >= 0; --d) {
        id = id * (options.cells[d] + 1) + (at[d] + 2 * round_up) / 4;
      }
      return id;
    };
    const auto mesh = box(comm, options);
    for (const int degree : {1, 2}) {
      // Every node lies midway between its lowest vertex and the highest: sort all such places by these.
      std::map<NodeKey, std::array<int, 3>> places;
      std::array<int, 3> last{};
      for (std::size_t d = 0; d < options.cells.size(); ++d) last[d] = 4 * options.cells[d];
      const int step = degree == 1 ? 4 : 2;
      for (int z = 0; z <= last[2]; z += step) {
        for (int y = 0; y <= last[1]; y += step) {
          for (int x = 0; x <= last[0]; x += step) places[{vertex({x, y, z}, 0), vertex({x, y, z}, 1)}] = {x, y, z};
        }
      }
      std::map<std::array<int, 3>, std::int64_t> expected;
      for (const auto& [key, place] : places) expected.emplace(place, std::int64_t(expected.size()));

      const auto map = lagrange_node_map(mesh, degree);
      const auto numbers = canonical_numbers(comm, std::span(map.keys).first(map.num_owned));
      CHECK(numbers.size() == std::size_t(map.num_owned));
      const auto nodes = lagrange_nodes(mesh.cell, degree);
      for (std::int32_t c = 0; c < mesh.num_owned_cells; ++c) {
        for (int k = 0; k < map.nodes_per_cell; ++k) {
          const auto n = node(map, c, k);
          if (n >= map.num_owned) continue;
          CHECK(numbers[n] == expected.at(quarter_lattice(options, image(mesh, c, nodes[k].reference))));
        }
      }
      auto all = comm.gather_all(std::span<const std::int64_t>(numbers));
      std::ranges::sort(all);
      std::vector<std::int64_t> permutation(map.num_global);
      std::iota(permutation.begin(), permutation.end(), 0);
      CHECK(all == permutation);
    }
  }
}

TEST_CASE("Canonical numbers sort any keys: sparse, repeated low ids, all on one rank, none", "[mesh]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const bool last = comm.rank() == comm.size() - 1;
  std::vector<NodeKey> keys;
  if (last) keys = {{std::int64_t{1} << 50, 3}, {5, 9}, {5, 7}, {0, 0}, {std::int64_t{1} << 50, 2}, {5, 8}};
  const auto numbers = canonical_numbers(comm, keys);
  CHECK(numbers == (last ? std::vector<std::int64_t>{5, 3, 1, 0, 4, 2} : std::vector<std::int64_t>{}));
  CHECK(canonical_numbers(comm, {}).empty());
  const NodeKey mine{7, 100 - comm.rank()};
  CHECK(canonical_numbers(comm, {&mine, 1}) == std::vector<std::int64_t>{comm.size() - 1 - comm.rank()});
}
