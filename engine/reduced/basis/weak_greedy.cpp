#include "engine/reduced/basis/weak_greedy.hpp"

namespace ansatz::reduced {

std::vector<double> WeakGreedy::evaluate(const sampling::TrainingSet& points) {
  const auto model = basis_.model();
  ReducedModel::Workspace work(model);
  return sampling::shared_values(comm_, points,
                                 [&](std::span<const double> mu) { return model.solve(mu, work).basis_bound; });
}

}  // namespace ansatz::reduced
