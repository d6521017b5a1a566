#pragma once
/// A reduced model with its outputs at many parameters in one call.

#include <string>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/reduced/basis/output_model.hpp"

namespace ansatz::reduced {

/// The same on every rank; rows are points.
struct BatchResult {
  std::vector<double> values;              ///< (num_points, num_outputs)
  std::vector<double> bounds;              ///< (num_points, num_outputs); infinite where unknown
  std::vector<double> solution_bounds;     ///< (num_points), in the norm of X
  std::vector<double> seconds;             ///< (num_points)
  bool is_estimate = false;                ///< then all bounds are
  std::vector<std::string> problems = {};  ///< (num_points) why a point has no solution; empty where it has one
};

/// Evaluates all points, shared among the ranks; nothing is allocated from point to point. The numbers are those of
/// ReducedModel::solve() and OutputModel::evaluate(), whatever the number of ranks.
/// \param points shape (num_points, number of parameters of the model); where the reduced system is singular or gives
/// no finite numbers, values are not-a-number and bounds infinite
/// \throws otherwise as ReducedModel::solve(), on all ranks. *Collective.*
BatchResult evaluate_batch(const base::Communicator& comm, const ReducedModel& model,
                           const std::vector<OutputModel>& outputs, const sampling::TrainingSet& points);

}  // namespace ansatz::reduced
