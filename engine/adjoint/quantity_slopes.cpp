#include "engine/adjoint/quantity_slopes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/dual.hpp"

namespace ansatz::adjoint {
namespace {

using Kind = input::QuantitySpec::Kind;

constexpr double round_off = 1e-10;  // of the range of nodal values, for ties of extremes

/// The derivatives of one quantity after the other at a solution.
class AtSolution {
 public:
  AtSolution(problem::Problem& problem, fem::DiscreteProblem& discrete, ResidualSlopes& equations,
             const sdk::Solution& solution)
      : problem_(problem),
        discrete_(discrete),
        equations_(equations),
        solution_(solution),
        definition_(problem.form().definition()),
        at_points_(problem.evaluator().at_points()),
        values_(discrete.with_ghosts(solution.values)) {
    if (solution.rates) rates_ = discrete.with_ghosts(*solution.rates);
    state_ = {solution.time, values_, rates_};
  }

  QuantitySlopes of(std::size_t number) {
    const auto& quantity = problem_.quantities()[number];
    QuantitySlopes result{0.0, fem::Slopes::zero(definition_), objection(problem_, number)};
    if (!quantity.at_end) {
      const std::size_t which[]{number};
      quantities::evaluate_quantities(problem_, discrete_, solution_, which, std::span(&result.value, 1), false);
    }
    if (!result.problem.empty()) return result;
    if (!std::isfinite(result.value)) {
      result.problem = "its value is not finite";
    } else {
      differentiate(quantity, result);
    }
    return result;
  }

 private:
  fem::Slopes integral(const sdk::Expression& expression, const fem::Domain& domain) {
    return fem::integral_slopes(at_points_, expression, state_, domain);
  }
  double measure(const fem::Domain& domain) const {
    return problem_.evaluator().integrate(sdk::Expression(1.0), state_, domain);
  }

  void differentiate(const problem::BoundQuantity& quantity, QuantitySlopes& result) {
    auto& slopes = result.slopes;
    if (quantity.declared >= 0) {
      slopes = fem::declared_slopes(at_points_, state_, quantity.declared);
      return;
    }
    switch (quantity.spec.kind) {
      case Kind::point:
        slopes = fem::point_slopes(at_points_, problem_.evaluator().cells(), quantity.expression, state_,
                                   quantity.spec.point, quantity.domain.region);
        break;
      case Kind::integral:
        slopes = integral(quantity.expression, quantity.domain);
        break;
      case Kind::mean:
        slopes.add(1.0 / measure(quantity.domain), integral(quantity.expression, quantity.domain));
        break;
      case Kind::deviation:
        deviation(quantity, result);
        break;
      case Kind::norm:
        if (result.value > 0.0) {
          slopes.add(0.5 / result.value, integral(quantity.expression, quantity.domain));
        } else {
          result.problem = "a norm has no derivative where it is 0";
        }
        break;
      case Kind::reaction:
        reaction(quantity, result);
        break;
      case Kind::maximum:
      case Kind::minimum:
        extreme(quantity, result);
        break;
      case Kind::formula:
        formula(quantity, result);
        break;
      case Kind::over_time:
        break;
    }
  }

  /// Of sqrt(int (q - m)^2 / |D|); the mean m adds nothing: int (q - m) = 0.
  void deviation(const problem::BoundQuantity& quantity, QuantitySlopes& result) {
    const double size = measure(quantity.domain);
    const double mean = problem_.evaluator().integrate(quantity.expression, state_, quantity.domain) / size;
    const double square = result.value * result.value, round = std::numeric_limits<double>::epsilon() * mean;
    if (!(square > 1e4 * round * round)) {
      result.problem = "a deviation has no derivative where it is 0";
      return;
    }
    const auto& spec = quantity.spec;
    const auto integrand =
        problem_.solution_expression(fmt::format("(({}) - ({:.17g}))^2", spec.expression, mean), spec.at.text());
    result.slopes.add(0.5 / (result.value * size), integral(integrand, quantity.domain));
  }

  void reaction(const problem::BoundQuantity& quantity, QuantitySlopes& result) {
    const auto weights = quantity.reaction->weights();
    if (problem_.mesh().comm.max(static_cast<std::int64_t>(weights.size())) == 0) {
      result.problem = "the set shares nodes with others that prescribe the field, by a rule without derivatives";
      return;
    }
    const double t = solution_.time;
    const auto& u = solution_.values;
    result.slopes.unknowns = equations_.transposed(t, u, std::nullopt, {1.0, 0.0}, weights);
    result.slopes.parameters = equations_.by_parameters(t, u, std::nullopt, weights);
  }

