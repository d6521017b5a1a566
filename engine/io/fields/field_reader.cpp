#include "engine/io/fields/field_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/io/hdf5/keyed_rows.hpp"
#include "engine/io/visualisation/result_file.hpp"

namespace ansatz::io {
namespace {

KeyedRows read_slab(const std::string& path, const std::string& field, std::optional<double> time, int rank, int size) {
  const ResultStep step(path, time);
  const auto points = step.num_points();
  KeyedRows slab;
  slab.columns = step.components("PointData", field, points);
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
  KeyedRows slab;
  base::agree(comm, [&] { slab = read_slab(path, field, time, comm.rank(), comm.size()); });
  components = slab.columns;
  return look_up(comm, std::move(slab), keys, path);
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
