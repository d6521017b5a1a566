#pragma once
/// A reduced model with its outputs at many parameters in one call.

#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/reduced/output_model.hpp"

namespace ansatz::reduced {

/// The same on every rank; rows are points.
struct BatchResult {
  std::vector<double> values;           ///< (num_points, num_outputs)
  std::vector<double> bounds;           ///< (num_points, num_outputs); infinite where unknown
  std::vector<double> solution_bounds;  ///< (num_points), in the norm of X
  std::vector<double> seconds;          ///< (num_points)
  bool is_estimate = false;             ///< then all bounds are
};

/// Evaluates all points, shared among the ranks; nothing is allocated from point to point. The numbers are those of
/// ReducedModel::solve() and OutputModel::evaluate(), whatever the number of ranks. \param points shape (num_points, number of
/// parameters of the model) \throws as ReducedModel::solve(), on all ranks. *Collective.*
BatchResult evaluate_batch(const base::Communicator& comm, const ReducedModel& model, const std::vector<OutputModel>& outputs,
                           const TrainingSet& points);

}  // namespace ansatz::reduced
