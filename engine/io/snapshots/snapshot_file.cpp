#include "engine/io/snapshots/snapshot_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "ansatz/sdk/random.hpp"
#include "engine/io/hdf5/foreign_arrays.hpp"

namespace ansatz::io {
namespace {

constexpr const char* own_points = "/mesh/points";
constexpr double same_place = 1e-6;                              // of the smallest cell at a node
constexpr std::int64_t numbers_at_once = std::int64_t{1} << 22;  // that are read of a field: 32 MB

[[noreturn]] void fail(const std::string& what, const std::string& path, const std::string& object, std::string hint) {
  throw sdk::Error(sdk::ErrorKind::state, what, object.empty() ? path : path + ":" + object, std::move(hint));
}

/// Nodes by the boxes of a grid that they are in.
class Grid {
 public:
  Grid(int dim, double width) : dim_(dim), width_(width) {}

  void add(const double* x, std::int32_t node) { boxes_[hash(x)].push_back(node); }
  /// Calls visit(node) for the nodes of the boxes that the cube of half width `reach` around a point touches.
  template <class Visit>
  void near(const double* x, double reach, const Visit& visit) const {
    std::array<std::uint64_t, 8> seen{};
    std::size_t count = 0;
    for (int corner = 0; corner < 1 << dim_; ++corner) {
      std::array<double, 3> at{};
      for (int k = 0; k < dim_; ++k) at[k] = x[k] + ((corner >> k & 1) != 0 ? reach : -reach);
      const auto key = hash(at.data());
      if (std::find(seen.begin(), seen.begin() + count, key) != seen.begin() + count) continue;
      seen[count++] = key;
      const auto box = boxes_.find(key);
      if (box == boxes_.end()) continue;
      for (const auto node : box->second) visit(node);
    }
  }

 private:
  std::uint64_t hash(const double* x) const {
    std::uint64_t key = 0;
    for (int k = 0; k < dim_; ++k) {
      key = sdk::mixed(key + sdk::golden +
                       static_cast<std::uint64_t>(static_cast<std::int64_t>(std::floor(x[k] / width_))));
    }
    return key;
  }

  int dim_;
  double width_;
  std::unordered_map<std::uint64_t, std::vector<std::int32_t>> boxes_;
};

}  // namespace

SnapshotFile::SnapshotFile(const base::Communicator& comm, const std::string& path, const FieldPoints& nodes,
                           const FindReader& find_reader)
    : comm_(comm), path_(path) {
  std::string mesh;
  base::agree(comm_, [&] {
    const InputFile file(path_);
    read_table(file);
    mesh = mesh_of(file);
  });
  Points points;
  if (mesh.empty()) {
    base::agree(comm_, [&] {
      const InputFile file(path_);
      const auto shape = file.shape(own_points);
      if (shape.size() != 2 || shape[1] < nodes.dim || shape[1] > 3) {
        fail(fmt::format("the points have the shape ({}), not (nodes, {})", fmt::join(shape, ", "), nodes.dim), path_,
             own_points, "one row a node");
      }
      points = {path_ + ":" + own_points, static_cast<int>(shape[1]), file.all<double>(own_points),
                spacing_of(file, own_points)};
    });
  } else {
    points = points_of_mesh(mesh, find_reader);
  }
  base::agree(comm_, [&] {
    check_points(points, nodes.dim);
    num_points_ = static_cast<std::int64_t>(points.values.size()) / points.columns;
    read_fields(InputFile(path_));
  });
  match(nodes, points);
}

void SnapshotFile::read_table(const InputFile& file) {
  const std::string table = "/parameters";
  const auto shape = file.shape(table);
  if (shape.size() != 2 || shape[0] < 1 || shape[1] < 1) {
    fail(fmt::format("the table of parameters has the shape ({}), not (solutions, parameters)", fmt::join(shape, ", ")),
         path_, table, "one row a solution, also where there is one parameter: shape (n, 1)");
  }
  names_ = read_texts(file, table, "names");
  if (static_cast<std::int64_t>(names_.size()) != shape[1]) {
    fail(fmt::format("{} names for {} parameters", names_.size(), shape[1]), path_, table,
         "the attribute \"names\" has the name of each column");
  }
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i].empty())
      fail("a parameter has no name", path_, table, "the attribute \"names\" has a text for each column");
    if (std::find(names_.begin(), names_.begin() + i, names_[i]) != names_.begin() + i) {
      fail("the parameter \"" + names_[i] + "\" occurs twice", path_, table, "leave one of the columns out");
    }
  }
  size_ = shape[0];
  parameters_ = file.all<double>(table);
  const auto columns = static_cast<std::size_t>(shape[1]);
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (std::isfinite(parameters_[i])) continue;
    fail(fmt::format("the parameter \"{}\" of solution {} is not finite", names_[i % columns], i / columns), path_,
         table, "leave such solutions out (solutions are counted from 0)");
  }
  std::vector<std::int64_t> order(size_);
  std::iota(order.begin(), order.end(), 0);
  const auto row = [&](std::int64_t i) { return std::span(parameters_).subspan(i * columns, columns); };
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return std::lexicographical_compare(row(a).begin(), row(a).end(), row(b).begin(), row(b).end());
  });
  for (std::int64_t i = 1; i < size_; ++i) {
    if (!std::equal(row(order[i]).begin(), row(order[i]).end(), row(order[i - 1]).begin())) continue;
    fail(fmt::format("solutions {} and {} have the same parameters", order[i - 1], order[i]), path_, table,
         "leave one of them out (solutions are counted from 0)");
  }
  if (!file.has("/time")) return;
  if (file.shape("/time").size() != 1)
    fail("the times have a shape that is not (steps)", path_, "/time", "a list of numbers");
  times_ = file.all<double>("/time");
  if (times_.empty()) fail("there are no times", path_, "/time", "leave the dataset out where solutions are steady");
  for (std::size_t i = 0; i < times_.size(); ++i) {
    if (std::isfinite(times_[i]) && (i == 0 || times_[i] > times_[i - 1])) continue;
    fail(fmt::format("time {} is not finite or not later than the one before it", i), path_, "/time",
         "times grow; they are those of all solutions");
  }
}

