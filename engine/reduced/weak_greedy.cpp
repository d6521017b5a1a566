#include "engine/reduced/weak_greedy.hpp"

namespace ansatz::reduced {

std::vector<double> WeakGreedy::evaluate(const TrainingSet& points) {
  const auto model = basis_.model();
  ReducedModel::Workspace work(model);
  const std::size_t first = points.size() * comm_.rank() / comm_.size();
  const std::size_t end = points.size() * (comm_.rank() + 1) / comm_.size();
  std::vector<double> mine;
  base::agree(comm_, [&] {
    for (std::size_t i = first; i < end; ++i) mine.push_back(model.solve(points[i], work).basis_bound);
  });
  return comm_.gather_all(std::span<const double>(mine));
}

}  // namespace ansatz::reduced
