#pragma once
/// Expressions at nodes: of a solution, and of positions, time, parameters and data alone.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/fem/evaluation/point_evaluator.hpp"

namespace ansatz::fem {

/// Values at owned nodes. Both of shape (num_owned).
struct NodalValues {
  std::vector<double> values;
  std::vector<std::uint8_t>
      known;  ///< 0 where no cell of the region is adjacent: there the value is 0 and means nothing
};

/// See Evaluator::at_nodes(). *Collective.*
NodalValues values_at_nodes(PointEvaluator& at_points, const sdk::Expression& expression, const FormState& state,
                            const mesh::NodeMap& nodes, std::optional<int> region);

/// Nodal values of an expression in x, y, z, t, parameters and data. Shape (num_local). Not collective.
/// \param data fields that the expression may use, of the degree of `nodes`
/// \throws sdk::Error of kind not_finite on this rank alone, with position.
std::vector<double> interpolate(const mesh::Mesh& mesh, const mesh::NodeMap& nodes, const sdk::Expression& expression,
                                double time, std::span<const double> parameters, std::span<const DataField> data = {});
/// Its derivative by one of the parameters, exactly. Throws likewise.
std::vector<double> interpolate_slope(const mesh::Mesh& mesh, const mesh::NodeMap& nodes,
                                      const sdk::Expression& expression, double time,
                                      std::span<const double> parameters, int parameter,
                                      std::span<const DataField> data = {});

}  // namespace ansatz::fem
