#include "engine/io/fields/field_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "ansatz/sdk/random.hpp"
#include "engine/io/fields/field_cell_finder.hpp"
#include "engine/io/hdf5/keyed_rows.hpp"
#include "engine/mesh/topology/numbering.hpp"

namespace ansatz::io {
namespace {

constexpr double same_place = 1e-8;  // of the smallest cell at a node
constexpr double two_values = 1e-5;  // of the size of the values: more than round-off of places makes

/// This rank's share of a field that rank 0 has. *Collective.*
FieldCells spread(const base::Communicator& comm, const FieldFile& file) {
  std::vector<std::vector<std::int64_t>> firsts(comm.size());
  std::vector<std::vector<std::int32_t>> cells(comm.size());
  std::vector<std::vector<double>> points(comm.size()), values(comm.size());
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    const mesh::Blocks blocks{file.num_cells(), comm.size()};
    for (int rank = 0; rank < comm.size(); ++rank) {
      auto part = read_cells(file, blocks.begin(rank), blocks.size(rank));
      firsts[rank] = {part.first};
      cells[rank] = std::move(part.cells);
      points[rank] = std::move(part.points);
      values[rank] = std::move(part.values);
    }
  });
  return {comm.exchange(firsts)[0].at(0), comm.exchange(cells)[0], comm.exchange(points)[0], comm.exchange(values)[0]};
}

/// Kind of cells and components of a file that rank 0 opened, on all ranks. *Collective.*
void broadcast(const base::Communicator& comm, FieldFile& file) {
  std::array<double, 4> facts{static_cast<double>(file.cell), double(file.degree), double(file.components),
                              file.spacing};
  comm.broadcast(facts.data(), sizeof facts);
  file.cell = static_cast<mesh::CellType>(static_cast<int>(facts[0]));
  file.degree = static_cast<int>(facts[1]);
  file.components = static_cast<int>(facts[2]);
  file.spacing = facts[3];
}

/// Answers of all ranks to the points of one: of those that have a cell, the first cell in the file.
struct Answers {
  std::vector<double> values;       ///< (n, components)
  std::vector<std::int64_t> cells;  ///< (n), -1: none
  std::vector<double> differs;      ///< (n)
};

/// Sends points to the ranks whose cells may contain them, and collects what they say.
class Questions {
 public:
  Questions(const base::Communicator& comm, const FieldCellFinder& finder, int components, const FieldPoints& points)
      : comm_(comm), finder_(finder), components_(components), dim_(points.dim), points_(points) {}

  /// *Collective.*
  Answers ask() const {
    const std::size_t n = points_.positions.size() / dim_;
    const auto boxes = comm_.gather_all(std::span<const double>(finder_.box()));
    std::vector<std::vector<std::int64_t>> asked(comm_.size());
    std::vector<std::vector<double>> sent(comm_.size());
    for (std::size_t i = 0; i < n; ++i) {
      const auto* x = points_.positions.data() + i * dim_;
      for (int rank = 0; rank < comm_.size(); ++rank) {
        const auto* box = boxes.data() + std::size_t(rank) * 2 * dim_;
        bool inside = true;
        for (int k = 0; k < dim_; ++k) inside = inside && x[k] >= box[k] && x[k] <= box[dim_ + k];
        if (!inside) continue;
        asked[rank].push_back(static_cast<std::int64_t>(i));
        sent[rank].insert(sent[rank].end(), x, x + dim_);
      }
    }
    std::vector<std::vector<std::int64_t>> cells(comm_.size());
    std::vector<std::vector<double>> rows(comm_.size());
    const auto received = comm_.exchange(sent);
    for (int rank = 0; rank < comm_.size(); ++rank) answer(received[rank], cells[rank], rows[rank]);
    return merge(n, asked, comm_.exchange(cells), comm_.exchange(rows));
  }

 private:
  /// Appends a cell, and a row of values and the difference, for each point.
  void answer(const std::vector<double>& positions, std::vector<std::int64_t>& cells, std::vector<double>& rows) const {
    std::vector<double> values(components_);
    for (std::size_t i = 0; i < positions.size() / dim_; ++i) {
      const auto found = finder_.at({positions.data() + i * dim_, std::size_t(dim_)}, values);
      cells.push_back(found.cell);
      rows.insert(rows.end(), values.begin(), values.end());
      rows.push_back(found.differs);
    }
  }

