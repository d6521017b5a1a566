#include "engine/quantities/quantities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/quantities/quantity_values.hpp"

namespace ansatz::quantities {
namespace {

using Kind = input::QuantitySpec::Kind;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The quantities of one solution, each computed when it is asked for first.
class Evaluation {
 public:
  Evaluation(const problem::Problem& problem, fem::DiscreteProblem& discrete, const Solution& solution,
             const Signals* signals)
      : problem_(problem),
        discrete_(discrete),
        solution_(solution),
        signals_(signals),
        values_(discrete.with_ghosts(solution.values)),
        results_(problem.quantities().size()) {
    require_current(problem, solution);
    if (solution.rates) rates_ = discrete.with_ghosts(*solution.rates);
    // What jumps right after the start holds from there on, in rates as in loads.
    const auto& time = problem.parsed().time;
    state_ = {time ? std::max(solution.time, time->seen_from) : solution.time, values_, rates_};
  }

  const QuantityValue& at(std::size_t i) {
    if (!results_[i]) results_[i] = compute(i);
    return *results_[i];
  }

 private:
  QuantityValue compute(std::size_t i) {
    const auto& quantity = problem_.quantities()[i];
    const auto known = std::ranges::find(solution_.quantities, static_cast<int>(i), &KnownQuantity::quantity);
    const bool is_listed = known != solution_.quantities.end();
    if (is_listed && known->reason.empty()) {
      QuantityValue result{quantity.spec.name, known->value, quantity.unit};
      if (known->certificate) {
        result.bound = known->certificate->value;
        result.certified = known->certificate->kind;
        result.bound_kind = known->certificate->norm;
      }
      explain(quantity, result);
      return result;
    }
    QuantityValue result{quantity.spec.name, not_a_number, quantity.unit};
    if (is_listed) result.no_bound = known->reason;
    if (quantity.spec.kind == Kind::over_time) {
      statistic(quantity, result);
    } else {
      result.value = value_of(quantity);
    }
    explain(quantity, result);
    return result;
  }

  double value_of(const problem::BoundQuantity& quantity) {
    if (quantity.declared >= 0) {
      if (declared_.empty()) declared_ = problem_.evaluator().quantities(state_);
      return declared_[quantity.declared];
    }
    switch (quantity.spec.kind) {
      case Kind::point:
        return problem_.evaluator().at_point(quantity.expression, state_, quantity.spec.point, quantity.domain.region);
      case Kind::integral:
        return problem_.evaluator().integrate(quantity.expression, state_, quantity.domain);
      case Kind::mean:
        return problem_.evaluator().integrate(quantity.expression, state_, quantity.domain) /
               problem_.evaluator().integrate(sdk::Expression(1.0), state_, quantity.domain);
      case Kind::deviation:
        return deviation(quantity);
      case Kind::norm:
        return std::sqrt(problem_.evaluator().integrate(quantity.expression, state_, quantity.domain));
      case Kind::reaction:
        if (!reactions_) reactions_.emplace(discrete_, solution_, state_.time);
        return reactions_->of(*quantity.reaction);
      case Kind::maximum:
      case Kind::minimum:
        return extreme(problem_, quantity, state_);
      case Kind::formula:
        return quantity.expression.evaluate(sdk::ExpressionInputs<double>{
            nullptr, state_.time, problem_.parameters().data(), inputs_of(quantity).data(), nullptr});
      case Kind::over_time:
        break;
    }
    return not_a_number;
  }

  /// In two passes: differences from the mean have the digits that squares would lose.
  double deviation(const problem::BoundQuantity& quantity) {
    const auto& evaluator = problem_.evaluator();
    const double measure = evaluator.integrate(sdk::Expression(1.0), state_, quantity.domain);
    const double mean = evaluator.integrate(quantity.expression, state_, quantity.domain) / measure;
    if (!std::isfinite(mean)) return mean;
    const auto& spec = quantity.spec;
    const auto square =
        problem_.solution_expression(fmt::format("(({}) - ({:.17g}))^2", spec.expression, mean), spec.at.text());
    return std::sqrt(evaluator.integrate(square, state_, quantity.domain) / measure);
  }

  void statistic(const problem::BoundQuantity& quantity, QuantityValue& result) {
    try {
      const auto found = signals_->statistic(quantity.spec.statistic, quantity.signal, quantity.spec.after);
      result.value = found.value;
      result.accuracy = found.accuracy;
    } catch (const sdk::Error& error) {
      if (error.kind() != sdk::ErrorKind::not_finite) throw;
      result.problem = error.what() + (error.hint().empty() ? "" : ": " + error.hint());
    }
  }

  /// Values of all quantities that a formula uses; the others are 0.
  std::vector<double> inputs_of(const problem::BoundQuantity& formula) {
    std::vector<double> inputs(results_.size(), 0.0);
    for (const int i : formula.expression.indices_used(sdk::SymbolKind::field)) inputs[i] = at(i).value;
    return inputs;
  }

