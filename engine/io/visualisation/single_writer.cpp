#include "engine/io/visualisation/single_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ansatz::io {
namespace {

constexpr const char* steps_group = "/VTKHDF/Steps";
constexpr std::int64_t steps_per_chunk = 64;  // as small ones as fit

/// This rank's part in XDMF's terms, with counts only. \throws Error when cells have different or unknown types.
XdmfPart part_of(const sdk::VisualMesh& mesh) {
  XdmfPart part;
  part.num_points = mesh.num_points();
  part.num_cells = mesh.num_cells();
  part.num_ids = static_cast<std::int64_t>(mesh.connectivity.size());
  part.cell_type = mesh.types.empty() ? 0 : mesh.types.front();
  const bool uniform = std::ranges::all_of(mesh.types, [&](auto type) { return type == part.cell_type; });
  if (!mesh.types.empty() && (!uniform || xdmf_topology(part.cell_type).empty())) {
    throw sdk::Error(sdk::ErrorKind::output, "the layout \"single\" needs cells of one type that XDMF knows",
                     "visual output", "use layout = \"series\"");
  }
  return part;
}

}  // namespace

SingleWriter::SingleWriter(const base::Communicator& comm, const sdk::VisualTarget& target)
    : comm_(comm),
      target_(target),
      folder_(target.folder.empty() ? "./" : target.folder + "/"),
      file_(comm, folder_ + target.base + ".vtkhdf"),
      xdmf_(path(), xdmf_format()) {
  base::agree(comm_, [&] {
    if (comm_.is_root()) make_folder(target_.folder);
  });
  file_.create(header_bytes(target_.metadata), [&](hid_t file, const Hdf5Context& context) {
    write_header(file, 2, target_.metadata, context);
    create_group(file, steps_group, context);
    const std::int64_t none = 0;
    set_attribute(file, steps_group, "NSteps", std::span(&none, 1), context);
  });
}

void SingleWriter::set_mesh(const sdk::VisualMesh& mesh) {
  XdmfPart part;
  base::agree(comm_, [&] {
    check_mesh(mesh);
    part = part_of(mesh);
  });
  const GeometryArrays geometry(comm_, mesh);
  auto arrays = geometry.rows();
  std::map<std::string, std::int64_t> first;
  for (const auto& array : arrays) first[array.path] = file_.num_rows(array.path);
  file_.commit(std::move(arrays), [](hid_t, const Hdf5Context&) {});

  auto parts = comm_.gather_all(std::span<const XdmfPart>(&part, 1));
  std::erase_if(parts, [](const XdmfPart& p) { return p.num_points == 0 && p.num_cells == 0; });
  std::int64_t point = first["/VTKHDF/Points"], cell = first["/VTKHDF/Types"], id = first["/VTKHDF/Connectivity"];
  for (auto& p : parts) {
    p.first_point = std::exchange(point, point + p.num_points);
    p.first_cell = std::exchange(cell, cell + p.num_cells);
    p.first_id = std::exchange(id, id + p.num_ids);
  }
  parts_ = std::move(parts);
  geometry_rows_ = std::move(first);
  sizes_ = {mesh.num_points(), mesh.num_cells()};
  has_mesh_ = true;
  fields_stale_ = true;
}

void SingleWriter::check_known(std::span<const sdk::VisualField> fields) const {
  if (!has_mesh_) throw sdk::Error(sdk::ErrorKind::internal, "write_step() before set_mesh()", path());
  check_fields(fields, sizes_);
  std::size_t known = 0;
  for (const auto& field : fields) {
    const auto found = fields_.find(field_path(field));
    if (found != fields_.end()) ++known;
    if (num_steps_ > 0 && (found == fields_.end() || found->second.components != field.components)) {
      throw sdk::Error(sdk::ErrorKind::output, "the field \"" + field.name + "\" was not in the first step", path(),
                       "the layout \"single\" keeps the fields of the first step; use layout = \"series\"");
    }
  }
  if (fields_stale_ && known < fields_.size()) {
    throw sdk::Error(sdk::ErrorKind::output, "a field is missing in the first step on a new mesh", path(),
                     "give all fields after the mesh has changed, or use layout = \"series\"");
  }
}

void SingleWriter::write_entries(hid_t file, double time, const Hdf5Context& context) const {
  const auto group = std::string(steps_group) + "/";
  const auto set = [&](const std::string& name, std::int64_t value) {
    set_entry(file, group + name, num_steps_, value, context);
  };
  set_entry(file, group + "Values", num_steps_, time, context);
  set("PartOffsets", geometry_rows_.at("/VTKHDF/NumberOfPoints"));
  set("NumberOfParts", std::max<std::int64_t>(1, static_cast<std::int64_t>(parts_.size())));
  set("PointOffsets", geometry_rows_.at("/VTKHDF/Points"));
  set("CellOffsets", geometry_rows_.at("/VTKHDF/Types"));
  set("ConnectivityIdOffsets", geometry_rows_.at("/VTKHDF/Connectivity"));
  for (const auto& [dataset, place] : fields_) {
    const auto name = dataset.substr(std::string("/VTKHDF/").size());
    const auto slash = name.find('/');
    set(name.substr(0, slash) + "Offsets" + name.substr(slash), place.first_row);
    set_attribute(file, dataset, "unit", place.unit, context);
  }
  check(H5Fflush(file, H5F_SCOPE_GLOBAL), context, "cannot write the file");
  const std::int64_t count = num_steps_ + 1;
  set_attribute(file, steps_group, "NSteps", std::span(&count, 1), context);
}

XdmfStep SingleWriter::describe(double time) const {
  XdmfStep step{time, parts_, {}};
  for (const auto& [dataset, place] : fields_) {
    const bool points = dataset.starts_with("/VTKHDF/PointData/");
    step.fields.push_back({dataset, place.first_row, geometry_rows_.at(points ? "/VTKHDF/Points" : "/VTKHDF/Types"),
                           place.components, place.unit});
  }
  return step;
}

void SingleWriter::write_step(double time, std::span<const sdk::VisualField> fields) {
  base::agree(comm_, [&] { check_known(fields); });
  const auto before = fields_;
  std::vector<LocalRows> arrays;
  for (const auto& field : fields) {
    const auto dataset = field_path(field);
    arrays.push_back(LocalRows::of(dataset, field.values, field_columns(field)));
    fields_[dataset] = {file_.num_rows(dataset), field.components, field.unit};
  }
  try {
    file_.commit(
        std::move(arrays), [&](hid_t file, const Hdf5Context& context) { write_entries(file, time, context); },
        steps_per_chunk);
  } catch (...) {
    fields_ = before;
    throw;
  }
  fields_stale_ = false;
  ++num_steps_;
  base::agree(comm_, [&] {
    if (comm_.is_root()) xdmf_.append(xdmf_text(target_.base + ".vtkhdf", describe(time)));
  });
}

}  // namespace ansatz::io
