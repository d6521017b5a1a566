#include "engine/solvers/form_in_time.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "engine/base/prefixed_archive.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::solvers {
namespace {

constexpr double mass_tolerance = 1e-12;     // of solves with the mass: rates are used as they are
constexpr std::int64_t few_unknowns = 5000;  // solved directly
constexpr int most_corrections = 8;          // of rates
constexpr double corrected = 1e-10;          // of the first correction, or of what the equations lacked
constexpr double round_off = 64.0 * std::numeric_limits<double>::epsilon();

/// lacks_f <= a f_f + b g_f in every field.
bool all_within_sum(std::span<const double> lacks, double a, std::span<const double> f, double b,
                    std::span<const double> g) {
  std::vector<double> limits(f.size());
  for (std::size_t k = 0; k < limits.size(); ++k) limits[k] = a * f[k] + b * g[k];
  return linear::all_within(lacks, limits, 1.0);
}

/// Unknowns without a rate occur in their own equations, which may then determine them at any state.
bool multipliers_in_constraints(const fem::Form& form) {
  const auto& definition = form.definition();
  const auto& dofs = form.dofs();
  const auto& kernels = definition.physics->kernels(dofs.mesh().dim);
  const int width = 1 + dofs.mesh().dim;
  std::uint64_t own = 0;  // slots
  for (const int f : form.algebraic_fields()) {
    for (int k = 0; k < dofs.fields()[f].components * width; ++k)
      own |= std::uint64_t{1} << (dofs.component_offset(f) * width + k);
  }
  const auto occur = [&](const sdk::FormStructure& structure) {
    for (std::size_t slot = 0; slot < structure.depends.size(); ++slot) {
      if ((own >> slot & 1U) != 0 && (structure.depends[slot] & own) != 0) return true;
    }
    return false;
  };
  for (const auto& table : definition.coefficients) {
    if (occur(kernels.structure(table)) || (definition.stabilise && occur(kernels.stabilisation_structure(table))))
      return true;
  }
  return std::ranges::any_of(definition.boundary, [&](const auto& term) {
    return std::ranges::any_of(term.coefficients,
                               [&](const auto& table) { return occur(kernels.boundary_structure(table)); });
  });
}

}  // namespace

sdk::TimeTraits traits_in_time(const fem::Form& form) {
  return {.identity_mass = false,
          .algebraic = !form.algebraic_fields().empty(),
          .splits = form.definition().physics->info().has_nonstiff_terms,
          .mass_of_time = form.mass_depends_on_time(),
          .mass_of_state = form.mass_depends_on_state()};
}

FormInTime::FormInTime(fem::DiscreteProblem& discrete, linear::NewtonOptions newton)
    : ResidualSystem(discrete.comm(), newton), discrete_(discrete) {
  traits_ = traits_in_time(discrete.form());
  if (!traits_.algebraic) return;
  const auto& fields = discrete.form().algebraic_fields();
  for (const auto field : discrete.fields().of) algebraic_.push_back(std::ranges::count(fields, int{field}) > 0);
}

void FormInTime::prescribe_rates(double t, std::span<double> rate) {
  if (discrete_.prescribes_rates()) return discrete_.prescribe_rates(seen(t), rate);
  for (std::size_t i = 0; i < rate.size(); ++i) {
    if (discrete_.constrained()[i] != 0) rate[i] = 0.0;
  }
}

void FormInTime::residual(double t, std::span<const double> u, std::span<const double> rate, sdk::Part part,
                          std::span<double> F) {
  discrete_.select(part);
  discrete_.residual(seen(t), u, rate, F);
}

/// f is -F at the rates g' of what is given, g, which is in y. Along the motion g moves with g', and g' with g'':
///   df/dt = -(dF/dt + dF/du g' + dF/du' g''),
/// where the mass varies at the rates of the linearisation.
void FormInTime::time_derivative(double t, std::span<const double> y, std::span<double> out) {
  const double at = seen(t);
  const auto fixed = rate_of_linearisation();
  std::vector<double> rates(fixed.begin(), fixed.end());
  prescribe_rates(t, rates);
  if (discrete_.prescribes_rates()) {
    std::vector<double> moves(size(), 0.0), second_rates(size(), 0.0);
    discrete_.prescribe_rates(at, moves);
    discrete_.prescribe_second_rates(at, second_rates);
    discrete_.residual_rate(at, y, rates, moves, second_rates, out);
  } else {
    discrete_.residual_rate(at, y, rates, std::nullopt, std::nullopt, out);
  }
  for (double& value : out) value = -value;
}

void FormInTime::forget_matrices() {
  discrete_.forget_jacobian();
  for (auto& other : others_) {
    if (other) other->forget_jacobian();
  }
}

fem::DiscreteProblem& FormInTime::of(Role role) {
  if (role == Role::stage) return discrete_;
  auto& other = others_[static_cast<std::size_t>(role)];
  if (!other) {
    auto options = discrete_.linear_options();
    if (role == Role::rates) options.relative_tolerance = mass_tolerance;
    if (role == Role::mass) {
      options = {};
      options.relative_tolerance = mass_tolerance;
      if (discrete_.dofs().num_global() >= few_unknowns) options.preconditioner = "jacobi";
    }
    other.emplace(discrete_, options, role == Role::mass);
  }
  other->pin_as(discrete_);
  return *other;
}

const linear::SparseMatrix& FormInTime::matrix(Role role, double t, std::span<const double> u,
                                               std::span<const double> rate, sdk::JacobianWeights weights,
                                               sdk::Part part) {
  auto& discrete = of(role);
  discrete.select(part);
  return discrete.jacobian(seen(t), u, rate, {weights.state, weights.rate, 1.0});
}

