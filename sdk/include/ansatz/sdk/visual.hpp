#pragma once
/// Results for viewers: a mesh in VTK's terms, fields on it, and the writers of the file layouts.

#include <mpi.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ansatz::sdk {

/// One rank's part of a mesh in VTK's terms: owned cells only, all points that they use, local indices.
/// An empty rank has no points and no cells.
struct VisualMesh {
  std::vector<double> points;              ///< (num_points, 3) [m]
  std::vector<std::int64_t> connectivity;  ///< concatenated point indices of the cells
  std::vector<std::int64_t> offsets{0};    ///< (num_cells + 1)
  std::vector<std::uint8_t> types;         ///< (num_cells) VTK cell types
  std::vector<std::int64_t> point_keys;    ///< (num_points, 2) canonical keys, so that fields can be read back
  std::vector<std::int64_t> cell_ids;      ///< (num_cells) canonical ids

  std::int64_t num_points() const { return static_cast<std::int64_t>(points.size() / 3); }
  std::int64_t num_cells() const { return static_cast<std::int64_t>(types.size()); }
};

enum class VisualLocation { points, cells };

/// One field of one step on this rank. `values` stays owned by the caller.
struct VisualField {
  std::string name;
  std::string unit;
  VisualLocation location = VisualLocation::points;
  int components = 1;              ///< 1 scalar, 3 vector (z = 0 in 2-D), 6 symmetric tensor xx yy zz xy yz xz
  std::span<const double> values;  ///< (num_points or num_cells, components)
};

/// Reproducibility block written into every file: flat text entries such as version, case, ranks.
using VisualMetadata = std::map<std::string, std::string>;

/// Writes a sequence of steps. All members are collective on the communicator given to the factory.
class VisualWriter {
 public:
  virtual ~VisualWriter();
  /// A new mesh from here on; called before the first step, and again only when the mesh changes.
  virtual void set_mesh(const VisualMesh& mesh) = 0;
  /// One complete step; when it returns, the step is in the file system under its final name.
  virtual void write_step(double time, std::span<const VisualField> fields) = 0;
  /// Path that a user opens, once at least one step is written.
  virtual std::string path() const = 0;
};

/// Where a writer puts its files: folder and base name give for example folder/fields.hdf.series.
struct VisualTarget {
  std::string folder;
  std::string base = "fields";
  VisualMetadata metadata;
};

}  // namespace ansatz::sdk