/// The mesh file that has the points; empty where the file has them itself.
std::string SnapshotFile::mesh_of(const InputFile& file) const {
  if (file.has(own_points)) return {};
  if (!file.has_attribute("/", "mesh")) {
    fail("there are no nodes", path_, own_points,
         "write (nodes, dim) coordinates there, or name a mesh file in the attribute \"mesh\" of the root");
  }
  const auto names = read_texts(file, "/", "mesh");
  if (names.size() != 1 || names[0].empty()) {
    fail("the attribute \"mesh\" is not one text", path_, "/", "it names a mesh file");
  }
  return (std::filesystem::path(path_).parent_path() / names[0]).string();
}

/// Of a mesh file, which rank 0 reads. *Collective.*
SnapshotFile::Points SnapshotFile::points_of_mesh(const std::string& mesh, const FindReader& find_reader) const {
  Points points{mesh, 3, {}, std::numeric_limits<double>::epsilon()};
  base::agree(comm_, [&] {
    if (!comm_.is_root()) return;
    const auto* reader = find_reader ? find_reader(mesh) : nullptr;
    if (reader == nullptr) {
      fail("no plugin of the case reads the mesh file \"" + mesh + "\"", path_, "/",
           "add the plugin of its format to the case, or write the nodes to /mesh/points");
    }
    points.values = reader->read(mesh, {}).points;
  });
  points.values.resize(comm_.sum(static_cast<std::int64_t>(points.values.size())));
  comm_.broadcast(points.values.data(), points.values.size() * sizeof(double));
  return points;
}

void SnapshotFile::check_points(const Points& points, int dim) const {
  for (std::size_t i = 0; i < points.values.size(); ++i) {
    const auto point = i / points.columns;
    if (!std::isfinite(points.values[i])) {
      throw sdk::Error(sdk::ErrorKind::state, fmt::format("point {} is not finite", point), points.where,
                       "points are counted from 0");
    }
    if (static_cast<int>(i % points.columns) >= dim && points.values[i] != 0.0) {
      throw sdk::Error(sdk::ErrorKind::state,
                       fmt::format("point {} is not in the space of dimension {} of this mesh", point, dim),
                       points.where, "the coordinates beyond it must be 0");
    }
  }
}

void SnapshotFile::read_fields(const InputFile& file) {
  for (const auto& name : file.names("/fields")) {
    const auto object = "/fields/" + name;
    auto shape = file.shape(object);
    const std::size_t steps = times_.empty() ? 0 : 1;
    const auto wanted = times_.empty() ? fmt::format("({}, {})", size_, num_points_)
                                       : fmt::format("({}, {}, {})", size_, times_.size(), num_points_);
    const bool fits = (shape.size() == 2 + steps || shape.size() == 3 + steps) && shape[0] == size_ &&
                      (steps == 0 || shape[1] == static_cast<std::int64_t>(times_.size())) &&
                      shape[1 + steps] == num_points_ && shape.back() >= 1 &&
                      (shape.size() == 2 + steps || shape.back() <= 1000);
    if (!fits) {
      fail(fmt::format("the field has the shape ({}), not {} or that with components", fmt::join(shape, ", "), wanted),
           path_, object, "solutions, steps where there is /time, nodes, and components of vectors");
    }
    fields_.push_back({name, shape.size() == 3 + steps ? static_cast<int>(shape.back()) : 1});
  }
  if (fields_.empty()) fail("there is no field", path_, "/fields", "write each field as /fields/NAME");
}

