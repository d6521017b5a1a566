#include "engine/reduced/separation/separated_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/separation/coefficient_split.hpp"
#include "engine/reduced/separation/sampled_difference.hpp"
#include "engine/reduced/separation/term_assembly.hpp"

namespace ansatz::reduced {
namespace {

constexpr fem::Weights of_states{}, of_rates{.state = 0.0, .rate = 1.0};

class Separation {
 public:
  Separation(fem::Form& form, const fem::Dirichlet& dirichlet, std::span<const sampling::ParameterRange> box,
             const std::optional<InterpolationOptions>& interpolation, bool in_time)
      : form_(form),
        dirichlet_(dirichlet),
        box_(box),
        interpolation_(interpolation),
        in_time_(in_time),
        comm_(form.dofs().mesh().comm),
        num_owned_(form.dofs().num_owned()),
        definition_(form.definition()) {
    definition_.quadrature_degrees = form_.quadrature_degrees();
    definition_.check_ranges = false;
    result_.rhs = Block(num_owned_);
    result_.liftings = Block(num_owned_);
    result_.rate_rhs = Block(num_owned_);
    if (!in_time_) return;
    for_tables(definition_, [&](std::vector<sdk::Expression>& table) {
      for (auto& expression : table) expression = timeless(expression);
    });
  }

  std::optional<SeparatedProblem> run(std::string& reason) {
    if (!form_.linear()) reason = "the equations are not linear";
    if (reason.empty()) base::agree(comm_, [&] { check_affine(reason); });
    if (!reason.empty()) return std::nullopt;
    if (interpolation_) interpolate();
    if (!split(reason)) return std::nullopt;
    add_liftings();
    add_terms(nullptr);
    for (const auto& factor : slots_) add_terms(&factor);
    if (!check_times(reason)) return std::nullopt;
    if (!result_.interpolations.empty()) result_.interpolation_error = sampled_difference(result_, form_, box_);
    return std::move(result_);
  }

 private:
  void check_affine(std::string& reason) const {
    const auto objection = fem::affine_objection(definition_);
    if (objection.empty()) return;
    reason = "the equations are not affine in the coefficients that depend on parameters: " + objection;
  }

  void interpolate() {
    for (const auto& [text, entry] : unseparated(definition_, dirichlet_)) {
      const auto points = sample_points(definition_, form_.quadrature_degrees(), entry.places);
      auto function = interpolated_function(comm_, entry.expression, points, box_, *interpolation_);
      if (function.size() == function.terms)
        require_estimate(function, difference_elsewhere(comm_, function, entry.expression, points, box_));
      result_.interpolations.push_back(std::make_shared<const InterpolatedFunction>(std::move(function)));
    }
  }

  bool split(std::string& reason) {
    const auto one = [&](const sdk::Expression& expression) {
      auto parts = split_of(expression, result_.interpolations);
      if (!parts)
        reason = "\"" + expression.text() + "\" is not a sum of products of functions of parameters and of space";
      return parts.value_or(Split{});
    };
    for_tables(definition_, [&](std::vector<sdk::Expression>& table) {
      for (const auto& expression : table) {
        splits_.push_back(one(expression));
        if (varies(expression)) add_distinct(slots_, splits_.back());
      }
    });
    for (const auto& condition : dirichlet_.conditions()) values_.push_back(one(timeless(condition.value)));
    return reason.empty();
  }

  /// In problems in time: with t as the last parameter.
  sdk::Expression timeless(const sdk::Expression& expression) const {
    return in_time_ ? sdk::with_time_as_parameter(expression, static_cast<int>(box_.size())) : expression;
  }

  bool check_times(std::string& reason) const {
    const auto check = [&](const Thetas& thetas, const char* what) {
      for (const auto& [first, second] : thetas.terms()) {
        if (first < 0) continue;
        const auto used = thetas.factors()[first].parameters_used();
        if (std::ranges::count(used, static_cast<int>(box_.size())) > 0) {
          reason = fmt::format("the {} depends on time by the factor \"{}\"", what, thetas.text(first));
        }
      }
    };
    check(result_.operator_thetas, "operator");
    check(result_.mass_thetas, "mass");
    check(result_.rate_thetas, "mass");
    return reason.empty();
  }

  /// The form without the coefficients that depend on parameters, or its derivative in the direction of the parts of
  /// one factor: these are the terms, as it is affine in these coefficients.
  std::unique_ptr<fem::Form> term(const Factor* factor) const {
    auto definition = definition_;
    std::vector<std::vector<sdk::Expression>> directions;
    auto split = splits_.begin();
    for_tables(definition, [&](std::vector<sdk::Expression>& table) {
      auto& direction = directions.emplace_back(table.size(), sdk::Expression(0.0));
      for (std::size_t k = 0; k < table.size(); ++k, ++split) {
        if (!varies(table[k])) continue;
        table[k] = sdk::Expression(0.0);
        if (factor != nullptr) direction[k] = part_of(*split, *factor);
      }
    });
    if (factor != nullptr) {
      auto next = directions.begin();
      const auto take = [&](std::size_t count) {
        next += static_cast<std::ptrdiff_t>(count);
        return std::vector(next - static_cast<std::ptrdiff_t>(count), next);
      };
      definition.directions = take(definition.coefficients.size());
      for (auto& boundary : definition.boundary) boundary.directions = take(boundary.coefficients.size());
    }
    auto form = std::make_unique<fem::Form>(std::move(definition));
    form->set_constrained(form_.constrained());
    return form;
  }

