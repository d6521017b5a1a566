#include "engine/quantities/quantity_values.hpp"

#include <algorithm>
#include <cmath>

namespace ansatz::quantities {

Reactions::Reactions(fem::DiscreteProblem& discrete, const Solution& solution, double time)
    : comm_(discrete.comm()), time_(time) {
  const auto& u = solution.of_rates ? *solution.of_rates : solution.values;
  values_ = discrete.with_ghosts(u);
  if (solution.rates) rates_ = discrete.with_ghosts(*solution.rates);
  residual_.resize(discrete.size());
  discrete.reactions(time_, u, solution.rates, residual_);
}

double Reactions::of(const fem::Reaction& reaction) const {
  double sum = 0.0;
  base::agree(comm_, [&] { sum = reaction.sum({time_, values_, rates_}, residual_); });
  return comm_.sum(sum);
}

double extreme(const problem::Problem& problem, const problem::BoundQuantity& quantity, const fem::FormState& state) {
  const auto& fields = problem.dofs().fields();
  const auto& nodes =
      *std::ranges::max_element(fields, {}, [](const auto& field) { return field.nodes->degree; })->nodes;
  const auto at_nodes = problem.evaluator().at_nodes(quantity.expression, state, nodes, quantity.domain.region);
  const double sign = quantity.spec.kind == input::QuantitySpec::Kind::maximum ? 1.0 : -1.0;
  double best = -INFINITY, is_nan = 0.0;
  for (std::size_t i = 0; i < at_nodes.values.size(); ++i) {
    if (at_nodes.known[i] == 0) continue;
    best = std::max(best, sign * at_nodes.values[i]);
    if (std::isnan(at_nodes.values[i])) is_nan = 1.0;
  }
  const auto& comm = problem.mesh().comm;
  best = comm.max(best);
  return comm.max(is_nan) > 0.0 ? NAN : sign * best;
}

}  // namespace ansatz::quantities
