#pragma once
/// From what a mesh file has, cells of any order, groups that overlap, sets of one name, to what the engine takes.

#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ansatz/sdk/mesh_reader.hpp"

namespace ansatz::sdk {

/// A type of cell in a file, by its nodes.
struct FileCell {
  std::string name;  ///< as the format calls it
  CellType cell = CellType::triangle;
  /// Reference coordinates of the nodes in the order of the file: simplices with corners at 0 and the unit points, the
  /// others in [0, 1]^d. Among them are the corners; second-order geometry needs the middles of all edges too.
  std::vector<std::array<double, 3>> nodes;
};

/// Collects a mesh in the words of its file. Indices of points are those of the file.
///
///     MeshBuilder mesh(path);
///     mesh.points() = {0, 0, 0, 1, 0, 0, 0, 1, 0};
///     const int type = mesh.add_type({"TRI3", CellType::triangle, {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}}});
///     mesh.put_in(mesh.add_cell(type, std::array<std::int64_t, 3>{0, 1, 2}), "steel");
///     return mesh.finish();
class MeshBuilder {
 public:
  /// \param where file, for errors
  /// \param rounding relative error of stored coordinates: 2^-24 from single precision
  explicit MeshBuilder(std::string where, double rounding = 0x1p-53) : where_(std::move(where)), rounding_(rounding) {}

  /// Shape (num_points, 3).
  std::vector<double>& points() { return mesh_.points; }
  /// Number of a new type of cells.
  int add_type(FileCell type);
  /// Number of the new cell, counted from 0. \throws Error of kind mesh: a node that the file does not have.
  std::int64_t add_cell(int type, std::span<const std::int64_t> nodes);
  /// Puts a cell into a group, which becomes a region. A cell may be in several groups or in none.
  void put_in(std::int64_t cell, const std::string& group);
  /// Adds an entity to a set, by its corners. A set may have entities of several dimensions.
  void add_entity(const std::string& set, int dimension, std::span<const std::int64_t> corners);
  /// A set of the file, which may stay empty: then it is unusable.
  void add_set(const std::string& set, int dimension) { sets_[{set, -dimension}].dimension = dimension; }
  /// A set that a case cannot use, for this reason; its entities are left out.
  void refuse_set(const std::string& set, const std::string& why) { refused_.emplace(set, why); }
  void warn(std::string text) { mesh_.warnings.push_back(std::move(text)); }

  /// The finished mesh.
  ///
  /// Cells: those with just the nodes of degree 1, or of degree 2 on triangles and tetrahedra, are only put into VTK's
  /// order. Of others the lowest of these degrees is taken whose geometry goes through all nodes of all cells, to 1e-10
  /// of a cell's size and the rounding of coordinates.
  ///
  /// Regions: each cell goes to the smallest of its groups, so that a name that remains stands for all its cells; a
  /// group that loses cells is unusable, and what is left of it is "NAME_rest". Cells without a group are "domain", or
  /// "no_group" where a group is called so.
  ///
  /// Sets: of those of one name the one of highest dimension keeps it; another is NAME_lines or NAME_points, or left
  /// out where it has just the points of the first. A set "all" is renamed likewise: the engine calls the boundary so.
  ///
  /// \throws Error of kind mesh: cells of several types; curved cells of a type that the engine does not have, with its
  /// name and the first node that bends one; and those of finish_mesh().
  RawMesh finish();

 private:
  struct Kind {
    FileCell type;
    std::vector<std::int64_t> nodes;
  };
  void add_cells();

  std::string where_;
  double rounding_;
  RawMesh mesh_;
  std::vector<Kind> kinds_;
  std::vector<std::pair<int, std::int64_t>> cells_;  ///< type, and number among those of this type
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> groups_;
  std::map<std::string, std::size_t> group_of_name_;
  std::map<std::string, std::string> refused_;
  std::map<std::pair<std::string, int>, RawEntities> sets_;  ///< by name, the highest dimension first
};

}  // namespace ansatz::sdk
