#include "reader.hpp"

#include <fmt/format.h>
#include <gmsh.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/mesh_builder.hpp"
#include "ansatz/sdk/text.hpp"
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
  int tag = 0;
  std::string name;
  std::set<int> entities;
};

std::vector<Group> read_groups() {
  api::vectorpair tags;
  api::model::getPhysicalGroups(tags);
  std::vector<Group> groups;
  for (const auto& [dimension, tag] : tags) {
    Group group{dimension, tag, {}, {}};
    api::model::getPhysicalName(dimension, tag, group.name);
    if (group.name.empty()) group.name = fmt::format("group_{}", tag);
    std::vector<int> entities;
    api::model::getEntitiesForPhysicalGroup(dimension, tag, entities);
    group.entities.insert(entities.begin(), entities.end());
    groups.push_back(std::move(group));
  }
  return groups;
}

/// Elements of one type on one entity.
struct Elements {
  int type = 0;
  std::vector<std::size_t> tags;
  std::vector<std::size_t> nodes;
};

std::vector<Elements> read_elements(int dimension, int entity) {
  std::vector<int> types;
  std::vector<std::vector<std::size_t>> tags, nodes;
  api::model::mesh::getElements(types, tags, nodes, dimension, entity);
  std::vector<Elements> out;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (!tags[i].empty()) out.push_back({types[i], std::move(tags[i]), std::move(nodes[i])});
  }
  return out;
}

struct ElementType {
  std::string name;
  int dimension = 0;
  int num_nodes = 0;
  int num_corners = 0;
  std::vector<double> places;  ///< (num_nodes, dimension) in Gmsh's reference cell
};

/// Partitioned files have copies of the cells around each part, on entities of their own.
bool is_ghost(int dimension, int entity) {
  std::string type;
  api::model::getType(dimension, entity, type);
  return type.starts_with("Ghost");
}

ElementType element_type(int type) {
  ElementType out;
  int order = 0;
  api::model::mesh::getElementProperties(type, out.name, out.dimension, order, out.num_nodes, out.places,
                                         out.num_corners);
  return out;
}

/// Nodes of a type of elements, 0 where Gmsh does not know it.
int nodes_of_type(int type) {
  try {
    return element_type(type).num_nodes;
  } catch (...) {
    return 0;
  }
}

