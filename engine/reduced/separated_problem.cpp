#include "engine/reduced/separated_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/base/hash.hpp"
#include "engine/linear/vector.hpp"
#include "engine/reduced/coefficient_split.hpp"

namespace ansatz::reduced {
namespace {

constexpr double largest_remainder = 1e-13;
constexpr int num_comparisons = 3;

void subtract(const linear::SparseMatrix& other, linear::SparseMatrix& matrix) {
  matrix.begin_values();
  std::ranges::transform(matrix.diagonal_values(), other.diagonal_values(), matrix.diagonal_values().begin(), std::minus());
  std::ranges::transform(matrix.ghost_values(), other.ghost_values(), matrix.ghost_values().begin(), std::minus());
  matrix.end_values();
}

/// max |entry| over all ranks. *Collective.*
double largest(const base::Communicator& comm, std::initializer_list<std::span<const double>> parts) {
  double value = 0.0;
  for (const auto& part : parts) {
    for (const double x : part) value = std::max(value, std::abs(x));
  }
  return comm.max(value);
}

/// Operator and residuals of one form.
class Assembly {
 public:
  explicit Assembly(fem::Form& form) : form_(form), comm_(form.dofs().mesh().comm) {}

  /// F at owned values. *Collective.*
  std::vector<double> residual(std::span<const double> owned) const {
    std::vector<double> local(form_.dofs().num_local()), out(form_.dofs().num_owned());
    std::ranges::copy(owned, local.begin());
    form_.dofs().update_ghosts(local);
    base::agree(comm_, [&] { form_.residual({0.0, local, {}}, out); });
    return out;
  }

  /// *Collective.*
  std::unique_ptr<linear::SparseMatrix> jacobian() const {
    base::agree(comm_, [&] { form_.sparsity(); });
    const auto& fields = form_.dofs().fields();
    const int block = fields.size() == 1 ? fields[0].components : 1;
    auto matrix = std::make_unique<linear::SparseMatrix>(comm_, form_.sparsity().pattern, block);
    const std::vector<double> zero(form_.dofs().num_local());
    form_.jacobian({0.0, zero, {}}, {}, *matrix);
    return matrix;
  }

 private:
  fem::Form& form_;
  const base::Communicator& comm_;
};

class Separation {
 public:
  Separation(fem::Form& form, const fem::Dirichlet& dirichlet, std::span<const ParameterRange> box,
             const std::optional<InterpolationOptions>& interpolation)
      : form_(form), dirichlet_(dirichlet), box_(box), interpolation_(interpolation), comm_(form.dofs().mesh().comm),
        num_owned_(form.dofs().num_owned()), definition_(form.definition()) {
    definition_.quadrature_degree = form_.quadrature_degree();
    definition_.check_ranges = false;
    result_.rhs = Block(num_owned_);
    result_.liftings = Block(num_owned_);
  }

  std::optional<SeparatedProblem> run(std::string& reason) {
    if (!form_.linear()) {
      reason = "the equations are not linear";
      return std::nullopt;
    }
    if (interpolation_) interpolate();
    if (!split(reason)) return std::nullopt;
    add_liftings();
    const auto base = component(nullptr);
    const Assembly fixed(*base);
    const auto fixed_operator = fixed.jacobian();
    const auto zero_residuals = residuals(fixed);
    add_operator(nullptr, fixed.jacobian());
    add_rhs(nullptr, zero_residuals);
    for (const auto& factor : slots_) {
      const auto part = component(&factor);
      const Assembly assembly(*part);
      auto matrix = assembly.jacobian();
      subtract(*fixed_operator, *matrix);
      auto differences = residuals(assembly);
      for (std::size_t k = 0; k < differences.size(); ++k) linear::add_scaled(-1.0, zero_residuals[k], differences[k]);
      add_operator(&factor, std::move(matrix));
      add_rhs(&factor, differences);
    }
    compare();
    if (!(result_.remainder <= largest_remainder)) {
      reason = fmt::format("the equations are not affine in the coefficients that depend on parameters: relative difference {:.1e}",
                           result_.remainder);
      return std::nullopt;
    }
    return std::move(result_);
  }

