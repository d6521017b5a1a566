#pragma once
/// Strong greedy training of a reduced basis, by its true errors.

#include <functional>

#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/basis/reduced_basis.hpp"
#include "engine/sampling/greedy.hpp"

namespace ansatz::reduced {

/// A reduced basis as what the greedy loop trains, with |u(mu) - u_N(mu)|_X in place of a bound: it needs all solutions
/// on the training set, and no stability constant. A yardstick for bounds, and for small training sets.
class StrongGreedy final : public sampling::Surrogate {
 public:
  /// Solves at all points. Both references must outlive this.
  /// \param on_solved after each solution, with their number so far *Collective.*
  StrongGreedy(ReducedBasis& basis, const sampling::TrainingSet& training,
               const std::function<void(std::size_t)>& on_solved = {});

  /// \param points those of the training set, in its order \throws sdk::Error of kind internal for others.
  /// *Collective.*
  std::vector<double> evaluate(const sampling::TrainingSet& points) override;
  /// *Collective.*
  bool extend(std::span<const double> mu) override { return basis_.extend(mu); }

 private:
  ReducedBasis& basis_;
  const sampling::TrainingSet& training_;
  Block solutions_;  ///< free parts
};

}  // namespace ansatz::reduced