  void extreme(const problem::BoundQuantity& quantity, QuantitySlopes& result) {
    const auto& fields = problem_.dofs().fields();
    const auto& nodes =
        *std::ranges::max_element(fields, {}, [](const auto& field) { return field.nodes->degree; })->nodes;
    const auto at_nodes = problem_.evaluator().at_nodes(quantity.expression, state_, nodes, quantity.domain.region);
    const auto& comm = problem_.mesh().comm;
    double low = INFINITY, high = -INFINITY;
    for (std::size_t i = 0; i < at_nodes.values.size(); ++i) {
      if (at_nodes.known[i] == 0) continue;
      low = std::min(low, at_nodes.values[i]);
      high = std::max(high, at_nodes.values[i]);
    }
    high = comm.max(high);
    low = -comm.max(-low);
    const double best = quantity.spec.kind == Kind::maximum ? high : low;
    const double tie = round_off * (high - low);
    mesh::NodeKey key{-1, -1};
    std::int64_t attained = 0;
    for (std::size_t i = 0; i < at_nodes.values.size(); ++i) {
      if (at_nodes.known[i] == 0 || std::abs(at_nodes.values[i] - best) > tie) continue;
      key = nodes.keys[i];
      ++attained;
    }
    attained = comm.sum(attained);
    if (attained != 1) {
      result.problem = fmt::format("it is attained at {} nodes", attained);
      return;
    }
    key = {comm.max(key.low), comm.max(key.high)};
    result.slopes = fem::node_slopes(at_points_, quantity.expression, state_, nodes, key, quantity.domain.region);
  }

  void formula(const problem::BoundQuantity& quantity, QuantitySlopes& result) {
    using D = sdk::Dual<double, 1>;
    std::vector<D> inputs(problem_.quantities().size(), D(0.0));
    std::vector<D> parameters(problem_.parameters().begin(), problem_.parameters().end());
    const auto used = quantity.expression.indices_used(sdk::SymbolKind::field);
    std::vector<QuantitySlopes> found;
    for (const int i : used) {
      found.push_back(of(static_cast<std::size_t>(i)));
      inputs[i] = D(found.back().value);
      if (found.back().problem.empty()) continue;
      result.problem = fmt::format("{} has none: {}", problem_.quantities()[i].spec.name, found.back().problem);
      return;
    }
    const auto slope = [&] {
      return quantity.expression
          .evaluate(sdk::ExpressionInputs<D>{nullptr, D(solution_.time), parameters.data(), inputs.data(), nullptr})
          .d[0];
    };
    for (std::size_t k = 0; k < used.size(); ++k) {
      inputs[used[k]].d[0] = 1.0;
      result.slopes.add(slope(), found[k].slopes);
      inputs[used[k]].d[0] = 0.0;
    }
    for (const int k : quantity.expression.parameters_used()) {
      parameters[k].d[0] = 1.0;
      result.slopes.parameters[k] += slope();
      parameters[k].d[0] = 0.0;
    }
  }

  problem::Problem& problem_;
  fem::DiscreteProblem& discrete_;
  ResidualSlopes& equations_;
  const sdk::Solution& solution_;
  const fem::FormDefinition& definition_;
  fem::PointEvaluator& at_points_;
  std::vector<double> values_, rates_;
  fem::FormState state_;
};

}  // namespace

std::string objection(const problem::Problem& problem, std::size_t quantity) {
  const auto& bound = problem.quantities()[quantity];
  if (bound.spec.kind == Kind::over_time && bound.declared < 0)
    return "statistics over time are of what lies between the steps, too";
  if (bound.at_end) return "a formula of a statistic over time";
  if (bound.needs_rates && problem.parsed().time)
    return "reactions in time are of rates that the equations have at the end, which are no part of the steps";
  return {};
}

QuantitySlopes quantity_slopes(problem::Problem& problem, fem::DiscreteProblem& discrete, ResidualSlopes& equations,
                               const sdk::Solution& solution, std::size_t quantity) {
  return AtSolution(problem, discrete, equations, solution).of(quantity);
}

}  // namespace ansatz::adjoint
