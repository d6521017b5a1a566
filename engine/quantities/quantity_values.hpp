#pragma once
/// Values of quantities that take more than an integral.

#include "engine/quantities/quantities.hpp"

namespace ansatz::quantities {

/// What all reactions of a solution need: its residual.
class Reactions {
 public:
  /// \param time at which data and loads are taken. *Collective.* \throws sdk::Error as
  /// fem::DiscreteProblem::reactions().
  Reactions(fem::DiscreteProblem& discrete, const Solution& solution, double time);

  /// The flux (force) that enters through a set. *Collective.*
  double of(const fem::Reaction& reaction) const;

 private:
  const base::Communicator& comm_;
  double time_;
  std::vector<double> values_, rates_, residual_;
};

/// The largest or least nodal value of a quantity's expression, at the nodes of the highest degree of the fields that
/// the cells of its region touch; not a number where one of these is not. *Collective.*
double extreme(const problem::Problem& problem, const problem::BoundQuantity& quantity, const fem::FormState& state);

}  // namespace ansatz::quantities
