#include "engine/study/form_in_time.hpp"

#include <algorithm>

namespace ansatz::study {
namespace {

constexpr double mass_tolerance = 1e-12;      // of solves with the mass: rates are used as they are
constexpr std::int64_t few_unknowns = 5000;   // solved directly
constexpr double no_state = 0x1p-300;         // a power of two, so that constraints keep every bit beside it

/// Unknowns without a rate occur in their own equations, which may then determine them at any state.
bool multipliers_in_constraints(const fem::Form& form) {
  const auto& definition = form.definition();
  const auto& dofs = form.dofs();
  const auto& kernels = definition.physics->kernels(dofs.mesh().dim);
  const int width = 1 + dofs.mesh().dim;
  std::uint64_t own = 0;  // slots
  for (const int f : form.algebraic_fields()) {
    for (int k = 0; k < dofs.fields()[f].components * width; ++k) own |= std::uint64_t{1} << (dofs.component_offset(f) * width + k);
  }
  const auto occur = [&](const sdk::FormStructure& structure) {
    for (std::size_t slot = 0; slot < structure.depends.size(); ++slot) {
      if ((own >> slot & 1U) != 0 && (structure.depends[slot] & own) != 0) return true;
    }
    return false;
  };
  for (const auto& table : definition.coefficients) {
    if (occur(kernels.structure(table)) || (definition.stabilise && occur(kernels.stabilisation_structure(table)))) return true;
  }
  return std::ranges::any_of(definition.boundary, [&](const auto& term) {
    return std::ranges::any_of(term.coefficients, [&](const auto& table) { return occur(kernels.boundary_structure(table)); });
  });
}

}  // namespace

FormInTime::FormInTime(fem::DiscreteProblem& discrete, linear::NewtonOptions newton)
    : ResidualSystem(discrete.comm(), newton), discrete_(discrete) {
  traits_.identity_mass = false;
  traits_.algebraic = !discrete.form().algebraic_fields().empty();
  traits_.mass_of_time = discrete.form().mass_depends_on_time();
  traits_.mass_of_state = discrete.form().mass_depends_on_state();
  traits_.splits = discrete.form().definition().physics->info().has_nonstiff_terms;
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
  return *other;
}

const linear::SparseMatrix& FormInTime::matrix(Role role, double t, std::span<const double> u, std::span<const double> rate,
                                               sdk::JacobianWeights weights, sdk::Part part) {
  auto& discrete = of(role);
  discrete.select(part);
  return discrete.jacobian(seen(t), u, rate, {weights.state, weights.rate, 1.0});
}

linear::KrylovSolver& FormInTime::solver(Role role, const linear::SparseMatrix& matrix) { return of(role).solver(matrix); }

bool FormInTime::determines_rates() const {
  const auto& form = discrete_.form();
  return form.transient() && !form.constraints_have_rates() && !multipliers_in_constraints(form);
}

void FormInTime::equation_rates(double t, std::span<const double> u, std::span<double> rate, std::vector<double>& values) {
  values.assign(u.begin(), u.end());
  if (!traits_.algebraic) return this->rate(t, u, sdk::Part::all, rate);
  // M u' + F_z dz = f,  C_u u' = -C_t: the matrix of a step that is so short that its state does not count.
  std::vector<double> right(size()), of_constraints(size()), solution(size(), 0.0);
  f(t, u, sdk::Part::all, right);
  time_derivative(t, u, of_constraints);
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (algebraic_[i] != 0) right[i] = of_constraints[i];
  }
  const auto& A = matrix(Role::rates, t, u, std::vector<double>(size(), 0.0), {no_state, 1.0}, sdk::Part::all);
  solver(Role::rates, A).solve(right, solution);
  std::ranges::copy(solution, rate.begin());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (algebraic_[i] == 0) continue;
    values[i] += solution[i];
    rate[i] = 0.0;
  }
  prescribe_rates(t, rate);
}

double FormInTime::assembly_seconds() const {
  double seconds = discrete_.assembly_seconds();
  for (const auto& other : others_) seconds += other ? other->assembly_seconds() : 0.0;
  return seconds;
}

}  // namespace ansatz::study
