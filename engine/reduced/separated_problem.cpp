#include "engine/reduced/separated_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/base/hash.hpp"
#include "engine/fem/discrete_problem.hpp"
#include "engine/linear/vector.hpp"
#include "engine/reduced/coefficient_split.hpp"

namespace ansatz::reduced {
namespace {

constexpr double largest_remainder = 1e-13;
constexpr double cancellation = 1e-14;  // what differences of residuals leave of equal terms, relative
constexpr int num_comparisons = 3;
constexpr fem::Weights of_rates{.state = 0.0, .rate = 1.0};

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
  std::vector<double> residual(std::span<const double> owned, double time = 0.0, fem::Rate rate = std::nullopt) const {
    const auto local = with_ghosts(owned);
    const auto rates = rate ? with_ghosts(*rate) : std::vector<double>();
    std::vector<double> out(form_.dofs().num_owned());
    base::agree(comm_, [&] { form_.residual({time, local, rates}, out); });
    return out;
  }

  /// *Collective.*
  std::unique_ptr<linear::SparseMatrix> jacobian(const fem::Weights& weights = {}) const {
    base::agree(comm_, [&] { form_.sparsity(); });
    auto matrix = std::make_unique<linear::SparseMatrix>(comm_, form_.sparsity().pattern, form_.dofs().block_size());
    const std::vector<double> zero(form_.dofs().num_local());
    form_.jacobian({0.0, zero, {}}, weights, *matrix);
    return matrix;
  }

 private:
  std::vector<double> with_ghosts(std::span<const double> owned) const {
    std::vector<double> local(form_.dofs().num_local());
    std::ranges::copy(owned, local.begin());
    form_.dofs().update_ghosts(local);
    return local;
  }

  fem::Form& form_;
  const base::Communicator& comm_;
};

/// A difference of residuals with the size of entries below which it is round-off.
struct Residual {
  std::vector<double> values;
  double noise = 0.0;
};

class Separation {
 public:
  Separation(fem::Form& form, const fem::Dirichlet& dirichlet, std::span<const ParameterRange> box,
             const std::optional<InterpolationOptions>& interpolation, const std::optional<TimeInterval>& time)
      : form_(form), dirichlet_(dirichlet), box_(box), interpolation_(interpolation), time_(time), comm_(form.dofs().mesh().comm),
        num_owned_(form.dofs().num_owned()), definition_(form.definition()) {
    definition_.quadrature_degree = form_.quadrature_degree();
    definition_.check_ranges = false;
    result_.rhs = Block(num_owned_);
    result_.liftings = Block(num_owned_);
    result_.rate_rhs = Block(num_owned_);
    if (!time_) return;
    for_tables(definition_, [&](std::vector<sdk::Expression>& table) {
      for (auto& expression : table) expression = timeless(expression);
    });
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
    const auto fixed_operator = fixed.jacobian(), fixed_mass = time_ ? fixed.jacobian(of_rates) : nullptr;
    const auto zero_residuals = residuals(fixed);
    add_operator(nullptr, fixed.jacobian());
    if (time_) add_mass(nullptr, fixed.jacobian(of_rates));
    add_rhs(nullptr, zero_residuals);
    for (const auto& factor : slots_) {
      const auto part = component(&factor);
      const Assembly assembly(*part);
      auto matrix = assembly.jacobian();
      subtract(*fixed_operator, *matrix);
      auto differences = residuals(assembly);
      for (std::size_t k = 0; k < differences.size(); ++k) {
        linear::add_scaled(-1.0, zero_residuals[k].values, differences[k].values);
        differences[k].noise += zero_residuals[k].noise;
      }
      add_operator(&factor, std::move(matrix));
      add_rhs(&factor, differences);
      if (!time_) continue;
      auto mass = assembly.jacobian(of_rates);
      subtract(*fixed_mass, *mass);
      add_mass(&factor, std::move(mass));
    }
    if (!check_times(reason)) return std::nullopt;
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
    for (const auto& condition : dirichlet_.conditions()) values_.push_back(one(timeless(condition.value)));
    return reason.empty();
  }