linear::KrylovSolver& FormInTime::solver(Role role, const linear::SparseMatrix& matrix) {
  return of(role).solver(matrix);
}

bool FormInTime::determines_rates() const {
  const auto& form = discrete_.form();
  return form.transient() && !form.constraints_have_rates() && !multipliers_in_constraints(form);
}

void FormInTime::equation_rates(double t, std::span<const double> u, std::span<double> rate,
                                std::vector<double>& values) {
  values.assign(u.begin(), u.end());
  if (!traits_.algebraic) return this->rate(t, u, sdk::Part::all, rate);
  std::vector<double> found(size(), 0.0);
  solve_rates(of(Role::rates), algebraic_, t, values, found);
  std::ranges::copy(found, rate.begin());
}

/// right = -F(t, u, u'), in the equations of multipliers -(dG/dt + G_v v'). \returns its norms by field
std::vector<double> FormInTime::missing(fem::DiscreteProblem& with, std::span<const std::uint8_t> multipliers, double t,
                                        std::span<const double> values, std::span<const double> rate,
                                        std::span<double> right) {
  std::vector<double> along(size());
  with.residual(seen(t), values, rate, right);
  with.residual_rate(seen(t), values, rate, rate, std::vector<double>(size(), 0.0), along);
  for (std::size_t i = 0; i < right.size(); ++i) right[i] = multipliers[i] != 0 ? -along[i] : -right[i];
  return linear::FieldNorms(comm(), with.fields()).of(right);
}

/// Norms of |dF/du| |u| + |dF/du'| |u'| by field. The matrix is that of mass and constraints at the end.
std::vector<double> FormInTime::size_of_terms(fem::DiscreteProblem& with, double t, std::span<const double> values,
                                              std::span<const double> rate) {
  std::vector<double> of_state(size()), of_rate(size());
  with.jacobian(seen(t), values, rate, {1.0, 0.0}).multiply_absolute(values, of_state);
  with.jacobian(seen(t), values, rate, mass_and_constraints).multiply_absolute(rate, of_rate);
  linear::add_scaled(1.0, of_state, of_rate);
  return linear::FieldNorms(comm(), with.fields()).of_equations(of_rate);
}

void FormInTime::solve_rates(fem::DiscreteProblem& with, std::span<const std::uint8_t> multipliers, double t,
                             std::vector<double>& values, std::vector<double>& rate) {
  with.select(sdk::Part::all);
  prescribe_rates(t, rate);
  const auto values_before = values, rate_before = rate;
  std::vector<double> right(size()), change(size());
  const auto lacked = missing(with, multipliers, t, values, rate, right);
  const bool lacks_anything = std::ranges::any_of(lacked, [](double norm) { return norm != 0.0; });
  const auto* K = traits_.mass_varies() ? nullptr : with.previous_jacobian(mass_and_constraints);
  bool is_kept = K != nullptr;
  std::vector<double> first_change;
  std::vector<double> solved_for(size()), terms_of_these(size());
  for (int k = 0; k < most_corrections && lacks_anything; ++k) {
    if (K == nullptr) K = &with.jacobian(seen(t), values, rate, mass_and_constraints);
    with.solver(*K).solve(right, change);
    for (std::size_t i = 0; i < change.size(); ++i) {
      double& x = (multipliers[i] != 0 ? values : rate)[i];
      solved_for[i] = x += change[i];
    }
    const auto lacks = missing(with, multipliers, t, values, rate, right);
    K->multiply_absolute(solved_for, terms_of_these);
    const auto least = linear::FieldNorms(comm(), with.fields()).of_equations(terms_of_these);
    if (all_within_sum(lacks, corrected, lacked, round_off, least)) return;
    if (is_kept) {
      is_kept = false;
      K = nullptr;
      values = values_before;
      rate = rate_before;
      missing(with, multipliers, t, values, rate, right);
      k = -1;
      continue;
    }
    const auto terms = size_of_terms(with, t, values, rate);
    const auto sizes = linear::FieldNorms(comm(), with.fields()).of(change);
    if (k == 0 && linear::all_within(lacked, terms, round_off)) {
      values = values_before;
      rate = rate_before;
      return;
    }
    if (k == 0) first_change = sizes;
    if (linear::all_within(lacks, terms, round_off) || (k > 0 && linear::all_within(sizes, first_change, corrected)))
      return;
    K = &with.last_jacobian();
  }
}

void FormInTime::exchange_tuners(sdk::StateArchive& archive) {
  if (!discrete_.linear_options().make_tuner) return;
  constexpr std::array roles{
      std::pair(Role::stage, "stage"), std::pair(Role::shifted, "shifted"), std::pair(Role::state, "state"),
      std::pair(Role::rates, "rates"),
      std::pair(Role::linearised_mass, "linearised_mass")};  // Role::mass has a solver of its own
  for (const auto& [role, name] : roles) {
    base::PrefixedArchive prefixed(archive, std::string("tuner_") + name + "_");
    of(role).exchange_tuner(prefixed);
  }
}

double FormInTime::assembly_seconds() const {
  double seconds = discrete_.assembly_seconds();
  for (const auto& other : others_) seconds += other ? other->assembly_seconds() : 0.0;
  return seconds;
}

std::vector<std::string> FormInTime::take_notes() {
  auto notes = discrete_.take_notes();
  for (auto& other : others_) {
    if (other) std::ranges::move(other->take_notes(), std::back_inserter(notes));
  }
  return notes;
}

}  // namespace ansatz::solvers
