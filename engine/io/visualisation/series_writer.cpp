#include "engine/io/visualisation/series_writer.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace ansatz::io {
namespace {

constexpr std::size_t heap_bytes = 8192;  // of HDF5 for strings of variable length

}  // namespace

SeriesWriter::SeriesWriter(const base::Communicator& comm, const sdk::VisualTarget& target,
                           std::optional<double> keep_until)
    : comm_(comm),
      target_(target),
      folder_(target.folder.empty() ? "./" : target.folder + "/"),
      series_(path(), series_format()) {
  base::agree(comm_, [&] {
    if (!comm_.is_root()) return;
    make_folder(target_.folder);
    keep_older_steps(keep_until);
  });
  comm_.broadcast(&next_step_, sizeof next_step_);
  comm_.broadcast(&next_mesh_, sizeof next_mesh_);
}

void SeriesWriter::keep_older_steps(std::optional<double> keep_until) {
  std::error_code ignored;
  if (!std::filesystem::exists(path(), ignored)) return;
  std::vector<SeriesEntry> older;
  try {
    older = parse_series(read_text_file(path()), path());
  } catch (const sdk::Error&) {
    if (keep_until) throw;
  }
  std::string kept;
  for (const auto& entry : older) {
    const auto number = step_number(entry.file);
    if (!number) continue;
    if (keep_until && entry.time <= *keep_until) {
      kept += (kept.empty() ? "" : series_format().separator) + series_text(entry);
      next_step_ = std::max(next_step_, *number + 1);
    } else {
      std::filesystem::remove(folder_ + entry.file, ignored);
    }
  }
  if (kept.empty()) {
    std::filesystem::remove(path(), ignored);
    return;
  }
  series_.append(kept);
  while (std::filesystem::exists(folder_ + mesh_name(next_mesh_), ignored)) ++next_mesh_;
}

std::string SeriesWriter::mesh_name(int number) const {
  return fmt::format("{}-{:04d}.h5", target_.base == "fields" ? "mesh" : target_.base + "-mesh", number);
}

std::optional<std::int64_t> SeriesWriter::step_number(const std::string& file) const {
  const std::string start = target_.base + "-", end = ".hdf";
  if (!file.starts_with(start) || !file.ends_with(end) || file.size() <= start.size() + end.size()) return {};
  const std::string digits = file.substr(start.size(), file.size() - start.size() - end.size());
  if (digits.size() > 15 || digits.find_first_not_of("0123456789") != std::string::npos) return {};
  return std::stoll(digits);
}

void SeriesWriter::add_header(OutputFile& file) const {
  file.add(header_bytes(target_.metadata),
           [this](hid_t handle, const Hdf5Context& context) { write_header(handle, 1, target_.metadata, context); });
}

void SeriesWriter::set_mesh(const sdk::VisualMesh& mesh) {
  base::agree(comm_, [&] { check_mesh(mesh); });
  const std::string name = mesh_name(next_mesh_);
  const GeometryArrays geometry(comm_, mesh);
  OutputFile file(comm_, folder_ + name);
  std::vector<std::string> datasets;
  for (auto& array : geometry.rows()) {
    datasets.push_back(array.path);
    file.rows(std::move(array));
  }
  add_header(file);
  file.commit();
  mesh_file_ = name;
  ++next_mesh_;
  geometry_ = std::move(datasets);
  sizes_ = {mesh.num_points(), mesh.num_cells()};
}

void SeriesWriter::write_step(double time, std::span<const sdk::VisualField> fields) {
  base::agree(comm_, [&] {
    if (mesh_file_.empty()) throw sdk::Error(sdk::ErrorKind::internal, "write_step() before set_mesh()", path());
    check_fields(fields, sizes_);
  });
  const auto name = fmt::format("{}-{:06d}.hdf", target_.base, next_step_);
  OutputFile file(comm_, folder_ + name);
  add_header(file);
  for (const auto& dataset : geometry_) file.link(dataset, mesh_file_, dataset);
  for (const auto& field : fields) {
    file.rows<double>(field_path(field), field.values, field_columns(field));
    file.attribute(field_path(field), "unit", field.unit);
    // For ParaView, which shows no attributes.
    file.add(field.unit.size() + heap_bytes,
             [place = "/VTKHDF/FieldData/unit:" + field.name, unit = field.unit](
                 hid_t handle, const Hdf5Context& context) { create_viewer_text(handle, place, unit, context); });
  }
  file.attribute("/ansatz", "time", time);
  file.commit();
  base::agree(comm_, [&] {
    if (comm_.is_root()) series_.append(series_text({name, time}));
  });
  ++next_step_;
}

}  // namespace ansatz::io
