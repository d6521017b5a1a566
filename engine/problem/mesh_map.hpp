#pragma once
/// `[mesh] map`: coordinates of a mesh as functions of those before the map and of parameters.

#include <span>
#include <vector>

#include "ansatz/sdk/expression.hpp"
#include "engine/input/case.hpp"
#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::problem {

/// The points of a mesh before the map, and the map where the case has one.
class MeshMap {
 public:
  /// \param mesh before the map \throws sdk::Error of kind case_file for expressions of anything but x, y, z,
  /// parameters, constants and tables, or of a wrong number. Not collective.
  MeshMap(const input::Case& parsed, const mesh::Mesh& mesh);

  /// By component; none: the points stay where they are.
  const std::vector<sdk::Expression>& expressions() const { return expressions_; }
  /// Shape (num_points, dim) [m].
  const std::vector<double>& points_before() const { return points_; }
  /// Numbers of the parameters that the map depends on, ascending.
  std::vector<int> parameters_used() const;

  /// Moves the mesh's points to where they are at these parameters. \throws sdk::Error of kind mesh with the parameters
  /// that the map uses, where a coordinate is not finite or a cell is inverted; the mesh is as it was then.
  /// *Collective.*
  void apply(std::span<const double> parameters, mesh::Mesh& mesh) const;

 private:
  const input::Case& case_;
  std::vector<sdk::Expression> expressions_;
  std::vector<double> points_;
};

}  // namespace ansatz::problem
