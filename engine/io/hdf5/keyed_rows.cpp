#include "engine/io/hdf5/keyed_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "ansatz/sdk/random.hpp"

namespace ansatz::io {
namespace {

using Key = std::array<std::int64_t, 2>;

/// Rank that answers for a key; mixes all bits, so that runs of keys spread evenly.
int home_of(const Key& key, int size) {
  const auto hash = sdk::mixed(sdk::mixed(static_cast<std::uint64_t>(key[0])) + static_cast<std::uint64_t>(key[1]));
  return static_cast<int>(hash % static_cast<std::uint64_t>(size));
}

/// Keys with their values at their home rank, in the order of the keys, for look-up.
class Directory {
 public:
  /// *Collective.*
  Directory(const base::Communicator& comm, const KeyedRows& rows) : columns_(rows.columns) {
    std::vector<std::vector<Key>> keys(comm.size());
    std::vector<std::vector<double>> values(comm.size());
    for (std::size_t row = 0; row < rows.keys.size() / 2; ++row) {
      const Key key{rows.keys[2 * row], rows.keys[2 * row + 1]};
      const int home = home_of(key, comm.size());
      keys[home].push_back(key);
      const auto* first = rows.values.data() + row * columns_;
      values[home].insert(values[home].end(), first, first + columns_);
    }
    for (const auto& part : comm.exchange(keys)) keys_.insert(keys_.end(), part.begin(), part.end());
    for (const auto& part : comm.exchange(values)) values_.insert(values_.end(), part.begin(), part.end());
    order_.resize(keys_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::stable_sort(order_, {}, [&](std::size_t row) { return keys_[row]; });
  }

  /// Values of the first row of the file that has this key; empty where there is none.
  std::span<const double> find(const Key& key) const {
    const auto at = std::ranges::lower_bound(order_, key, {}, [&](std::size_t row) { return keys_[row]; });
    if (at == order_.end() || keys_[*at] != key) return {};
    return std::span(values_).subspan(*at * columns_, columns_);
  }

 private:
  std::size_t columns_;
  std::vector<Key> keys_;
  std::vector<double> values_;
  std::vector<std::size_t> order_;
};

/// \param missing out: a key that this rank was asked for and no rank has
std::vector<double> look_up_any(const base::Communicator& comm, KeyedRows rows, std::span<const std::int64_t> wanted,
                                std::optional<Key>& missing) {
  const Directory directory(comm, rows);
  const int columns = rows.columns;
  rows = {};
  std::vector<std::vector<Key>> mine(comm.size());
  for (std::size_t i = 0; i + 1 < wanted.size(); i += 2) {
    const Key key{wanted[i], wanted[i + 1]};
    mine[home_of(key, comm.size())].push_back(key);
  }
  const auto requests = comm.exchange(mine);
  std::vector<std::vector<double>> answers(comm.size());
  for (int rank = 0; rank < comm.size(); ++rank) {
    for (const auto& key : requests[rank]) {
      const auto values = directory.find(key);
      if (values.empty() && !missing) missing = key;
      answers[rank].insert(answers[rank].end(), values.begin(), values.end());
      if (values.empty()) answers[rank].insert(answers[rank].end(), columns, 0.0);
    }
  }
  const auto received = comm.exchange(answers);
  std::vector<double> out;
  out.reserve(wanted.size() / 2 * columns);
  std::vector<std::size_t> next(comm.size(), 0);
  for (std::size_t i = 0; i + 1 < wanted.size(); i += 2) {
    const int home = home_of({wanted[i], wanted[i + 1]}, comm.size());
    const auto* first = received[home].data() + next[home];
    out.insert(out.end(), first, first + columns);
    next[home] += columns;
  }
  return out;
}

}  // namespace

std::vector<std::int64_t> owned_keys(const mesh::NodeMap& nodes) {
  std::vector<std::int64_t> keys;
  for (std::int32_t n = 0; n < nodes.num_owned; ++n) keys.insert(keys.end(), {nodes.keys[n].low, nodes.keys[n].high});
  return keys;
}

std::vector<double> look_up(const base::Communicator& comm, KeyedRows rows, std::span<const std::int64_t> wanted,
                            const std::string& path) {
  std::optional<Key> missing;
  auto values = look_up_any(comm, std::move(rows), wanted, missing);
  base::agree(comm, [&] {
    if (!missing) return;
    throw sdk::Error(sdk::ErrorKind::state,
                     fmt::format("the file has no value at point ({}, {})", (*missing)[0], (*missing)[1]), path,
                     "the file belongs to another mesh or order; read it on the mesh it was written on");
  });
  return values;
}

std::optional<std::vector<double>> try_look_up(const base::Communicator& comm, KeyedRows rows,
                                               std::span<const std::int64_t> wanted) {
  std::optional<Key> missing;
  auto values = look_up_any(comm, std::move(rows), wanted, missing);
  if (comm.max(std::int64_t{missing ? 1 : 0}) != 0) return std::nullopt;
  return values;
}

KeyedRows rows_of_cells(const base::Communicator& comm, const KeyedRows& rows, std::span<const std::int64_t> cells,
                        const std::string& path) {
  const auto home = [&](std::int64_t cell) { return home_of({cell, 0}, comm.size()); };
  std::vector<std::vector<std::int64_t>> mine(comm.size());
  for (const auto cell : cells) mine[home(cell)].push_back(cell);
  std::map<std::int64_t, int> owner;
  const auto asked = comm.exchange(mine);
  for (int rank = 0; rank < comm.size(); ++rank) {
    for (const auto cell : asked[rank]) owner[cell] = rank;
  }
  /// Rows to their cell's home, which knows the owner, and on to there.
  const auto route = [&](const KeyedRows& from, const auto& rank_of) {
    std::vector<std::vector<Key>> keys(comm.size());
    std::vector<std::vector<double>> values(comm.size());
    for (std::size_t row = 0; row < from.keys.size() / 2; ++row) {
      const Key key{from.keys[2 * row], from.keys[2 * row + 1]};
      const int rank = rank_of(key[0]);
      keys[rank].push_back(key);
      const auto first = from.values.begin() + std::ptrdiff_t(row) * from.columns;
      values[rank].insert(values[rank].end(), first, first + from.columns);
    }
    KeyedRows to{.columns = from.columns};
    for (const auto& part : comm.exchange(keys)) {
      for (const auto& key : part) to.keys.insert(to.keys.end(), key.begin(), key.end());
    }
    for (const auto& part : comm.exchange(values)) to.values.insert(to.values.end(), part.begin(), part.end());
    return to;
  };
  const auto at_home = route(rows, home);
  base::agree(comm, [&] {
    for (std::size_t row = 0; row < at_home.keys.size() / 2; ++row) {
      if (owner.contains(at_home.keys[2 * row])) continue;
      throw sdk::Error(sdk::ErrorKind::state, fmt::format("the file has rows of cell {}", at_home.keys[2 * row]), path,
                       "the file belongs to another mesh; read it on the mesh it was written on");
    }
  });
  const auto received = route(at_home, [&](std::int64_t cell) { return owner.at(cell); });
  std::map<std::int64_t, std::int64_t> position;
  for (std::size_t i = 0; i < cells.size(); ++i) position[cells[i]] = static_cast<std::int64_t>(i);
  std::vector<std::size_t> order(received.keys.size() / 2);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t row) {
    return std::pair(position.at(received.keys[2 * row]), received.keys[2 * row + 1]);
  });
  KeyedRows out{.columns = rows.columns};
  for (const auto row : order) {
    out.keys.insert(out.keys.end(), {received.keys[2 * row], received.keys[2 * row + 1]});
    const auto first = received.values.begin() + std::ptrdiff_t(row) * rows.columns;
    out.values.insert(out.values.end(), first, first + rows.columns);
  }
  return out;
}

}  // namespace ansatz::io