 private:
  void interpolate() {
    for (const auto& [text, entry] : unseparated(definition_, dirichlet_)) {
      const auto points = sample_points(definition_, entry.places);
      result_.interpolations.push_back(std::make_shared<const InterpolatedFunction>(
          interpolated_function(comm_, entry.expression, points, box_, *interpolation_)));
    }
  }

  bool split(std::string& reason) {
    const auto one = [&](const sdk::Expression& expression) {
      auto parts = split_of(expression, result_.interpolations);
      if (!parts) reason = "\"" + expression.text() + "\" is no sum of products of functions of parameters and of space";
      return parts.value_or(Split{});
    };
    for_tables(definition_, [&](std::vector<sdk::Expression>& table) {
      for (const auto& expression : table) {
        splits_.push_back(one(expression));
        if (varies(expression)) add_distinct(slots_, splits_.back());
      }
    });
    for (const auto& condition : dirichlet_.conditions()) values_.push_back(one(condition.value));
    return reason.empty();
  }

  /// The form with other expressions in place of the coefficients that depend on parameters, made from their parts.
  std::unique_ptr<fem::Form> replaced(const std::function<sdk::Expression(const Split&)>& make) const {
    auto definition = definition_;
    auto split = splits_.begin();
    for_tables(definition, [&](std::vector<sdk::Expression>& table) {
      for (auto& expression : table) {
        if (varies(expression)) expression = make(*split);
        ++split;
      }
    });
    auto form = std::make_unique<fem::Form>(std::move(definition));
    form->set_constrained(form_.constrained());
    return form;
  }

  /// The form with the parts of one factor alone (none: zero).
  std::unique_ptr<fem::Form> component(const Factor* factor) const {
    return replaced([&](const Split& split) { return factor == nullptr ? sdk::Expression(0.0) : part_of(split, *factor); });
  }

  /// The form at fixed parameters with the sums of its parts.
  std::unique_ptr<fem::Form> sum_at(std::span<const double> mu) const {
    return replaced([&](const Split& split) {
      std::vector<double> factors;
      std::vector<sdk::Expression> expressions;
      for (const auto& part : split) {
        Thetas theta;
        theta.add_term(part.factor.add_to(theta));
        factors.push_back(theta(mu)[0]);
        expressions.push_back(part.g);
      }
      return sdk::linear_combination(factors, expressions);
    });
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
      if (largest(comm_, {lifting}) == 0.0) continue;
      result_.liftings.append(lifting);
      result_.lifting_thetas.add_term(factor.add_to(result_.lifting_thetas));
    }
  }

  /// -F(0), then -(F(L_k) - F(0)) for all liftings.
  std::vector<std::vector<double>> residuals(const Assembly& assembly) const {
    const std::vector<double> zero(num_owned_, 0.0);
    std::vector<std::vector<double>> result{assembly.residual(zero)};
    for (int k = 0; k < result_.liftings.num_columns(); ++k) {
      result.push_back(assembly.residual(result_.liftings.column(k)));
      linear::add_scaled(-1.0, result[0], result.back());
    }
    for (auto& vector : result) {
      for (double& value : vector) value = -value;
    }
    return result;
  }

  void add_operator(const Factor* factor, std::unique_ptr<linear::SparseMatrix> matrix) {
    if (!is_free_part_zero(*matrix)) {
      result_.operators.push_back(std::move(matrix));
      result_.operator_thetas.add_term(factor == nullptr ? -1 : factor->add_to(result_.operator_thetas));
    }
  }

