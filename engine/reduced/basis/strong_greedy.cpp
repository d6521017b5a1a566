#include "engine/reduced/basis/strong_greedy.hpp"

#include <algorithm>

#include "engine/reduced/algebra/lift.hpp"

namespace ansatz::reduced {

StrongGreedy::StrongGreedy(ReducedBasis& basis, const sampling::TrainingSet& training,
                           const std::function<void(std::size_t)>& on_solved)
    : basis_(basis), training_(training), solutions_(basis.basis().num_rows()) {
  for (std::size_t i = 0; i < training.size(); ++i) {
    solutions_.append(basis_.snapshot(training[i]));
    if (on_solved) on_solved(i + 1);
  }
}

std::vector<double> StrongGreedy::evaluate(const sampling::TrainingSet& points) {
  if (!std::ranges::equal(points.values(), training_.values())) {
    throw sdk::Error(sdk::ErrorKind::internal, "a strong greedy algorithm knows the errors on its training set only",
                     "StrongGreedy");
  }
  const auto model = basis_.model();
  ReducedModel::Workspace work(model);
  std::vector<double> errors, difference(solutions_.num_rows());
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::ranges::copy(solutions_.column(static_cast<int>(i)), difference.begin());
    add_lifted(-1.0, basis_.basis(), model.coefficients(points[i], work), difference);
    errors.push_back(basis_.product().norm(difference));
  }
  return errors;
}

}  // namespace ansatz::reduced
