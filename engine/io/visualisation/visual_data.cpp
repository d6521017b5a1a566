#include "engine/io/visualisation/visual_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace ansatz::io {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw sdk::Error(sdk::ErrorKind::internal, what, "visual output"); }

std::string json_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void check_mesh(const sdk::VisualMesh& mesh) {
  const auto points = static_cast<std::size_t>(mesh.num_points());
  const auto cells = static_cast<std::size_t>(mesh.num_cells());
  if (mesh.points.size() != 3 * points) refuse("the points of the mesh do not have three coordinates each");
  if (mesh.offsets.size() != cells + 1 && !(cells == 0 && mesh.offsets.empty())) refuse("wrong number of cell offsets");
  if (mesh.point_keys.size() != 2 * points) refuse("the mesh does not have two key numbers per point");
  if (mesh.cell_ids.size() != cells) refuse("the mesh does not have one id per cell");
  const auto used = static_cast<std::int64_t>(mesh.connectivity.size());
  if (!mesh.offsets.empty() && (mesh.offsets.front() != 0 || mesh.offsets.back() != used)) {
    refuse("the cell offsets do not cover the connectivity");
  }
  for (const auto point : mesh.connectivity) {
    if (point < 0 || point >= mesh.num_points()) refuse("a cell uses a point that does not exist");
  }
}

void check_fields(std::span<const sdk::VisualField> fields, const VisualSizes& sizes) {
  std::set<std::string> seen;
  for (const auto& field : fields) {
    const std::string name = "the field \"" + field.name + "\" ";
    if (field.name.empty() || field.name.find_first_of("/.") != std::string::npos) {
      throw sdk::Error(sdk::ErrorKind::output, name + "cannot be written under this name", "visual output",
                       "names must not be empty or contain \"/\" or \".\"");
    }
    if (!seen.insert(field_path(field)).second) refuse(name + "occurs twice");
    if (field.components < 1) refuse(name + "has no components");
    const auto rows = field.location == sdk::VisualLocation::points ? sizes.points : sizes.cells;
    if (field.values.size() != static_cast<std::size_t>(rows * field.components)) {
      refuse(fmt::format("{}has {} values, the mesh needs {} rows of {}", name, field.values.size(), rows,
                         field.components));
    }
  }
}

GeometryArrays::GeometryArrays(const base::Communicator& comm, const sdk::VisualMesh& visual) : mesh(&visual) {
  const std::int64_t here = visual.num_points() > 0 || visual.num_cells() > 0 ? 1 : 0;
  const bool nobody = comm.max(here) == 0;
  if (here == 0 && !(nobody && comm.is_root())) return;
  num_points = {visual.num_points()};
  num_cells = {visual.num_cells()};
  num_connectivity = {static_cast<std::int64_t>(visual.connectivity.size())};
  offsets = visual.offsets.empty() ? std::vector<std::int64_t>{0} : visual.offsets;
}

std::vector<LocalRows> GeometryArrays::rows() const {
  using Integers = std::span<const std::int64_t>;
  std::vector<LocalRows> all;
  all.push_back(LocalRows::of("/VTKHDF/NumberOfPoints", Integers(num_points), 0));
  all.push_back(LocalRows::of("/VTKHDF/NumberOfCells", Integers(num_cells), 0));
  all.push_back(LocalRows::of("/VTKHDF/NumberOfConnectivityIds", Integers(num_connectivity), 0));
  all.push_back(LocalRows::of("/VTKHDF/Points", std::span<const double>(mesh->points), 3));
  all.push_back(LocalRows::of("/VTKHDF/Connectivity", Integers(mesh->connectivity), 0));
  all.push_back(LocalRows::of("/VTKHDF/Offsets", Integers(offsets), 0));
  all.push_back(LocalRows::of("/VTKHDF/Types", std::span<const std::uint8_t>(mesh->types), 0));
  all.push_back(LocalRows::of("/ansatz/point_keys", Integers(mesh->point_keys), 2));
  all.push_back(LocalRows::of("/ansatz/cell_ids", Integers(mesh->cell_ids), 0));
  return all;
}

std::string field_path(const sdk::VisualField& field) {
  return (field.location == sdk::VisualLocation::points ? "/VTKHDF/PointData/" : "/VTKHDF/CellData/") + field.name;
}

int field_columns(const sdk::VisualField& field) { return field.components == 1 ? 0 : field.components; }

void write_header(hid_t file, std::int64_t major_version, const sdk::VisualMetadata& metadata,
                  const Hdf5Context& context) {
  for (const char* group : {"/VTKHDF", "/VTKHDF/PointData", "/VTKHDF/CellData", "/ansatz/metadata"}) {
    create_group(file, group, context);
  }
  const std::int64_t version[2] = {major_version, 0};
  set_attribute(file, "/VTKHDF", "Version", std::span<const std::int64_t>(version), context);
  set_attribute(file, "/VTKHDF", "Type", std::string("UnstructuredGrid"), context);
  for (const auto& [key, value] : metadata) {
    std::string name = key;
    std::ranges::replace(name, '/', '_');
    if (name.empty() || name == ".") name = "_";
    create_text(file, "/ansatz/metadata/" + name, value, context);
  }
}

std::size_t header_bytes(const sdk::VisualMetadata& metadata) {
  constexpr std::size_t object = 1024;
  std::size_t bytes = 16 * object;
  for (const auto& [key, value] : metadata) bytes += object + 2 * key.size() + value.size();
  return bytes;
}

sdk::GrowingTextFormat series_format() {
  return {"{\n  \"file-series-version\": \"1.0\",\n  \"files\": [\n", ",\n", "\n  ]\n}", {}, {}};
}

std::string series_text(const SeriesEntry& entry) {
  return fmt::format("    {{\"name\": {}, \"time\": {:.17g}}}", json_text(entry.file), entry.time);
}

std::vector<SeriesEntry> parse_series(const std::string& text, const std::string& path) {
  std::vector<SeriesEntry> entries;
  try {
    const auto root = nlohmann::json::parse(text);
    for (const auto& file : root.at("files")) {
      entries.push_back({file.at("name").get<std::string>(), file.at("time").get<double>()});
    }
  } catch (const nlohmann::json::exception&) {
    throw sdk::Error(sdk::ErrorKind::state, "not a readable file series", path,
                     "it may be truncated or damaged; open one of its step files (.hdf) instead");
  }
  return entries;
}

}  // namespace ansatz::io
