#include "engine/study/solution.hpp"

#include <cmath>

namespace ansatz::study {
namespace {

using Kind = QuantitySpec::Kind;

sdk::Expression compiled(const Problem& problem, const std::string& text, const BoundQuantity& quantity) {
  return problem.solution_expression(text, quantity.spec.at.text());
}

/// sqrt of the integral of the squared expression, or of its squared gradient (h1, fields only).
double norm(const Problem& problem, const BoundQuantity& quantity, const fem::FormState& state) {
  std::string integrand = "(" + quantity.spec.expression + ")^2";
  if (quantity.spec.norm == "h1") {
    integrand.clear();
    constexpr std::array<const char*, 3> axis{"x", "y", "z"};
    for (int j = 0; j < problem.dim(); ++j) {
      integrand += (j > 0 ? " + " : "") + std::string("grad_") + quantity.spec.expression + "_" + axis[j] + "^2";
    }
  }
  return std::sqrt(problem.evaluator().integrate(compiled(problem, integrand, quantity), state, quantity.domain));
}

/// Sum of the residual over the nodes of a set: the flux (force) that enters through it.
double reaction(const Problem& problem, const BoundQuantity& quantity, std::span<const double> residual) {
  const auto& dofs = problem.dofs();
  const auto& set = problem.mesh().sets.at(quantity.spec.on);
  double sum = 0.0;
  for (const auto node : fem::nodes_on_set(problem.mesh(), *dofs.fields()[quantity.field].nodes, set)) {
    sum += residual[dofs.node_dofs(quantity.field)[node] + quantity.component];
  }
  return problem.mesh().comm.sum(sum);
}

double extreme(const Problem& problem, const BoundQuantity& quantity, const fem::FormState& state) {
  const auto values = problem.evaluator().at_nodes(quantity.expression, state, *problem.dofs().fields()[0].nodes,
                                                   quantity.domain.region);
  const bool maximum = quantity.spec.kind == Kind::maximum;
  double best = -INFINITY;
  for (const double x : values) best = std::max(best, maximum ? x : -x);
  best = problem.mesh().comm.max(best);
  return maximum ? best : -best;
}

}  // namespace

std::vector<QuantityValue> evaluate_quantities(const Problem& problem, fem::DiscreteProblem& discrete,
                                               const Solution& solution, const TimeSeries* series,
                                               std::span<const KnownQuantity> known) {
  const auto values = discrete.with_ghosts(solution.values);
  std::vector<double> rates;
  if (solution.rates) rates = discrete.with_ghosts(*solution.rates);
  const fem::FormState state{solution.time, values, rates};
  std::vector<double> residual;
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
        value = norm(problem, quantity, state);
        break;
      case Kind::reaction:
        if (residual.empty()) {
          residual.resize(solution.values.size() + 1);
          discrete.reactions(solution.time, solution.values, solution.rates, std::span(residual).first(solution.values.size()));
        }
        value = reaction(problem, quantity, residual);
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
    result.push_back({info.name, declared[k], info.unit});
  }
  return result;
}

}  // namespace ansatz::study
