#pragma once
/// The cells of a mesh that contain a point, and what a solution is there.

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/fem/evaluation/point_evaluator.hpp"
#include "engine/mesh/topology/box_tree.hpp"

namespace ansatz::fem {

/// A cell that contains a point.
struct CellAt {
  std::int32_t cell = 0;
  std::array<double, 3> reference{};  ///< coordinates in it
};

/// Looks up points among the local cells. Boxes around these are made at the first use, and again where the points of
/// the mesh have moved since, which is found out by comparing them all.
class CellsAtPoint {
 public:
  /// \param mesh must outlive this.
  explicit CellsAtPoint(const mesh::Mesh& mesh) : mesh_(mesh) {}

  /// Local cells, ghosts too, that contain the point (to 1e-6 in reference coordinates), ascending. Not collective.
  /// \param point shape (dim) [m]
  /// \param region only cells of this one
  std::vector<CellAt> find(std::span<const double> point, std::optional<int> region);
  /// Visits the points of shape (n, dim) one after the other, with what find() tells: made for many of them, the mesh
  /// is compared once. Not collective.
  void find_each(std::span<const double> points, std::optional<int> region,
                 const std::function<void(std::size_t, std::span<const CellAt>)>& visit);
  /// How many of these cells all ranks own together. *Collective.*
  /// \throws sdk::Error of kind case_file where none does.
  double count_owned(std::span<const CellAt> cells, std::span<const double> point, std::optional<int> region) const;

 private:
  std::vector<CellAt> cells_around(std::span<const double> point, std::optional<int> region) const;
  void copy_nodes(std::int32_t cell, std::span<double> nodes) const;
  void update_boxes();

  const mesh::Mesh& mesh_;
  std::vector<double> points_;  ///< of the mesh, for which the boxes are
  std::optional<mesh::BoxTree> boxes_;
};

/// See Evaluator::at_point(). *Collective.*
double value_at_point(PointEvaluator& at_points, CellsAtPoint& cells, const sdk::Expression& expression,
                      const FormState& state, std::span<const double> point, std::optional<int> region);

}  // namespace ansatz::fem
