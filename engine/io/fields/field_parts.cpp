#include "engine/io/fields/field_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/narrow.hpp"
#include "engine/io/fields/xdmf_reader.hpp"
#include "engine/io/visualisation/result_file.hpp"

namespace ansatz::io {
namespace {

constexpr std::int64_t slab = 1 << 18;

[[noreturn]] void refuse(const std::string& what, const std::string& where, const std::string& hint) {
  throw sdk::Error(sdk::ErrorKind::state, what, where, hint);
}

/// The field of one step of a file in VTKHDF's layout.
FieldFile open_vtkhdf(const std::string& path, const std::string& field, std::optional<double> time) {
  const ResultStep step(path, time);
  FieldFile out;
  out.path = path;
  out.components = step.components("PointData", field, step.num_points());
  const auto file = step.shared_file();
  out.spacing = spacing_of(*file, "/VTKHDF/Points");
  const bool has_keys = file->has("/ansatz/point_keys");
  std::int64_t row = step.first_row("PointData", field);
  for (const auto& place : step.parts()) {
    FieldPart part;
    part.num_points = place.num_points;
    part.num_cells = place.num_cells;
    if (part.num_cells > 0) {
      const auto types = file->rows<std::uint8_t>("/VTKHDF/Types", place.first_cell, part.num_cells);
      part.cell_type = types.front();
      if (std::ranges::any_of(types, [&](auto type) { return type != types.front(); })) part.cell_type = -1;
      const auto nodes = place.num_ids / part.num_cells;
      if (nodes < 1 || nodes > 27 || nodes * part.num_cells != place.num_ids) part.cell_type = -1;
      part.cells = {file, "/VTKHDF/Connectivity", static_cast<int>(std::max<std::int64_t>(nodes, 1)), place.first_id};
    }
    part.points = {file, "/VTKHDF/Points", 3, place.first_point};
    part.values = {file, "/VTKHDF/PointData/" + field, out.components, row};
    if (has_keys) part.keys = Rows(file, "/ansatz/point_keys", 2, place.first_point);
    row += part.num_points;
    out.parts.push_back(std::move(part));
  }
  set_cell_type(out);
  return out;
}

/// Adds cells of one part, `first` and `count` counted in it.
void append(const FieldFile& file, const FieldPart& part, std::int64_t first, std::int64_t count, FieldCells& out) {
  const auto cells = part.cells.read<std::int64_t>(first, count);
  auto used = cells;
  std::ranges::sort(used);
  used.erase(std::ranges::unique(used).begin(), used.end());
  if (!used.empty() && (used.front() < 0 || used.back() >= part.num_points)) {
    refuse("a cell uses a point that does not exist", file.path, "the file may be damaged");
  }
  const auto offset = static_cast<std::int64_t>(out.points.size() / 3);
  for (const auto point : cells) {
    out.cells.push_back(base::narrow<std::int32_t>(offset + (std::ranges::lower_bound(used, point) - used.begin()),
                                                   "points of a field file on one rank"));
  }
  const auto points = part.points.read(used);
  const int columns = part.points.columns();
  for (std::size_t p = 0; p < used.size(); ++p) {
    for (int k = 0; k < 3; ++k) out.points.push_back(k < columns ? points[p * columns + k] : 0.0);
  }
  const auto values = part.values.read(used);
  out.values.insert(out.values.end(), values.begin(), values.end());
}

}  // namespace

Rows::Rows(std::vector<double> values, int columns) : values_(std::move(values)), columns_(columns) {}

Rows::Rows(std::shared_ptr<const InputFile> file, std::string dataset, int columns, std::int64_t first)
    : file_(std::move(file)), dataset_(std::move(dataset)), columns_(columns), first_(first) {
  const auto shape = file_->shape(dataset_);
  flat_ = shape.size() == 1 && columns_ > 1;
  if (!flat_ && !(shape.size() == 1 || (shape.size() == 2 && shape[1] == columns_))) {
    refuse(fmt::format("the array has no {} columns", columns_), file_->path() + ":" + dataset_,
           "the file may be damaged");
  }
}

template <class T>
std::vector<T> Rows::read(std::int64_t first, std::int64_t count) const {
  if (file_) {
    if (!flat_) return file_->rows<T>(dataset_, first_ + first, count);
    return file_->rows<T>(dataset_, first_ + first * columns_, count * columns_);
  }
  const auto* begin = values_.data() + first * columns_;
  return std::vector<T>(begin, begin + count * columns_);
}
template std::vector<double> Rows::read(std::int64_t, std::int64_t) const;
template std::vector<std::int64_t> Rows::read(std::int64_t, std::int64_t) const;

std::vector<double> Rows::read(std::span<const std::int64_t> numbers) const {
  std::vector<double> out;
  out.reserve(numbers.size() * columns_);
  for (std::size_t i = 0; i < numbers.size();) {
    const auto first = numbers[i];
    auto end = i;
    while (end < numbers.size() && numbers[end] - first < slab) ++end;
    const auto rows = read<double>(first, numbers[end - 1] - first + 1);
    for (; i < end; ++i) {
      const auto* row = rows.data() + (numbers[i] - first) * columns_;
      out.insert(out.end(), row, row + columns_);
    }
  }
  return out;
}

std::int64_t FieldFile::num_cells() const {
  std::int64_t total = 0;
  for (const auto& part : parts) total += part.num_cells;
  return total;
}

int FieldFile::nodes_per_cell() const { return static_cast<int>(mesh::lagrange_nodes(cell, degree).size()); }

void set_cell_type(FieldFile& file) {
  std::erase_if(file.parts, [](const FieldPart& part) { return part.num_cells == 0; });
  if (file.parts.empty())
    refuse("the file's mesh has no cells", file.path, "a field needs cells to be interpolated in");
  const int type = file.parts.front().cell_type;
  const bool one = std::ranges::all_of(file.parts, [&](const FieldPart& part) { return part.cell_type == type; });
  for (const auto& cell : mesh::cell_shapes) {
    for (const int degree : {1, 2}) {
      if (!one || cell.in_files[degree - 1].vtk != type) continue;
      file.cell = cell.type;
      file.degree = degree;
      for (const auto& part : file.parts) {
        if (part.cells.columns() != file.nodes_per_cell()) {
          refuse(fmt::format("the cells have {} points, but their type has {}", part.cells.columns(),
                             file.nodes_per_cell()),
                 file.path, "the file may be damaged");
        }
      }
      return;
    }
  }
  refuse(one && type > 0 ? fmt::format("fields on cells of VTK's type {} cannot be read", type)
                         : std::string("the file mixes cells of several types"),
         file.path, sdk::cell_plurals() + " can, of one type, with the nodes of order 1 or all of order 2");
}

FieldFile field_in_memory(const std::string& path, sdk::PointData data) {
  const auto fits = [](std::size_t size, int columns) { return columns > 0 && size % columns == 0; };
  if (!fits(data.points.size(), 3) || !fits(data.cells.size(), data.nodes_per_cell) ||
      data.values.size() != data.points.size() / 3 * data.components) {
    refuse("the field does not fit the grid", path, "the file may be damaged");
  }
  FieldFile file;
  file.path = path;
  file.components = data.components;
  if (data.single_precision) file.spacing = std::numeric_limits<float>::epsilon();
  FieldPart part;
  part.cell_type = data.cell_type;
  part.num_points = static_cast<std::int64_t>(data.points.size() / 3);
  part.num_cells = static_cast<std::int64_t>(data.cells.size()) / data.nodes_per_cell;
  part.cells = Rows(std::vector<double>(data.cells.begin(), data.cells.end()), data.nodes_per_cell);
  part.points = Rows(std::move(data.points), 3);
  part.values = Rows(std::move(data.values), data.components);
  file.parts.push_back(std::move(part));
  set_cell_type(file);
  return file;
}

double spacing_of(const InputFile& file, const std::string& dataset) {
  return file.bytes_per_number(dataset) < sizeof(double) ? std::numeric_limits<float>::epsilon()
                                                         : std::numeric_limits<double>::epsilon();
}

FieldFile open_field(const std::string& path, const std::string& field, std::optional<double> time) {
  if (path.ends_with(".xdmf") || path.ends_with(".xmf")) return open_xdmf(path, field, time);
  return open_vtkhdf(path, field, time);
}

FieldCells read_cells(const FieldFile& file, std::int64_t first, std::int64_t count) {
  FieldCells out;
  out.first = first;
  std::int64_t start = 0;
  for (const auto& part : file.parts) {
    const auto begin = std::max(first, start), end = std::min(first + count, start + part.num_cells);
    if (begin < end) append(file, part, begin - start, end - begin, out);
    start += part.num_cells;
  }
  return out;
}

}  // namespace ansatz::io
