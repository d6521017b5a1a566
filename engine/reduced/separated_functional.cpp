#include "engine/reduced/separated_functional.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/hash.hpp"
#include "engine/linear/vector.hpp"
#include "engine/reduced/coefficient_split.hpp"

namespace ansatz::reduced {
namespace {

constexpr double largest_remainder = 1e-12;
constexpr int num_comparisons = 3;

class FunctionalSeparation {
 public:
  FunctionalSeparation(const fem::FormDefinition& definition, const FieldQuantity& quantity, std::span<const ParameterRange> box)
      : definition_(definition), quantity_(quantity), box_(box), comm_(definition.dofs->mesh().comm) {
    definition_.check_ranges = false;
    result_.vectors = Block(definition.dofs->num_owned());
  }

  std::optional<SeparatedFunctional> run(std::string& reason) {
    const fem::Evaluator evaluator(definition_);
    if (!evaluator.is_affine(quantity_.expression)) {
      reason = "not linear: \"" + quantity_.expression.text() + "\" is not affine in fields as it is written";
      return std::nullopt;
    }
    const auto terms = sdk::separate(quantity_.expression);
    if (!terms) {
      reason = "not separable: \"" + quantity_.expression.text() + "\" is no sum of products of functions of parameters and of space";
      return std::nullopt;
    }
    measure_ = quantity_.mean ? evaluator.integrate(sdk::Expression(1.0), zero_state(), quantity_.domain) : 1.0;
    if (std::ranges::any_of(*terms, [&](const auto& term) { return evaluator.uses_derived(term.g); }) && !split_coefficients(reason)) {
      return std::nullopt;
    }
    for (const auto& term : *terms) add(term);
    compare();
    if (!(result_.remainder <= largest_remainder)) {
      reason = fmt::format("not linear, or its coefficients are not: relative difference {:.1e}", result_.remainder);
      return std::nullopt;
    }
    return std::move(result_);
  }

 private:
  fem::FormState zero_state() {
    zero_.assign(definition_.dofs->num_local(), 0.0);
    return {0.0, zero_, {}};
  }

  /// Factors of the coefficients that derived fields may use.
  bool split_coefficients(std::string& reason) {
    for (const auto& table : definition_.coefficients) {
      for (const auto& expression : table) {
        if (!varies(expression)) continue;
        auto parts = split_of(expression, {});
        if (!parts) {
          reason = "not separable: derived fields may depend on \"" + expression.text() + "\", which is interpolated";
          return false;
        }
        add_distinct(factors_, *parts);
      }
    }
    return true;
  }

  /// The functional of g with the parts of one factor in place of the coefficients that depend on parameters (none: zero).
  fem::Functional functional(const sdk::Expression& g, const Factor* factor) const {
    auto definition = definition_;
    for (auto& table : definition.coefficients) {
      for (auto& expression : table) {
        if (!varies(expression) || factors_.empty()) continue;
        expression = factor == nullptr ? sdk::Expression(0.0) : part_of(*split_of(expression, {}), *factor);
      }
    }
    const fem::Evaluator evaluator(definition);
    auto out = quantity_.point ? evaluator.linear_at_point(g, *quantity_.point, quantity_.domain.region)
                               : evaluator.linear_integral(g, quantity_.domain);
    for (double& value : out.vector) value /= measure_;
    out.constant /= measure_;
    return out;
  }

  void add(const sdk::SeparatedTerm& term) {
    const bool is_one = term.theta.constant_value() == 1.0;
    const auto base = functional(term.g, nullptr);
    append(base, is_one ? -1 : result_.thetas.add_factor(term.theta), -1);
    for (const auto& factor : factors_) {
      auto part = functional(term.g, &factor);
      linear::add_scaled(-1.0, base.vector, part.vector);
      part.constant -= base.constant;
      append(part, is_one ? -1 : result_.thetas.add_factor(term.theta), factor.add_to(result_.thetas));
    }
  }

  void append(const fem::Functional& part, int first, int second) {
    const bool is_zero = part.constant == 0.0 && std::ranges::all_of(part.vector, [](double value) { return value == 0.0; });
    if (comm_.max(std::int64_t{!is_zero}) == 0) return;
    result_.vectors.append(part.vector);
    result_.constants.push_back(part.constant);
    result_.thetas.add_term(first, second);
  }

  /// With the quantity itself, for a fixed vector and twice another, at fixed parameters.
  void compare() {
    const auto& dofs = *definition_.dofs;
    for (int k = 0; k < num_comparisons; ++k) {
      std::vector<double> v(dofs.num_local(), 0.0);
      for (std::int32_t i = 0; i < dofs.num_owned(); ++i) {
        v[i] = (1.0 + k) * (base::hashed(dofs.first_global() + i + 7919 * k) - 0.5);
      }
      dofs.update_ghosts(v);
      for (std::size_t p = 0; p < box_.size(); ++p) {
        definition_.parameters[p] = box_[p].low + base::hashed(1000 * k + p) * (box_[p].high - box_[p].low);
      }
      result_.remainder = std::max(result_.remainder, difference(v));
    }
  }

  double difference(const std::vector<double>& v) const {
    const fem::Evaluator evaluator(definition_);
    const fem::FormState state{0.0, v, {}};
    const double itself = quantity_.point
                              ? evaluator.at_point(quantity_.expression, state, *quantity_.point, quantity_.domain.region)
                              : evaluator.integrate(quantity_.expression, state, quantity_.domain) / measure_;
    const auto t = result_.thetas(definition_.parameters);
    double sum = 0.0, size = 0.0;
    for (std::size_t j = 0; j < t.size(); ++j) {
      const auto l = result_.vectors.column(static_cast<int>(j));
      double part = 0.0, part_size = 0.0;
      for (std::size_t i = 0; i < l.size(); ++i) {
        part += l[i] * v[i];
        part_size += std::abs(l[i] * v[i]);
      }
      sum += t[j] * (comm_.sum(part) + result_.constants[j]);
      size += std::abs(t[j]) * (comm_.sum(part_size) + std::abs(result_.constants[j]));
    }
    if (itself == sum) return 0.0;
    const double relative = std::abs(itself - sum) / std::max(size, std::abs(itself));
    return std::isfinite(relative) ? relative : INFINITY;
  }

  fem::FormDefinition definition_;
  const FieldQuantity& quantity_;
  std::span<const ParameterRange> box_;
  const base::Communicator& comm_;
  std::vector<Factor> factors_;  ///< of the coefficients; empty where no derived field is used
  std::vector<double> zero_;
  double measure_ = 1.0;
  SeparatedFunctional result_;
};

}  // namespace

std::optional<SeparatedFunctional> separate_functional(const fem::FormDefinition& definition, const FieldQuantity& quantity,
                                                       std::span<const ParameterRange> box, std::string& reason) {
  reason.clear();
  return FunctionalSeparation(definition, quantity, box).run(reason);
}

}  // namespace ansatz::reduced