/// The engine's cell, of any order, for one of Gmsh's element types; nothing where it has none.
std::optional<sdk::FileCell> file_cell(const ElementType& type) {
  const auto* cell = sdk::cell_shape_with(type.dimension, type.num_corners);
  if (cell == nullptr) return std::nullopt;
  sdk::FileCell out{fmt::format("\"{}\"", type.name), cell->type, {}};
  for (int i = 0; i < type.num_nodes; ++i) {
    std::array<double, 3> place{};
    const double* x = type.places.data() + i * type.dimension;
    int k = 0;
    for (const int d : cell->factors) {
      for (const int end = k + d; k < end; ++k)
        place[k] = d == 1 ? (x[k] + 1) / 2 : x[k];  // Gmsh's intervals are [-1, 1]
    }
    out.nodes.push_back(place);
  }
  return out;
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
  /// \param msh the mesh file; null for a geometry, whose cells must all be in groups where it has some
  Conversion(std::string path, const MshFile* msh)
      : path_(std::move(path)),
        msh_(msh),
        by_element_(msh != nullptr && msh->version < 3.0),
        mesh_(path_),
        groups_(read_groups()),
        index_(read_nodes(mesh_.points())) {}

  sdk::RawMesh run() {
    find_dimension();
    read_cells();
    for (const auto& group : groups_) {
      if (group.dimension < dimension_) read_set(group);
    }
    return mesh_.finish();
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

  void read_cells() {
    api::vectorpair entities;
    api::model::getEntities(entities, dimension_);
    for (const auto& [dimension, entity] : entities) {
      if (is_ghost(dimension, entity)) continue;
      for (const auto& elements : read_elements(dimension, entity)) {
        if (msh_ == nullptr) require_group(entity);
        append_cells(elements, entity);
      }
    }
  }

  void require_group(int entity) const {
    if (groups_.empty() || !groups_of(entity).empty()) return;
    fail(fmt::format("the cells of entity {} of dimension {} are in no physical group", entity, dimension_), path_,
         fmt::format("where a geometry has physical groups, every cell must be in one; for example: Physical "
                     "{}(\"domain\") = {{{}}};",
                     dimension_ == 3   ? "Volume"
                     : dimension_ == 2 ? "Surface"
                                       : "Curve",
                     entity));
  }

  /// Whether an element of an entity of a group belongs to the group.
  bool contains(const Group& group, std::size_t element) const {
    return !by_element_ ||
           std::ranges::binary_search(msh_->groups, std::pair{static_cast<std::int64_t>(element), group.tag});
  }

  int type_of(int gmsh_type) {
    const auto [at, is_new] = types_.try_emplace(gmsh_type, 0);
    if (!is_new) return at->second;
    const auto type = element_type(gmsh_type);
    auto cell = file_cell(type);
    if (!cell) {
      fail(fmt::format("cells of Gmsh's type \"{}\" are not supported", type.name), path_,
           sdk::cell_plurals() + " are, of higher order too where they are straight");
    }
    return at->second = mesh_.add_type(std::move(*cell));
  }

  std::int64_t node(std::size_t tag) const {
    const auto i = index_(tag);
    if (i < 0) fail(fmt::format("an element names node {}, which the file does not have", tag), path_);
    return i;
  }

  /// Groups of cells that an entity, or elements of it, belong to.
  std::vector<const Group*> groups_of(int entity) const {
    std::vector<const Group*> found;
    for (const auto& group : groups_) {
      if (group.dimension == dimension_ && group.entities.contains(entity)) found.push_back(&group);
    }
    return found;
  }

  /// Version 2 repeats an element for each of its groups: it is one cell.
  void append_cells(const Elements& elements, int entity) {
    const int type = type_of(elements.type);
    const auto groups = groups_of(entity);
    const bool may_repeat = by_element_ && groups.size() > 1;
    const auto width = elements.nodes.size() / elements.tags.size();
    std::map<std::vector<std::int64_t>, std::int64_t> seen;
    std::vector<std::int64_t> nodes(width);
    for (std::size_t e = 0; e < elements.tags.size(); ++e) {
      for (std::size_t i = 0; i < width; ++i) nodes[i] = node(elements.nodes[e * width + i]);
      auto key = may_repeat ? nodes : std::vector<std::int64_t>();
      std::ranges::sort(key);
      const auto before = may_repeat ? seen.find(key) : seen.end();
      const auto cell = before != seen.end() ? before->second : mesh_.add_cell(type, nodes);
      if (may_repeat) seen.emplace(std::move(key), cell);
      for (const auto* group : groups) {
        if (contains(*group, elements.tags[e])) mesh_.put_in(cell, group->name);
      }
    }
  }

  void read_set(const Group& group) {
    mesh_.add_set(group.name, group.dimension);
    for (const int entity : group.entities) {
      for (const auto& elements : read_elements(group.dimension, entity)) append_entities(group, elements);
    }
  }

  void append_entities(const Group& group, const Elements& elements) {
    const auto width = elements.nodes.size() / elements.tags.size();
    std::vector<std::int64_t> corners(static_cast<std::size_t>(element_type(elements.type).num_corners));
    for (std::size_t e = 0; e < elements.tags.size(); ++e) {
      if (!contains(group, elements.tags[e])) continue;
      for (std::size_t v = 0; v < corners.size(); ++v) corners[v] = node(elements.nodes[e * width + v]);
      mesh_.add_entity(group.name, group.dimension, corners);
    }
  }

  std::string path_;
  const MshFile* msh_;
  bool by_element_;  ///< groups are those of elements, not of entities
  sdk::MeshBuilder mesh_;
  std::vector<Group> groups_;
  NodeIndex index_;
  int dimension_ = 0;
  std::map<int, int> types_;  ///< of the builder, by Gmsh's type
};

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
  Library library;
  std::optional<MshFile> msh;
  if (sdk::has_ending(path, ".msh")) msh = inspect_msh(path, nodes_of_type);
  library.run("to read the file", path, [&] { api::open(path); });
  if (!msh && !has_elements()) generate(library, path, options);
  if (options.geometry_degree == 2)
    library.run("to set the geometry degree", path, [&] { api::model::mesh::setOrder(2); });
  sdk::RawMesh mesh;
  library.run("to give the mesh", path, [&] { mesh = Conversion(path, msh ? &*msh : nullptr).run(); });
  return mesh;
}

}  // namespace ansatz::gmsh
