#include "reader.hpp"

#include <fmt/format.h>
#include <gmsh.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/raw_mesh.hpp"
#include "library.hpp"
#include "msh_file.hpp"

namespace ansatz::gmsh {
namespace {

namespace api = ::gmsh;

[[noreturn]] void fail(const std::string& what, const std::string& path, const std::string& hint = {}) {
  throw sdk::Error(sdk::ErrorKind::mesh, what, path, hint);
}

struct Group {
  int dimension = 0;
  std::string name;
  std::vector<int> entities;
};

std::vector<Group> read_groups() {
  api::vectorpair tags;
  api::model::getPhysicalGroups(tags);
  std::vector<Group> groups;
  for (const auto& [dimension, tag] : tags) {
    Group group{dimension, {}, {}};
    api::model::getPhysicalName(dimension, tag, group.name);
    if (group.name.empty()) group.name = fmt::format("group_{}", tag);
    api::model::getEntitiesForPhysicalGroup(dimension, tag, group.entities);
    groups.push_back(std::move(group));
  }
  return groups;
}

/// Elements of one type on one entity.
struct Elements {
  int type = 0;
  std::vector<std::size_t> nodes;
};

std::vector<Elements> read_elements(int dimension, int entity) {
  std::vector<int> types;
  std::vector<std::vector<std::size_t>> tags, nodes;
  api::model::mesh::getElements(types, tags, nodes, dimension, entity);
  std::vector<Elements> out;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (!tags[i].empty()) out.push_back({types[i], std::move(nodes[i])});
  }
  return out;
}

struct ElementType {
  std::string name;
  int num_nodes = 0;
  int num_corners = 0;
};

ElementType element_type(int type) {
  ElementType out;
  int dimension = 0, order = 0;
  std::vector<double> coordinates;
  api::model::mesh::getElementProperties(type, out.name, dimension, order, out.num_nodes, coordinates, out.num_corners);
  return out;
}

struct CellForm {
  sdk::CellType cell;
  int geometry_degree;
};

/// The engine's cell for one of Gmsh's element types, where it has one.
std::optional<CellForm> cell_form(int type) {
  switch (type) {
    case 1:
      return CellForm{sdk::CellType::interval, 1};
    case 2:
      return CellForm{sdk::CellType::triangle, 1};
    case 3:
      return CellForm{sdk::CellType::quadrilateral, 1};
    case 4:
      return CellForm{sdk::CellType::tetrahedron, 1};
    case 5:
      return CellForm{sdk::CellType::hexahedron, 1};
    case 9:
      return CellForm{sdk::CellType::triangle, 2};
    case 11:
      return CellForm{sdk::CellType::tetrahedron, 2};
    default:
      return std::nullopt;
  }
}

/// Index of a node by its tag. Tags are mostly dense; where they are not, it searches.
class NodeIndex {
 public:
  explicit NodeIndex(std::vector<std::size_t> sorted_tags) : tags_(std::move(sorted_tags)) {
    if (tags_.empty() || tags_.back() > 8 * tags_.size() + 1024) return;
    dense_.assign(tags_.back() + 1, -1);
    for (std::size_t i = 0; i < tags_.size(); ++i) dense_[tags_[i]] = static_cast<std::int64_t>(i);
  }

  /// -1 where there is no such node.
  std::int64_t operator()(std::size_t tag) const {
    if (!dense_.empty()) return tag < dense_.size() ? dense_[tag] : -1;
    const auto it = std::ranges::lower_bound(tags_, tag);
    return it != tags_.end() && *it == tag ? it - tags_.begin() : -1;
  }

 private:
  std::vector<std::size_t> tags_;
  std::vector<std::int64_t> dense_;
};

/// All nodes of the model in ascending order of their tags.
NodeIndex read_nodes(std::vector<double>& points) {
  std::vector<std::size_t> tags;
  std::vector<double> coordinates, parameters;
  api::model::mesh::getNodes(tags, coordinates, parameters, -1, -1, false, false);
  std::vector<std::size_t> order(tags.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return tags[i]; });
  points.clear();
  points.reserve(coordinates.size());
  std::vector<std::size_t> sorted;
  sorted.reserve(tags.size());
  for (const auto i : order) {
    if (!sorted.empty() && sorted.back() == tags[i]) continue;
    sorted.push_back(tags[i]);
    points.insert(points.end(), &coordinates[3 * i], &coordinates[3 * i] + 3);
  }
  return NodeIndex(std::move(sorted));
}