  void add_liftings() {
    std::vector<Factor> factors;
    for (const auto& split : values_) add_distinct(factors, split);
    for (const auto& factor : factors) {
      auto conditions = dirichlet_.conditions();
      for (std::size_t c = 0; c < conditions.size(); ++c) conditions[c].value = part_of(values_[c], factor);
      const fem::Dirichlet part(form_.dofs(), std::move(conditions));
      std::vector<double> lifting(num_owned_, 0.0);
      base::agree(comm_, [&] { part.apply(0.0, definition_.parameters, lifting, definition_.data); });
      const bool is_zero = std::ranges::all_of(lifting, [](double value) { return value == 0.0; });
      if (comm_.max(std::int64_t{!is_zero}) == 0) continue;
      result_.liftings.append(lifting);
      result_.lifting_thetas.add_term(factor.add_to(result_.lifting_thetas));
    }
  }

  /// The terms with a factor in front of coefficients; none: 1.
  void add_terms(const Factor* factor) {
    const auto form = term(factor);
    const TermAssembly assembly(*form);
    if (auto matrix = assembly.matrix(of_states)) {
      result_.operators.push_back(std::move(matrix));
      result_.operator_facts.push_back(fem::matrix_facts(*form, of_states));
      result_.operator_thetas.add_term(factor == nullptr ? -1 : factor->add_to(result_.operator_thetas));
    }
    if (const auto load = assembly.load()) add_vector(factor, -1, *load, result_.rhs, result_.rhs_thetas);
    add_lifted(factor, assembly.of_liftings(result_.liftings, of_states), result_.rhs, result_.rhs_thetas);
    if (!in_time_) return;
    if (auto matrix = assembly.matrix(of_rates)) {
      result_.masses.push_back(std::move(matrix));
      result_.mass_facts.push_back(fem::matrix_facts(*form, of_rates));
      result_.mass_thetas.add_term(factor == nullptr ? -1 : factor->add_to(result_.mass_thetas));
    }
    add_lifted(factor, assembly.of_liftings(result_.liftings, of_rates), result_.rate_rhs, result_.rate_thetas);
  }

  void add_lifted(const Factor* factor, const std::vector<std::optional<std::vector<double>>>& vectors, Block& block,
                  Thetas& thetas) const {
    for (std::size_t k = 0; k < vectors.size(); ++k) {
      if (vectors[k]) add_vector(factor, static_cast<int>(k), *vectors[k], block, thetas);
    }
  }

  /// \param lifting whose factor is in front too; -1: none
  void add_vector(const Factor* factor, int lifting, const std::vector<double>& vector, Block& block,
                  Thetas& thetas) const {
    const int first = factor == nullptr ? -1 : factor->add_to(thetas);
    const auto& of_lifting = result_.lifting_thetas;
    block.append(vector);
    thetas.add_term(first, lifting < 0 ? -1 : thetas.add_factor_of(of_lifting, of_lifting.terms()[lifting].first));
  }

  fem::Form& form_;
  const fem::Dirichlet& dirichlet_;
  std::span<const sampling::ParameterRange> box_;
  const std::optional<InterpolationOptions>& interpolation_;
  bool in_time_;
  const base::Communicator& comm_;
  std::int32_t num_owned_;
  fem::FormDefinition definition_;
  std::vector<Split> splits_, values_;  ///< of all coefficients in the order of for_tables(), of all prescribed values
  std::vector<Factor> slots_;           ///< distinct factors of the coefficients that depend on parameters
  SeparatedProblem result_;
};

}  // namespace

void SeparatedProblem::apply(std::span<const double> values, std::span<const double> v, std::span<double> out) const {
  std::vector<double> term(v.size());
  std::ranges::fill(out, 0.0);
  for (std::size_t q = 0; q < operators.size(); ++q) {
    operators[q]->multiply(v, term);
    linear::add_scaled(values[q], term, out);
  }
}

std::optional<SeparatedProblem> separate(fem::Form& form, const fem::Dirichlet& dirichlet,
                                         std::span<const sampling::ParameterRange> box, std::string& reason,
                                         const std::optional<InterpolationOptions>& interpolation, bool in_time) {
  reason.clear();
  return Separation(form, dirichlet, box, interpolation, in_time).run(reason);
}

}  // namespace ansatz::reduced
