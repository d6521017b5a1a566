#include <fmt/format.h>

#include <algorithm>

#include "engine/input/case_keys.hpp"
#include "engine/input/case_reading.hpp"

namespace ansatz::input {
namespace {

/// Records a list that does not have `dim` entries.
void check_length(Section& section, const std::string& key, std::size_t length, int dim) {
  if (length == static_cast<std::size_t>(dim)) return;
  section.error_at(key, fmt::format("\"{}.{}\" has {} entries but \"size\" has {}", section.name(), key, length, dim));
}

void check_cell(const Section& box, const mesh::BoxOptions& options, int dim) {
  const int own = mesh::topology(options.cell).dim;
  if (own != dim) {
    box.error_at("cell", fmt::format("cell \"{}\" is for {}-D, but \"size\" has {} entries",
                                     mesh::topology(options.cell).name, own, dim));
  }
  if (box.has("pattern") && options.cell != mesh::CellType::triangle) {
    box.error_at("pattern", "\"pattern\" is for triangles only", "remove it, or set cell = \"triangle\"");
  }
}

std::optional<mesh::BoxOptions> read_box(Section box) {
  mesh::BoxOptions options;
  const auto given = box_keys().read(box, options);
  box.finish();
  const int dim = static_cast<int>(options.size.size());
  if (dim < 1 || dim > 3) {
    if (dim > 0) box.error_at("size", "a box has 1, 2 or 3 dimensions");
    return std::nullopt;
  }
  if (!given.contains("origin")) options.origin.assign(dim, 0.0);
  if (!given.contains("periodic")) options.periodic.assign(dim, false);
  if (!given.contains("cell")) options.cell = std::ranges::find(mesh::cell_shapes, dim, &mesh::CellShape::dim)->type;
  check_cell(box, options, dim);
  if (!options.cells.empty()) check_length(box, "cells", options.cells.size(), dim);
  check_length(box, "origin", options.origin.size(), dim);
  check_length(box, "periodic", options.periodic.size(), dim);
  for (std::size_t i = 0; i < std::min(options.periodic.size(), options.cells.size()); ++i) {
    if (options.periodic[i] && options.cells[i] < 3)
      box.error_at("cells", "a periodic direction needs at least 3 cells");
  }
  return options.cells.empty() ? std::nullopt : std::optional(options);
}

}  // namespace

void read_mesh(Reading& reading, Section section) {
  auto& mesh = reading.result.mesh;
  mesh.at = section.at();
  if (auto box = section.table("box")) mesh.box = read_box(std::move(*box));
  mesh_keys().read(section, mesh);
  if (section.has("box") == section.has("file")) {
    section.error("[mesh] needs either \"box\" or \"file\"",
                  "for example box = { size = [1.0, 1.0], cells = [32, 32] }");
  }
  mesh.map = section.value("map");
  if (section.has("box")) {
    for (const char* key : {"reader", "geometry_degree", "size_factor"}) {
      if (section.has(key)) section.error_at(key, fmt::format("\"mesh.{}\" is for mesh files only", key));
    }
  }
  if (mesh.box) reading.dim = static_cast<int>(mesh.box->size.size());
  if (mesh.map && reading.dim > 0 && mesh.map->components.size() != static_cast<std::size_t>(reading.dim)) {
    section.error_at(
        "map", fmt::format("\"mesh.map\" needs {} expressions, not {}", reading.dim, mesh.map->components.size()));
  }
  section.finish();
}

}  // namespace ansatz::input