/// Turns the current Gmsh model into a RawMesh.
class Conversion {
 public:
  explicit Conversion(std::string path)
      : path_(std::move(path)), groups_(read_groups()), index_(read_nodes(mesh_.points)) {}

  sdk::RawMesh run() {
    find_dimension();
    name_regions();
    read_cells();
    read_sets();
    sdk::finish_mesh(mesh_, path_);
    return std::move(mesh_);
  }

 private:
  /// The highest dimension that has elements.
  void find_dimension() {
    for (dimension_ = 3; dimension_ > 0; --dimension_) {
      if (!read_elements(dimension_, -1).empty()) return;
    }
    fail("the mesh has no cells", path_,
         "in Gmsh, mesh the geometry before saving it, and put its cells in a physical group");
  }

  void name_regions() {
    for (const auto& group : groups_) {
      if (group.dimension != dimension_) continue;
      const int region = static_cast<int>(mesh_.region_names.size());
      if (std::ranges::find(mesh_.region_names, group.name) != mesh_.region_names.end()) {
        fail(fmt::format("two physical groups of dimension {} are called \"{}\"", dimension_, group.name), path_);
      }
      mesh_.region_names.push_back(group.name);
      for (const int entity : group.entities) {
        const auto [it, is_new] = region_of_.emplace(entity, region);
        if (!is_new) {
          fail(fmt::format("the cells of entity {} are in two regions, \"{}\" and \"{}\"", entity,
                           mesh_.region_names[it->second], group.name),
               path_, "each cell belongs to one region: split the physical groups into disjoint ones");
        }
      }
    }
    if (groups_.empty()) mesh_.region_names = {"domain"};
  }

  int region_of(int entity) const {
    if (groups_.empty()) return 0;
    const auto it = region_of_.find(entity);
    if (it == region_of_.end()) {
      fail(fmt::format("the cells of entity {} of dimension {} are in no physical group", entity, dimension_), path_,
           "where a file has physical groups, every cell must be in one; for example: Physical " +
               std::string(dimension_ == 3   ? "Volume"
                           : dimension_ == 2 ? "Surface"
                                             : "Curve") +
               "(\"domain\") = {" + std::to_string(entity) + "};");
    }
    return it->second;
  }

  void read_cells() {
    api::vectorpair entities;
    api::model::getEntities(entities, dimension_);
    std::optional<int> only_type;
    for (const auto& [dimension, entity] : entities) {
      for (const auto& elements : read_elements(dimension, entity)) {
        accept_type(elements.type, only_type);
        append_cells(elements, region_of(entity));
      }
    }
  }

  void accept_type(int type, std::optional<int>& only_type) {
    const auto form = cell_form(type);
    if (!form) {
      fail(fmt::format("cells of Gmsh's type \"{}\" are not supported", element_type(type).name), path_,
           "first-order intervals, triangles, quadrilaterals, tetrahedra, hexahedra, and second-order triangles and "
           "tetrahedra are");
    }
    if (only_type && *only_type != type) {
      fail(fmt::format("the mesh mixes cells of types \"{}\" and \"{}\"", element_type(*only_type).name,
                       element_type(type).name),
           path_, "a mesh has cells of one type; in Gmsh, drop Recombine or recombine all surfaces");
    }
    only_type = type;
    mesh_.cell = form->cell;
    mesh_.dimension = dimension_;
    mesh_.geometry_degree = form->geometry_degree;
  }

  std::int64_t node(std::size_t tag) const {
    const auto i = index_(tag);
    if (i < 0) fail(fmt::format("an element names node {}, which the file does not have", tag), path_);
    return i;
  }

  void append_cells(const Elements& elements, int region) {
    const auto width = static_cast<std::size_t>(sdk::num_points(mesh_.cell, mesh_.geometry_degree));
    const std::size_t first = mesh_.cells.size();
    for (const auto tag : elements.nodes) mesh_.cells.push_back(node(tag));
    if (mesh_.cell == sdk::CellType::tetrahedron && mesh_.geometry_degree == 2) {
      // Gmsh numbers the edges of a tetrahedron ... (2,3), (1,3); VTK ... (1,3), (2,3).
      for (std::size_t c = first; c < mesh_.cells.size(); c += width) std::swap(mesh_.cells[c + 8], mesh_.cells[c + 9]);
    }
    mesh_.cell_region.resize(mesh_.cells.size() / width, region);
  }