  /// In problems in time: with t as the last parameter.
  sdk::Expression timeless(const sdk::Expression& expression) const {
    return time_ ? sdk::with_time_as_parameter(expression, static_cast<int>(box_.size())) : expression;
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

  /// -F(0), then -(F(L_k) - F(0)) for all liftings, then the same with liftings as rates in problems in time.
  std::vector<Residual> residuals(const Assembly& assembly) const {
    const std::vector<double> zero(num_owned_, 0.0);
    std::vector<Residual> result{{assembly.residual(zero)}};
    const auto add = [&](std::vector<double> residual) {
      const double size = largest(comm_, {residual, result[0].values});
      linear::add_scaled(-1.0, result[0].values, residual);
      result.push_back({std::move(residual), cancellation * size});
    };
    const int count = result_.liftings.num_columns();
    for (int k = 0; k < count; ++k) add(assembly.residual(result_.liftings.column(k)));
    for (int k = 0; time_ && k < count; ++k) add(assembly.residual(zero, 0.0, result_.liftings.column(k)));
    for (auto& residual : result) {
      for (double& value : residual.values) value = -value;
    }
    return result;
  }

  void add_operator(const Factor* factor, std::unique_ptr<linear::SparseMatrix> matrix) {
    if (!is_free_part_zero(*matrix)) {
      result_.operators.push_back(std::move(matrix));
      result_.operator_thetas.add_term(factor == nullptr ? -1 : factor->add_to(result_.operator_thetas));
    }
  }

  void add_mass(const Factor* factor, std::unique_ptr<linear::SparseMatrix> matrix) {
    if (!is_free_part_zero(*matrix)) {
      result_.masses.push_back(std::move(matrix));
      result_.mass_thetas.add_term(factor == nullptr ? -1 : factor->add_to(result_.mass_thetas));
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

  void add_rhs(const Factor* factor, const std::vector<Residual>& vectors) {
    const int count = result_.liftings.num_columns();
    for (std::size_t k = 0; k < vectors.size(); ++k) {
      if (largest(comm_, {vectors[k].values}) <= vectors[k].noise) continue;
      const bool of_rate = static_cast<int>(k) > count;
      const auto lifting = static_cast<int>(k) - 1 - (of_rate ? count : 0);
      auto& thetas = of_rate ? result_.rate_thetas : result_.rhs_thetas;
      const int first = factor == nullptr ? -1 : factor->add_to(thetas);
      const int second =
          lifting < 0 ? -1 : thetas.add_factor_of(result_.lifting_thetas, result_.lifting_thetas.terms()[lifting].first);
      (of_rate ? result_.rate_rhs : result_.rhs).append(vectors[k].values);
      thetas.add_term(first, second);
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
      const auto moment = [&](int k) { return time_ ? time_->start + (0.1 + 0.3 * k) * (time_->end - time_->start) : 0.0; };
      const double itself = difference_at(form_, mu, v, moment(k), moment(k + 1));
      result_.remainder = std::max(result_.remainder, exact ? itself : difference_at(*sum_at(mu), mu, v, 0.0, 0.0));
      if (!exact) result_.interpolation_error = std::max(result_.interpolation_error, itself);
    }
  }

  /// In problems in time at the time t with the rate of a second fixed vector; the liftings have there the values of time
  /// `other` for rates.
  double difference_at(fem::Form& form, std::vector<double> mu, const std::vector<double>& v, double t, double other) const {
    auto later = mu;
    if (time_) {
      mu.push_back(t);
      later.push_back(other);
    }
    std::vector<double> u = v, w(num_owned_), rate;
    std::ranges::transform(v, w.begin(), [](double x) { return 2.0 * x * x - 0.1 * x; });
    const auto l = result_.lifting_thetas(mu), rates = result_.lifting_thetas(later);
    for (std::size_t k = 0; k < l.size(); ++k) linear::add_scaled(l[k], result_.liftings.column(static_cast<int>(k)), u);
    if (time_) rate = w;
    for (std::size_t k = 0; time_ && k < l.size(); ++k) {
      linear::add_scaled(rates[k], result_.liftings.column(static_cast<int>(k)), rate);
    }
    auto difference = Assembly(form).residual(u, t, time_ ? fem::Rate(rate) : std::nullopt);
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
    const auto m = result_.mass_thetas(mu), g = result_.rate_thetas(later);
    for (std::size_t q = 0; q < m.size(); ++q) {
      result_.masses[q]->multiply(w, term);
      add(-m[q]);
    }
    for (std::size_t q = 0; q < g.size(); ++q) {
      std::ranges::copy(result_.rate_rhs.column(static_cast<int>(q)), term.begin());
      add(g[q]);
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
  const std::optional<TimeInterval>& time_;
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
                                         std::string& reason, const std::optional<InterpolationOptions>& interpolation,
                                         const std::optional<TimeInterval>& time) {
  reason.clear();
  return Separation(form, dirichlet, box, interpolation, time).run(reason);
}

}  // namespace ansatz::reduced
