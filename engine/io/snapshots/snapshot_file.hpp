#pragma once
/// Solutions of another program at many parameters, by nodes of this one's mesh.

#include <functional>
#include <string>
#include <vector>

#include "ansatz/sdk/mesh_reader.hpp"
#include "engine/io/fields/field_source.hpp"

namespace ansatz::io {

/// A file of solutions, see this room's README. What is small is read at once, values are read as they are asked for,
/// each rank those of its own nodes.
class SnapshotFile {
 public:
  struct Field {
    std::string name;
    int components = 1;
  };
  /// The reader of a mesh file, or null where there is none.
  using FindReader = std::function<const sdk::MeshReader*(const std::string& path)>;

  /// \param nodes the nodes of this rank where values are wanted
  /// *Collective.* \throws sdk::Error of kind state with file, object and row: an object is missing or has another
  /// shape, a name twice, parameters twice, times that do not grow, a number that is not finite, a node without a point
  /// or with two.
  SnapshotFile(const base::Communicator& comm, const std::string& path, const FieldPoints& nodes,
               const FindReader& find_reader);

  const std::vector<std::string>& names() const { return names_; }    ///< of the parameters
  std::int64_t size() const { return size_; }                         ///< number of solutions
  std::span<const double> parameters() const { return parameters_; }  ///< (size, names)
  std::span<const double> times() const { return times_; }            ///< (steps) [s]; empty: steady
  const std::vector<Field>& fields() const { return fields_; }        ///< sorted by name

  /// Values at this rank's nodes, shape (nodes, components). *Collective.* \throws sdk::Error of kind state for a field
  /// that the file does not have, or a value that is not finite.
  /// \param step 0 for steady solutions
  std::vector<double> values(const std::string& field, std::int64_t solution, std::int64_t step) const;

 private:
  /// All points of the file.
  struct Points {
    std::string where;           ///< for errors
    int columns = 3;             ///< at least dim
    std::vector<double> values;  ///< (points, columns)
    double spacing = 0.0;        ///< relative, of neighbouring coordinates as stored
  };

  void read_table(const InputFile& file);
  void read_fields(const InputFile& file);
  std::string mesh_of(const InputFile& file) const;
  Points points_of_mesh(const std::string& mesh, const FindReader& find_reader) const;
  void check_points(const Points& points, int dim) const;
  void match(const FieldPoints& nodes, const Points& points);

  base::Communicator comm_;
  std::string path_;
  std::int64_t size_ = 0, num_points_ = 0;
  std::vector<std::string> names_;
  std::vector<double> parameters_, times_;
  std::vector<Field> fields_;
  std::vector<std::int64_t> rows_;  ///< (nodes) of each node of this rank in the file
};

}  // namespace ansatz::io