  void explain(const problem::BoundQuantity& quantity, QuantityValue& result) {
    if (std::isfinite(result.value) || !result.problem.empty()) return;
    result.problem = std::isnan(result.value) ? "it is not a number" : fmt::format("it is {}", result.value);
    if (problem_.parsed().time) result.problem += fmt::format(" at t = {:.9g}", solution_.time);
    if (quantity.spec.kind != Kind::formula) {
      if (!quantity.spec.expression.empty()) result.problem += fmt::format(", of \"{}\"", quantity.spec.expression);
      return;
    }
    std::string inputs;
    for (const int i : quantity.expression.indices_used(sdk::SymbolKind::field)) {
      inputs +=
          fmt::format("{}{} = {:.9g}", inputs.empty() ? "" : ", ", problem_.quantities()[i].spec.name, at(i).value);
    }
    result.problem += fmt::format(", by \"{}\"{}{}", quantity.spec.expression, inputs.empty() ? "" : " with ", inputs);
  }

  const problem::Problem& problem_;
  fem::DiscreteProblem& discrete_;
  const Solution& solution_;
  const Signals* signals_;
  std::vector<double> values_, rates_, declared_;
  std::optional<Reactions> reactions_;
  fem::FormState state_;
  std::vector<std::optional<QuantityValue>> results_;
};

[[noreturn]] void fail_not_finite(const std::string& text) {
  throw sdk::Error(
      sdk::ErrorKind::not_finite, text, {},
      "look at divisions by zero, roots and logarithms of what can be negative, and overflow; a formula can say "
      "what holds there: if(b == 0, 0, a/b)");
}

std::string no_value(const QuantityValue& quantity) {
  return fmt::format("the quantity {} has no finite value: {}", quantity.name, quantity.problem);
}

}  // namespace

std::vector<QuantityValue> evaluate_quantities(const problem::Problem& problem, fem::DiscreteProblem& discrete,
                                               const Solution& solution, const Signals* signals) {
  Evaluation evaluation(problem, discrete, solution, signals);
  std::vector<QuantityValue> result;
  for (std::size_t i = 0; i < problem.quantities().size(); ++i) {
    if (!problem.quantities()[i].at_end || signals != nullptr) result.push_back(evaluation.at(i));
  }
  for (auto& quantity : result) quantity.value += 0.0;  // zero has no sign
  return result;
}

void evaluate_quantities(const problem::Problem& problem, fem::DiscreteProblem& discrete, const Solution& solution,
                         std::span<const std::size_t> which, std::span<double> values, bool must_be_finite) {
  Evaluation evaluation(problem, discrete, solution, nullptr);
  for (std::size_t k = 0; k < which.size(); ++k) {
    const auto& quantity = evaluation.at(which[k]);
    if (must_be_finite && !quantity.problem.empty()) fail_not_finite(no_value(quantity));
    values[k] = quantity.value;
  }
}

void require_current(const problem::Problem& problem, const Solution& solution) {
  if (solution.parameters == problem.parameters()) return;
  throw sdk::Error(sdk::ErrorKind::internal, "a solution is used at other parameters than its own", {},
                   "call Problem::set_parameters() with its parameters first");
}

void require_finite(const std::vector<QuantityValue>& quantities) {
  std::string text;
  for (const auto& quantity : quantities) {
    if (!quantity.problem.empty()) text += (text.empty() ? "" : "\n") + no_value(quantity);
  }
  if (!text.empty()) fail_not_finite(text);
}

void require_finite(const problem::Problem& problem, const Solution& solution) {
  const auto& comm = problem.mesh().comm;
  const bool is_finite = std::ranges::all_of(solution.values, [](double x) { return std::isfinite(x); });
  if (comm.max(is_finite ? 0.0 : 1.0) == 0.0) return;
  base::agree(comm, [&] {
    for (int f = 0; f < problem.dofs().num_fields(); ++f) {
      const auto& field = problem.dofs().fields()[f];
      const auto x = fem::node_coordinates(problem.mesh(), *field.nodes);
      for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
        for (int c = 0; c < field.components; ++c) {
          const double value = solution.values[problem.dofs().node_dofs(f)[n] + c];
          if (std::isfinite(value)) continue;
          const double* p = x.data() + std::size_t(n) * problem.dim();
          throw sdk::Error(
              sdk::ErrorKind::not_finite,
              fmt::format("the field {} is {} at ({:.6g})", field.name, value, fmt::join(p, p + problem.dim(), ", ")),
              problem.parsed().time ? fmt::format("t = {:.9g}", solution.time) : "");
        }
      }
    }
  });
}

}  // namespace ansatz::quantities