void SnapshotFile::match(const FieldPoints& nodes, const Points& points) {
  const int dim = nodes.dim;
  const std::size_t count = nodes.cell_sizes.size();
  double width = 0.0;
  std::vector<double> reach(count);
  for (std::size_t i = 0; i < count; ++i) {
    double size = 0.0;
    for (int k = 0; k < dim; ++k) size = std::max(size, std::abs(nodes.positions[i * dim + k]));
    reach[i] = same_place * nodes.cell_sizes[i] + points.spacing * size;
    width = std::max(width, 4.0 * reach[i]);
  }
  rows_.assign(count, -1);
  std::int64_t twice = -1, other = -1;
  if (width > 0.0) {
    Grid grid(dim, width);
    for (std::size_t i = 0; i < count; ++i) grid.add(nodes.positions.data() + i * dim, static_cast<std::int32_t>(i));
    for (std::int64_t row = 0; row < num_points_; ++row) {
      const double* x = points.values.data() + row * points.columns;
      grid.near(x, 0.25 * width, [&](std::int32_t node) {
        for (int k = 0; k < dim; ++k) {
          if (std::abs(nodes.positions[std::size_t(node) * dim + k] - x[k]) > reach[node]) return;
        }
        if (rows_[node] >= 0 && rows_[node] != row && twice < 0) {
          twice = rows_[node];
          other = row;
        }
        rows_[node] = row;
      });
    }
  }
  base::agree(comm_, [&] {
    if (twice < 0) return;
    fail(fmt::format("points {} and {} are at one place", twice, other), points.where, "",
         "average the values that a node has in different cells first (points are counted from 0)");
  });
  std::int64_t missing = 0;
  std::vector<double> first;
  for (std::size_t i = 0; i < count; ++i) {
    if (rows_[i] >= 0) continue;
    const std::vector<double> x(nodes.positions.begin() + i * dim, nodes.positions.begin() + (i + 1) * dim);
    if (missing++ == 0 || x < first) first = x;
  }
  const auto all = comm_.gather_all(std::span<const double>(first));
  for (std::size_t at = 0; at < all.size(); at += dim) {
    const std::vector<double> x(all.begin() + at, all.begin() + at + dim);
    if (first.empty() || x < first) first = x;
  }
  const auto total = comm_.sum(static_cast<std::int64_t>(count));
  missing = comm_.sum(missing);
  if (missing == 0) return;
  fail(fmt::format("{} of the {} nodes of this mesh are no points of the file; the first is ({:.9g})", missing, total,
                   fmt::join(first, ", ")),
       points.where, "",
       "solutions are taken at equal nodes (within 1e-6 of a cell): use the mesh and the order of the elements that "
       "they were computed with");
}

std::vector<double> SnapshotFile::values(const std::string& field, std::int64_t solution, std::int64_t step) const {
  const auto object = "/fields/" + field;
  std::vector<double> out;
  base::agree(comm_, [&] {
    const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.name == field; });
    if (found == fields_.end()) {
      std::vector<std::string> names;
      for (const auto& f : fields_) names.push_back(f.name);
      fail("the field is not in the file", path_, object, fmt::format("it has {}", fmt::join(names, ", ")));
    }
    out.assign(rows_.size() * found->components, 0.0);
    if (rows_.empty()) return;
    const InputFile file(path_);
    std::vector<std::int32_t> order(rows_.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return rows_[a] < rows_[b]; });
    const std::int64_t slab = std::max<std::int64_t>(1, numbers_at_once / found->components);
    const bool is_vector = file.shape(object).size() == (times_.empty() ? 3u : 4u);
    for (std::size_t next = 0; next < order.size();) {
      const auto begin = rows_[order[next]], end = std::min(begin + slab, rows_[order.back()] + 1);
      std::vector<std::int64_t> first{solution}, count{1};
      if (!times_.empty()) {
        first.push_back(step);
        count.push_back(1);
      }
      first.push_back(begin);
      count.push_back(end - begin);
      if (is_vector) {
        first.push_back(0);
        count.push_back(found->components);
      }
      const auto values = read_block(file, object, first, count);
      for (; next < order.size() && rows_[order[next]] < end; ++next) {
        for (int c = 0; c < found->components; ++c) {
          const double value = values[(rows_[order[next]] - begin) * found->components + c];
          if (!std::isfinite(value)) {
            fail(fmt::format("solution {} is not finite at node {}{}", solution, rows_[order[next]],
                             times_.empty() ? "" : fmt::format(" at time {}", times_[step])),
                 path_, object, "leave such solutions out (both are counted from 0)");
          }
          out[std::size_t(order[next]) * found->components + c] = value;
        }
      }
    }
  });
  return out;
}

}  // namespace ansatz::io