  Answers merge(std::size_t n, const std::vector<std::vector<std::int64_t>>& asked,
                const std::vector<std::vector<std::int64_t>>& cells,
                const std::vector<std::vector<double>>& rows) const {
    Answers out{std::vector<double>(n * components_), std::vector<std::int64_t>(n, -1), std::vector<double>(n, 0.0)};
    for (int rank = 0; rank < comm_.size(); ++rank) {
      for (std::size_t k = 0; k < asked[rank].size(); ++k) {
        if (cells[rank][k] < 0) continue;
        const auto i = static_cast<std::size_t>(asked[rank][k]);
        const auto* row = rows[rank].data() + k * (components_ + 1);
        auto* values = out.values.data() + i * components_;
        out.differs[i] = std::max(out.differs[i], row[components_]);
        if (out.cells[i] >= 0) {
          double size = 0.0, difference = 0.0;
          for (int c = 0; c < components_; ++c) {
            size = std::max({size, std::abs(row[c]), std::abs(values[c])});
            difference = std::max(difference, std::abs(row[c] - values[c]));
          }
          // Values of both signs near zero differ by little; the cells know the size of their values, and say it above.
          if (difference > 0.0) out.differs[i] = std::max(out.differs[i], difference / size);
        }
        if (out.cells[i] >= 0 && out.cells[i] < cells[rank][k]) continue;
        out.cells[i] = cells[rank][k];
        std::copy_n(row, components_, values);
      }
    }
    return out;
  }

  const base::Communicator& comm_;
  const FieldCellFinder& finder_;
  int components_, dim_;
  const FieldPoints& points_;
};

/// The first of the points for which `is` holds, in the order of x, y, z, over all ranks, with their number.
/// *Collective.*
template <class Is>
std::pair<std::int64_t, std::vector<double>> first_point(const base::Communicator& comm, const FieldPoints& points,
                                                         Is is) {
  std::vector<double> first;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < points.positions.size() / points.dim; ++i) {
    if (!is(i)) continue;
    const std::vector<double> x(points.positions.begin() + i * points.dim,
                                points.positions.begin() + (i + 1) * points.dim);
    if (count++ == 0 || x < first) first = x;
  }
  const auto all = comm.gather_all(std::span<const double>(first));
  for (std::size_t at = 0; at < all.size(); at += points.dim) {
    const std::vector<double> x(all.begin() + at, all.begin() + at + points.dim);
    if (first.empty() || x < first) first = x;
  }
  return {comm.sum(count), first};
}

}  // namespace

FieldSource::FieldSource(const base::Communicator& comm, const std::string& path, const std::string& field,
                         std::optional<double> time, const sdk::PointDataReader* reader)
    : comm_(comm) {
  file_.path = path;
  if (reader != nullptr) {
    base::agree(comm_, [&] {
      if (comm_.is_root()) file_ = field_in_memory(path, reader->read_data(path, field, time));
    });
    broadcast(comm_, file_);
    cells_ = spread(comm_, file_);
    file_.parts.clear();
    return;
  }
  base::agree(comm_, [&] {
    file_ = open_field(path, field, time);
    const mesh::Blocks blocks{file_.num_cells(), comm_.size()};
    cells_ = read_cells(file_, blocks.begin(comm_.rank()), blocks.size(comm_.rank()));
  });
}

std::optional<std::vector<double>> FieldSource::at_nodes(const FieldPoints& points) const {
  if (file_.parts.empty() || !file_.parts.front().keys) return std::nullopt;
  KeyedRows rows;
  rows.columns = file_.components + 3;
  base::agree(comm_, [&] {
    for (const auto& part : file_.parts) {
      const mesh::Blocks blocks{part.num_points, comm_.size()};
      const auto first = blocks.begin(comm_.rank()), count = blocks.size(comm_.rank());
      const auto keys = part.keys->read<std::int64_t>(first, count);
      const auto values = part.values.read<double>(first, count), positions = part.points.read<double>(first, count);
      rows.keys.insert(rows.keys.end(), keys.begin(), keys.end());
      for (std::int64_t i = 0; i < count; ++i) {
        rows.values.insert(rows.values.end(), values.begin() + i * file_.components,
                           values.begin() + (i + 1) * file_.components);
        rows.values.insert(rows.values.end(), positions.begin() + 3 * i, positions.begin() + 3 * (i + 1));
      }
    }
  });
  const auto found = try_look_up(comm_, std::move(rows), points.keys);
  bool same = found.has_value();
  const std::size_t n = points.keys.size() / 2, width = file_.components + 3;
  std::vector<double> values;
  for (std::size_t i = 0; i < n && same; ++i) {
    const auto* row = found->data() + i * width;
    for (int k = 0; k < points.dim; ++k) {
      const double distance = std::abs(row[file_.components + k] - points.positions[i * points.dim + k]);
      same = same && distance <= same_place * points.cell_sizes[i];
    }
    values.insert(values.end(), row, row + file_.components);
  }
  if (comm_.max(std::int64_t{same ? 0 : 1}) != 0) return std::nullopt;
  return values;
}

