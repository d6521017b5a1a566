#include "engine/io/field_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/io/result_file.hpp"

namespace ansatz::io {
namespace {

using Key = std::array<std::int64_t, 2>;

/// The part of a field that this rank read: rows first … of the file's points.
struct Slab {
  std::vector<std::int64_t> keys;  ///< (n, 2)
  std::vector<double> values;      ///< (n, components)
  int components = 0;
};

Slab read_slab(const std::string& path, const std::string& field, std::optional<double> time, int rank, int size) {
  const ResultStep step(path, time);
  const auto points = step.num_points();
  Slab slab;
  slab.components = step.components("PointData", field, points);
  if (!step.file().has("/ansatz/point_keys")) {
    throw sdk::Error(sdk::ErrorKind::state, "the file has no point keys, so fields cannot be read back from it", path,
                     "only files written by Ansatz can be read back");
  }
  const std::int64_t first = points * rank / size, count = points * (rank + 1) / size - first;
  slab.keys = step.file().rows<std::int64_t>("/ansatz/point_keys", step.first_point() + first, count);
  slab.values =
      step.file().rows<double>("/VTKHDF/PointData/" + field, step.first_row("PointData", field) + first, count);
  if (slab.keys.size() != static_cast<std::size_t>(2 * count)) {
    throw sdk::Error(sdk::ErrorKind::state, "the point keys do not have two numbers each", path,
                     "the file may be damaged");
  }
  return slab;
}

/// Rank that answers for a key; mixes all bits, so that runs of keys spread evenly.
int home_of(const Key& key, int size) {
  auto mix = [](std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  };
  const auto hash = mix(mix(static_cast<std::uint64_t>(key[0])) + static_cast<std::uint64_t>(key[1]));
  return static_cast<int>(hash % static_cast<std::uint64_t>(size));
}

/// Keys with their values at their home rank, in the order of the keys, for look-up.
class Directory {
 public:
  /// *Collective.*
  Directory(const base::Communicator& comm, const Slab& slab) : components_(slab.components) {
    std::vector<std::vector<Key>> keys(comm.size());
    std::vector<std::vector<double>> values(comm.size());
    for (std::size_t row = 0; row < slab.keys.size() / 2; ++row) {
      const Key key{slab.keys[2 * row], slab.keys[2 * row + 1]};
      const int home = home_of(key, comm.size());
      keys[home].push_back(key);
      const auto* first = slab.values.data() + row * components_;
      values[home].insert(values[home].end(), first, first + components_);
    }
    for (const auto& part : comm.exchange(keys)) keys_.insert(keys_.end(), part.begin(), part.end());
    for (const auto& part : comm.exchange(values)) values_.insert(values_.end(), part.begin(), part.end());
    order_.resize(keys_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::stable_sort(order_, {}, [&](std::size_t row) { return keys_[row]; });
  }

  /// Values of the first row of the file that has this key. \throws Error of kind state
  std::span<const double> find(const Key& key, const std::string& path) const {
    const auto at = std::ranges::lower_bound(order_, key, {}, [&](std::size_t row) { return keys_[row]; });
    if (at == order_.end() || keys_[*at] != key) {
      throw sdk::Error(sdk::ErrorKind::state, fmt::format("the file has no value at point ({}, {})", key[0], key[1]),
                       path, "the file belongs to another mesh or order; read it on the mesh it was written on");
    }
    return std::span(values_).subspan(*at * components_, components_);
  }

 private:
  std::size_t components_;
  std::vector<Key> keys_;
  std::vector<double> values_;
  std::vector<std::size_t> order_;
};

/// Least and greatest entry of rows first … first + count - 1, slab by slab; NaN where there are none.
std::pair<double, double> range_of(const InputFile& file, const std::string& dataset, std::int64_t first,
                                   std::int64_t count) {
  constexpr std::int64_t slab = 1 << 18;
  double low = std::numeric_limits<double>::quiet_NaN(), high = low;
  for (std::int64_t done = 0; done < count; done += slab) {
    for (const double value : file.rows<double>(dataset, first + done, std::min(slab, count - done))) {
      low = std::fmin(low, value);
      high = std::fmax(high, value);
    }
  }
  return {low, high};
}

}  // namespace

std::vector<double> read_point_field(const base::Communicator& comm, const std::string& path, const std::string& field,
                                     std::optional<double> time, std::span<const std::int64_t> keys, int& components) {
  Slab slab;
  base::agree(comm, [&] { slab = read_slab(path, field, time, comm.rank(), comm.size()); });
  const Directory directory(comm, slab);
  components = slab.components;
  slab = {};

  std::vector<std::vector<Key>> wanted(comm.size());
  for (std::size_t i = 0; i + 1 < keys.size(); i += 2) {
    const Key key{keys[i], keys[i + 1]};
    wanted[home_of(key, comm.size())].push_back(key);
  }
  const auto requests = comm.exchange(wanted);
  std::vector<std::vector<double>> answers(comm.size());
  base::agree(comm, [&] {
    for (int rank = 0; rank < comm.size(); ++rank) {
      for (const auto& key : requests[rank]) {
        const auto values = directory.find(key, path);
        answers[rank].insert(answers[rank].end(), values.begin(), values.end());
      }
    }
  });
  const auto received = comm.exchange(answers);

  std::vector<double> out;
  out.reserve(keys.size() / 2 * components);
  std::vector<std::size_t> next(comm.size(), 0);
  for (std::size_t i = 0; i + 1 < keys.size(); i += 2) {
    const int home = home_of({keys[i], keys[i + 1]}, comm.size());
    const auto* first = received[home].data() + next[home];
    out.insert(out.end(), first, first + components);
    next[home] += components;
  }
  return out;
}

FileDescription describe_file(const std::string& path) {
  const ResultStep step(path, {});
  const InputFile& file = step.file();
  FileDescription out;
  out.path = path;
  out.layout = step.layout();
  out.num_parts = step.num_parts();
  out.num_points = step.num_points();
  out.num_cells = step.num_cells();
  out.times = step.times();
  for (const auto location : {sdk::VisualLocation::points, sdk::VisualLocation::cells}) {
    const bool points = location == sdk::VisualLocation::points;
    const std::string group = points ? "PointData" : "CellData";
    const auto rows = points ? out.num_points : out.num_cells;
    for (const auto& name : file.names("/VTKHDF/" + group)) {
      const std::string dataset = "/VTKHDF/" + group + "/" + name;
      FieldDescription field{name, {}, location, step.components(group, name, rows), 0, 0};
      if (file.has_attribute(dataset, "unit")) field.unit = file.text_attribute(dataset, "unit");
      std::tie(field.minimum, field.maximum) = range_of(file, dataset, step.first_row(group, name), rows);
      out.fields.push_back(std::move(field));
    }
  }
  for (const auto& key : file.names("/ansatz/metadata")) out.metadata[key] = file.text("/ansatz/metadata/" + key);
  return out;
}

}  // namespace ansatz::io
