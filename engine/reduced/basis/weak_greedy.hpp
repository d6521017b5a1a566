#pragma once
/// Training of reduced bases by their own error bounds.

#include "engine/reduced/basis/reduced_basis.hpp"
#include "engine/sampling/greedy.hpp"

namespace ansatz::reduced {

/// A reduced basis as what the greedy loop trains; ranks share the evaluation of a training set.
class WeakGreedy final : public sampling::Surrogate {
 public:
  /// Both must outlive this.
  WeakGreedy(ReducedBasis& basis, const base::Communicator& comm) : basis_(basis), comm_(comm) {}

  /// Bounds of the present model, without the errors of interpolations, which no basis lowers. *Collective.*
  std::vector<double> evaluate(const sampling::TrainingSet& points) override;
  /// *Collective.*
  bool extend(std::span<const double> mu) override { return basis_.extend(mu); }

 private:
  ReducedBasis& basis_;
  const base::Communicator& comm_;
};

}  // namespace ansatz::reduced
