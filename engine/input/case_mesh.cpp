#include <fmt/format.h>

#include <algorithm>

#include "engine/input/case_keys.hpp"
#include "engine/input/case_reading.hpp"

namespace ansatz::input {
namespace {

const std::vector<std::string> pattern_names{"right", "left", "crossed"};

int index_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<int>(std::find(names.begin(), names.end(), name) - names.begin());
}

/// Records a list that does not have `dim` entries.
void check_length(Section& section, const std::string& key, std::size_t length, int dim) {
  if (length == static_cast<std::size_t>(dim)) return;
  section.error_at(key, fmt::format("\"{}.{}\" has {} entries but \"size\" has {}", section.name(), key, length, dim));
}

void read_cell(Section& box, mesh::BoxOptions& options, int dim) {
  options.cell = std::ranges::find(mesh::cell_shapes, dim, &mesh::CellShape::dim)->type;
  if (const auto cell = box.choice("cell", sdk::cell_names())) {
    options.cell = mesh::cell_type_from_name(*cell);
    const int own = mesh::topology(options.cell).dim;
    if (own != dim) {
      box.error_at("cell", fmt::format("cell \"{}\" is for {}-D, but \"size\" has {} entries", *cell, own, dim));
    }
  }
  if (const auto pattern = box.choice("pattern", pattern_names)) {
    options.pattern = static_cast<mesh::BoxPattern>(index_of(pattern_names, *pattern));
    if (options.cell != mesh::CellType::triangle) {
      box.error_at("pattern", "\"pattern\" is for triangles only", "remove it, or set cell = \"triangle\"");
    }
  }
}

std::optional<mesh::BoxOptions> read_box(Section box) {
  mesh::BoxOptions options;
  const auto given = box_keys().read(box, options);
  const bool complete =
      box.require("cells", "cells in each direction, for example cells = [32, 32]") && box.has("size");
  options.cells = box.integers("cells", 1, 1 << 24).value_or(std::vector<int>{});
  const int dim = static_cast<int>(options.size.size());
  const bool known = dim >= 1 && dim <= 3;
  if (complete && box.has("size") && !known && dim > 0) box.error_at("size", "a box has 1, 2 or 3 dimensions");
  const auto periodic = box.booleans("periodic");
  if (!given.contains("origin")) options.origin.assign(dim, 0.0);
  options.periodic = periodic.value_or(std::vector<bool>(dim, false));
  if (known) {
    read_cell(box, options, dim);
    if (!options.cells.empty()) check_length(box, "cells", options.cells.size(), dim);
    if (given.contains("origin")) check_length(box, "origin", options.origin.size(), dim);
    if (periodic) check_length(box, "periodic", periodic->size(), dim);
    for (std::size_t i = 0; i < std::min(options.periodic.size(), options.cells.size()); ++i) {
      if (options.periodic[i] && options.cells[i] < 3)
        box.error_at("cells", "a periodic direction needs at least 3 cells");
    }
  } else {
    box.find("cell");
    box.find("pattern");
  }
  box.finish();
  return known && !options.cells.empty() ? std::optional(options) : std::nullopt;
}

}  // namespace

void read_mesh(Reading& reading, Section section) {
  auto& mesh = reading.result.mesh;
  mesh.at = section.at();
  if (auto box = section.table("box")) mesh.box = read_box(std::move(*box));
  const bool has_file = mesh_keys().read(section, mesh).contains("file");
  if (section.has("box") == section.has("file")) {
    section.error("[mesh] needs either \"box\" or \"file\"",
                  "for example box = { size = [1.0, 1.0], cells = [32, 32] }");
  } else if (has_file && mesh.file.empty()) {
    section.error_at("file", "\"mesh.file\" is empty");
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