std::uint64_t FieldSource::checksum() const {
  const int nodes = file_.nodes_per_cell();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < cells_.cells.size(); ++i) {
    std::uint64_t hash = sdk::mixed(static_cast<std::uint64_t>(cells_.first * nodes) + i);
    const auto point = static_cast<std::size_t>(cells_.cells[i]);
    for (int k = 0; k < 3; ++k) hash = sdk::mixed(hash + std::bit_cast<std::uint64_t>(cells_.points[3 * point + k]));
    for (int c = 0; c < file_.components; ++c) {
      hash = sdk::mixed(hash + std::bit_cast<std::uint64_t>(cells_.values[point * file_.components + c]));
    }
    sum += hash;
  }
  std::uint64_t total = 0;
  for (const auto part : comm_.all_gather(std::bit_cast<std::int64_t>(sum)))
    total += std::bit_cast<std::uint64_t>(part);
  return total;
}

void FieldSource::check_dimension(int dim) const {
  const auto& cell = mesh::topology(file_.cell);
  if (cell.dim == dim) return;
  throw sdk::Error(sdk::ErrorKind::state,
                   fmt::format("the file has cells of dimension {}, but the mesh has dimension {}", cell.dim, dim),
                   file_.path, "fields are interpolated between meshes of one dimension");
}

std::vector<double> FieldSource::at(const FieldPoints& points) const {
  check_dimension(points.dim);
  if (auto values = at_nodes(points)) return *values;
  std::optional<FieldCellFinder> finder;
  base::agree(comm_, [&] { finder.emplace(file_, cells_, points.dim); });
  const auto answers = Questions(comm_, *finder, file_.components, points).ask();
  const auto [outside, x] = first_point(comm_, points, [&](std::size_t i) { return answers.cells[i] < 0; });
  if (outside > 0) {
    std::vector<double> low(points.dim, std::numeric_limits<double>::infinity()), high(points.dim, -low[0]);
    for (std::size_t p = 0; p < cells_.points.size() / 3; ++p) {
      for (int k = 0; k < points.dim; ++k) {
        low[k] = std::min(low[k], cells_.points[3 * p + k]);
        high[k] = std::max(high[k], cells_.points[3 * p + k]);
      }
    }
    for (int k = 0; k < points.dim; ++k) {
      low[k] = comm_.min(low[k]);
      high[k] = comm_.max(high[k]);
    }
    const auto all = comm_.sum(static_cast<std::int64_t>(points.positions.size() / points.dim));
    throw sdk::Error(
        sdk::ErrorKind::state,
        fmt::format("{} of the {} points of this mesh lie outside of the mesh in the file; the first is ({:.9g})",
                    outside, all, fmt::join(x, ", ")),
        file_.path,
        fmt::format("values are taken by position; the file's mesh lies between ({:.6g}) and ({:.6g})",
                    fmt::join(low, ", "), fmt::join(high, ", ")));
  }
  const auto [jumps, y] = first_point(comm_, points, [&](std::size_t i) { return answers.differs[i] > two_values; });
  if (jumps > 0) {
    throw sdk::Error(
        sdk::ErrorKind::state,
        fmt::format("the field of the file has several values at {} points of this mesh; the first is ({:.9g})", jumps,
                    fmt::join(y, ", ")),
        file_.path, "its mesh has a slit there, or its values jump between cells: average them to the points first");
  }
  return answers.values;
}

}  // namespace ansatz::io
