#include "engine/study/solution.hpp"

#include <algorithm>
#include <cmath>

namespace ansatz::study {
namespace {

using Kind = QuantitySpec::Kind;

/// What all reactions of a solution need.
class Reactions {
 public:
  Reactions(fem::DiscreteProblem& discrete, const Solution& solution) : comm_(discrete.comm()), time_(solution.time) {
    const auto& u = solution.of_rates ? *solution.of_rates : solution.values;
    values_ = discrete.with_ghosts(u);
    if (solution.rates) rates_ = discrete.with_ghosts(*solution.rates);
    residual_.resize(discrete.size());
    discrete.reactions(solution.time, u, solution.rates, residual_);
  }
  /// The flux (force) that enters through a set. *Collective.*
  double of(const fem::Reaction& reaction) const {
    double sum = 0.0;
    base::agree(comm_, [&] { sum = reaction.sum({time_, values_, rates_}, residual_); });
    return comm_.sum(sum);
  }

 private:
  const base::Communicator& comm_;
  double time_;
  std::vector<double> values_, rates_, residual_;
};

/// The largest or least nodal value, at the nodes of the highest degree of the fields; not a number where one is not.
double extreme(const Problem& problem, const BoundQuantity& quantity, const fem::FormState& state) {
  const auto& fields = problem.dofs().fields();
  const auto& nodes = *std::ranges::max_element(fields, {}, [](const auto& field) { return field.nodes->degree; })->nodes;
  const auto at_nodes = problem.evaluator().at_nodes(quantity.expression, state, nodes, quantity.domain.region);
  const double sign = quantity.spec.kind == Kind::maximum ? 1.0 : -1.0;
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

}  // namespace

std::vector<QuantityValue> evaluate_quantities(const Problem& problem, fem::DiscreteProblem& discrete,
                                               const Solution& solution, const TimeSeries* series,
                                               std::span<const KnownQuantity> known) {
  const auto values = discrete.with_ghosts(solution.values);
  std::vector<double> rates;
  if (solution.rates) rates = discrete.with_ghosts(*solution.rates);
  const fem::FormState state{solution.time, values, rates};
  std::optional<Reactions> reactions;
  std::vector<QuantityValue> result;
  std::vector<double> of_case;
  for (const auto& quantity : problem.quantities()) {
    double value = 0.0;
    if (quantity.at_end && series == nullptr) {
      of_case.push_back(value);
      continue;
    }
    if (!known.empty() && known[of_case.size()].reason.empty()) {
      const auto& it = known[of_case.size()];
      result.push_back({quantity.spec.name, it.value, quantity.unit, it.bound, it.is_estimate, it.kind});
      of_case.push_back(it.value);
      continue;
    }
    switch (quantity.spec.kind) {
      case Kind::point:
        value = problem.evaluator().at_point(quantity.expression, state, quantity.spec.point, quantity.domain.region);
        break;
      case Kind::integral:
        value = problem.evaluator().integrate(quantity.expression, state, quantity.domain);
        break;
      case Kind::mean:
        value = problem.evaluator().integrate(quantity.expression, state, quantity.domain) /
                problem.evaluator().integrate(sdk::Expression(1.0), state, quantity.domain);
        break;
      case Kind::norm:
        value = std::sqrt(problem.evaluator().integrate(quantity.expression, state, quantity.domain));
        break;
      case Kind::reaction:
        if (!reactions) reactions.emplace(discrete, solution);
        value = reactions->of(*quantity.reaction);
        break;
      case Kind::maximum:
      case Kind::minimum:
        value = extreme(problem, quantity, state);
        break;
      case Kind::formula:
        value = quantity.expression.evaluate(sdk::ExpressionInputs<double>{
            nullptr, solution.time, problem.parameters().data(), of_case.data(), nullptr});
        break;
      case Kind::over_time:
        value = series->statistic(quantity.spec.statistic, quantity.of, quantity.spec.after);
        break;
    }
    result.push_back({quantity.spec.name, value, quantity.unit});
    if (!known.empty()) result.back().no_bound = known[of_case.size()].reason;
    of_case.push_back(value);
  }
  const auto declared = problem.evaluator().quantities(state);
  for (std::size_t k = 0; k < declared.size(); ++k) {
    const auto& info = problem.physics().info().quantities[k];
    result.push_back({info.name, declared[k], problem.units().quantity(static_cast<int>(k))});
  }
  return result;
}

}  // namespace ansatz::study