  void read_sets() {
    for (const auto& group : groups_) {
      if (group.dimension >= dimension_) continue;
      if (mesh_.sets.contains(group.name)) {
        fail(fmt::format("two physical groups below dimension {} are called \"{}\"", dimension_, group.name), path_);
      }
      auto& set = mesh_.sets[group.name];
      set.dimension = group.dimension;
      std::set<std::vector<std::int64_t>> seen;
      for (const int entity : group.entities) {
        for (const auto& elements : read_elements(group.dimension, entity)) append_to(set, elements, seen);
      }
    }
  }

  /// Version 2 files repeat an element for each of its groups: `seen` keeps it once.
  void append_to(sdk::RawEntities& set, const Elements& elements, std::set<std::vector<std::int64_t>>& seen) const {
    const auto type = element_type(elements.type);
    std::vector<std::int64_t> corners(static_cast<std::size_t>(type.num_corners));
    for (std::size_t first = 0; first < elements.nodes.size(); first += static_cast<std::size_t>(type.num_nodes)) {
      for (std::size_t v = 0; v < corners.size(); ++v) corners[v] = node(elements.nodes[first + v]);
      auto sorted = corners;
      std::ranges::sort(sorted);
      if (!seen.insert(std::move(sorted)).second) continue;
      set.vertices.insert(set.vertices.end(), corners.begin(), corners.end());
      set.offsets.push_back(static_cast<std::int64_t>(set.vertices.size()));
    }
  }

  std::string path_;
  sdk::RawMesh mesh_;
  std::vector<Group> groups_;
  NodeIndex index_;
  int dimension_ = 0;
  std::map<int, int> region_of_;
};

void require_counts(const MshCounts& counts, const std::string& path) {
  std::vector<std::size_t> tags;
  std::vector<double> coordinates, parameters;
  api::model::mesh::getNodes(tags, coordinates, parameters, -1, -1, false, false);
  std::int64_t num_elements = 0;
  for (int dimension = 0; dimension <= 3; ++dimension) {
    for (const auto& elements : read_elements(dimension, -1)) {
      num_elements += static_cast<std::int64_t>(elements.nodes.size()) / element_type(elements.type).num_nodes;
    }
  }
  const auto num_nodes = static_cast<std::int64_t>(tags.size());
  if (num_nodes != counts.num_nodes || num_elements != counts.num_elements) {
    fail(fmt::format("the file announces {} nodes and {} elements, but {} and {} could be read", counts.num_nodes,
                     counts.num_elements, num_nodes, num_elements),
         path, "the file is damaged: copy it again or let Gmsh write it again");
  }
}

bool has_elements() {
  std::vector<int> types;
  api::model::mesh::getElementTypes(types);
  return std::ranges::any_of(types, [](int type) { return type != 15; });
}

/// Meshes the open geometry up to the highest dimension that its physical groups name.
void generate(Library& library, const std::string& path, const sdk::MeshReaderOptions& options) {
  api::vectorpair groups;
  api::model::getPhysicalGroups(groups);
  int dimension = groups.empty() ? api::model::getDimension() : 0;
  for (const auto& group : groups) dimension = std::max(dimension, group.first);
  if (dimension < 1) fail("the geometry has no curve, surface or volume to mesh", path);
  double size_factor = 1.0;
  api::option::getNumber("Mesh.MeshSizeFactor", size_factor);
  api::option::setNumber("Mesh.MeshSizeFactor", size_factor * options.size_factor);
  api::option::setNumber("Mesh.RandomSeed", 1);
  library.run("while meshing", path, [&] { api::model::mesh::generate(dimension); });
}

}  // namespace

std::vector<std::string> Reader::extensions() const {
  return {".msh", ".geo", ".geo_unrolled", ".brep", ".step", ".stp"};
}

sdk::RawMesh Reader::read(const std::string& path, const sdk::MeshReaderOptions& options) const {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored) || !std::ifstream(path)) {
    fail("there is no such mesh file, or it cannot be read", path, "paths in a case are relative to the case file");
  }
  const bool is_msh = path.ends_with(".msh");
  const MshCounts counts = is_msh ? inspect_msh(path) : MshCounts{};
  Library library;
  library.run("to read the file", path, [&] { api::open(path); });
  if (is_msh) {
    require_counts(counts, path);
  } else if (!has_elements()) {
    generate(library, path, options);
  }
  if (options.geometry_degree != 0) {
    library.run("to set the geometry degree", path, [&] { api::model::mesh::setOrder(options.geometry_degree); });
  }
  return Conversion(path).run();
}

}  // namespace ansatz::gmsh
