#include "ansatz/sdk/mesh_builder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/raw_mesh.hpp"
#include "mesh_parts.hpp"

namespace ansatz::sdk {

int MeshBuilder::add_type(FileCell type) {
  kinds_.push_back({std::move(type), {}});
  return static_cast<int>(kinds_.size()) - 1;
}

std::int64_t MeshBuilder::add_cell(int type, std::span<const std::int64_t> nodes) {
  auto& kind = kinds_.at(type);
  const auto width = kind.type.nodes.size();
  if (nodes.size() != width) {
    throw Error(ErrorKind::mesh,
                fmt::format("a cell of type {} has {} nodes, not {}", kind.type.name, nodes.size(), width), where_);
  }
  if (std::ranges::any_of(nodes, [&](std::int64_t p) { return p < 0 || p >= mesh_.num_points(); })) {
    throw Error(ErrorKind::mesh, "a cell names a node that the file does not have", where_,
                "the file may be damaged: write it again");
  }
  cells_.emplace_back(type, static_cast<std::int64_t>(kind.nodes.size() / width));
  kind.nodes.insert(kind.nodes.end(), nodes.begin(), nodes.end());
  return static_cast<std::int64_t>(cells_.size()) - 1;
}

void MeshBuilder::put_in(std::int64_t cell, const std::string& group) {
  const auto [at, is_new] = group_of_name_.emplace(group, groups_.size());
  if (is_new) groups_.push_back({group, {}});
  groups_[at->second].second.push_back(cell);
}

void MeshBuilder::add_entity(const std::string& set, int dimension, std::span<const std::int64_t> corners) {
  auto& entities = sets_[{set, -dimension}];
  entities.dimension = dimension;
  entities.vertices.insert(entities.vertices.end(), corners.begin(), corners.end());
  entities.offsets.push_back(static_cast<std::int64_t>(entities.vertices.size()));
}

/// Puts the cells of all types into the order in which they were added.
void MeshBuilder::add_cells() {
  const Kind* first = nullptr;
  std::vector<PlainCells> plain(kinds_.size());
  for (std::size_t k = 0; k < kinds_.size(); ++k) {
    const auto& kind = kinds_[k];
    if (kind.nodes.empty()) continue;
    if (first != nullptr && first->type.cell != kind.type.cell) {
      throw Error(ErrorKind::mesh,
                  fmt::format("the mesh mixes cells of types {} and {}", first->type.name, kind.type.name), where_,
                  "a mesh has cells of one type: mesh all parts alike, or divide the cells of one type into the other");
    }
    plain[k] = plain_cells(kind.type, kind.nodes, mesh_.points, rounding_, where_);
    if (first != nullptr && plain[k].geometry_degree != mesh_.geometry_degree) {
      throw Error(ErrorKind::mesh,
                  fmt::format("the mesh mixes cells of types {} and {}", first->type.name, kind.type.name), where_,
                  "a mesh has cells of one order");
    }
    if (first == nullptr) first = &kind;
    mesh_.cell = kind.type.cell;
    mesh_.geometry_degree = plain[k].geometry_degree;
  }
  if (first == nullptr) throw Error(ErrorKind::mesh, "the mesh has no cells", where_);
  mesh_.dimension = dimension(mesh_.cell);
  const auto width = num_points(mesh_.cell, mesh_.geometry_degree);
  for (const auto& [type, number] : cells_) {
    const auto from = plain[type].nodes.begin() + number * width;
    mesh_.cells.insert(mesh_.cells.end(), from, from + width);
  }
}

RawMesh MeshBuilder::finish() {
  add_cells();
  add_regions(mesh_, static_cast<std::int64_t>(cells_.size()), std::move(groups_));
  std::erase_if(sets_, [&](const auto& set) { return refused_.contains(set.first.first); });
  mesh_.unusable.merge(refused_);
  add_sets(mesh_, std::move(sets_));
  finish_mesh(mesh_, where_);
  return std::move(mesh_);
}

}  // namespace ansatz::sdk