  /// Applied to free unknowns, the matrix gives zero.
  bool is_free_part_zero(const linear::SparseMatrix& matrix) const {
    const auto& pattern = matrix.pattern();
    double value = 0.0;
    for (std::int32_t i = 0; i < num_owned_; ++i) {
      if (form_.constrained()[i] != 0) continue;
      for (auto k = pattern.diag_offsets[i]; k < pattern.diag_offsets[i + 1]; ++k) {
        value = std::max(value, std::abs(matrix.diagonal_values()[k]));
      }
    }
    return largest(comm_, {std::span(&value, 1), matrix.ghost_values()}) == 0.0;
  }

  void add_rhs(const Factor* factor, const std::vector<std::vector<double>>& vectors) {
    for (std::size_t k = 0; k < vectors.size(); ++k) {
      if (largest(comm_, {vectors[k]}) == 0.0) continue;
      const auto lifting = static_cast<int>(k) - 1;
      const int first = factor == nullptr ? -1 : factor->add_to(result_.rhs_thetas);
      const int second = lifting < 0 ? -1
                                     : result_.rhs_thetas.add_factor_of(result_.lifting_thetas,
                                                                        result_.lifting_thetas.terms()[lifting].first);
      result_.rhs.append(vectors[k]);
      result_.rhs_thetas.add_term(first, second);
    }
  }

  /// Differences between the sums and the problem itself, for a fixed vector, at fixed parameters.
  void compare() {
    const bool exact = result_.interpolations.empty();
    const auto& dofs = form_.dofs();
    std::vector<double> v(num_owned_);
    for (std::int32_t i = 0; i < num_owned_; ++i) v[i] = form_.constrained()[i] != 0 ? 0.0 : base::hashed(dofs.first_global() + i) - 0.5;
    for (int k = 0; k < num_comparisons; ++k) {
      std::vector<double> mu(box_.size());
      for (std::size_t p = 0; p < mu.size(); ++p) mu[p] = box_[p].low + base::hashed(1000 * k + p) * (box_[p].high - box_[p].low);
      form_.set_parameters(mu);
      const double itself = difference_at(form_, mu, v);
      result_.remainder = std::max(result_.remainder, exact ? itself : difference_at(*sum_at(mu), mu, v));
      if (!exact) result_.interpolation_error = std::max(result_.interpolation_error, itself);
    }
  }

  double difference_at(fem::Form& form, const std::vector<double>& mu, const std::vector<double>& v) const {
    std::vector<double> u = v;
    const auto l = result_.lifting_thetas(mu);
    for (std::size_t k = 0; k < l.size(); ++k) linear::add_scaled(l[k], result_.liftings.column(static_cast<int>(k)), u);
    auto difference = Assembly(form).residual(u);
    std::vector<double> scale(num_owned_, 0.0), term(num_owned_);
    const auto add = [&](double factor) {
      for (std::int32_t i = 0; i < num_owned_; ++i) {
        difference[i] += factor * term[i];
        scale[i] += std::abs(factor * term[i]);
      }
    };
    const auto a = result_.operator_thetas(mu), b = result_.rhs_thetas(mu);
    for (std::size_t q = 0; q < a.size(); ++q) {
      result_.operators[q]->multiply(v, term);
      add(-a[q]);
    }
    for (std::size_t q = 0; q < b.size(); ++q) {
      std::ranges::copy(result_.rhs.column(static_cast<int>(q)), term.begin());
      add(b[q]);
    }
    for (std::int32_t i = 0; i < num_owned_; ++i) {
      if (form_.constrained()[i] != 0) difference[i] = scale[i] = 0.0;
    }
    const double size = largest(comm_, {scale});
    return size == 0.0 ? 0.0 : largest(comm_, {difference}) / size;
  }

  fem::Form& form_;
  const fem::Dirichlet& dirichlet_;
  std::span<const ParameterRange> box_;
  const std::optional<InterpolationOptions>& interpolation_;
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

std::optional<SeparatedProblem> separate(fem::Form& form, const fem::Dirichlet& dirichlet, std::span<const ParameterRange> box,
                                         std::string& reason, const std::optional<InterpolationOptions>& interpolation) {
  reason.clear();
  return Separation(form, dirichlet, box, interpolation).run(reason);
}

}  // namespace ansatz::reduced
