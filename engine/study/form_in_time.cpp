#include "engine/study/form_in_time.hpp"

#include <algorithm>

namespace ansatz::study {
namespace {

constexpr double mass_tolerance = 1e-12;      // of solves with the mass: rates are used as they are
constexpr std::int64_t few_unknowns = 5000;   // solved directly

}  // namespace

FormInTime::FormInTime(fem::DiscreteProblem& discrete, linear::NewtonOptions newton)
    : ResidualSystem(discrete.comm(), newton), discrete_(discrete) {
  traits_.identity_mass = false;
  traits_.algebraic = !discrete.form().algebraic_fields().empty();
  traits_.splits = discrete.form().definition().physics->info().has_nonstiff_terms;
  const auto& dofs = discrete.dofs();
  if (traits_.algebraic) algebraic_.assign(size(), 0);
  for (const int f : discrete.form().algebraic_fields()) {
    const auto& field = dofs.fields()[f];
    for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
      std::fill_n(algebraic_.begin() + dofs.node_dofs(f)[n], field.components, 1);
    }
  }
}

void FormInTime::prescribe_rates(double t, std::span<double> rate) {
  if (discrete_.prescribes_rates()) return discrete_.prescribe_rates(t, rate);
  for (std::size_t i = 0; i < rate.size(); ++i) {
    if (discrete_.constrained()[i] != 0) rate[i] = 0.0;
  }
}

void FormInTime::residual(double t, std::span<const double> u, std::span<const double> rate, sdk::Part part,
                          std::span<double> F) {
  discrete_.select(part);
  discrete_.residual(t, u, rate, F);
}

fem::DiscreteProblem& FormInTime::of(Role role) {
  if (role == Role::stage) return discrete_;
  auto& other = others_[static_cast<std::size_t>(role)];
  if (!other) {
    auto options = discrete_.linear_options();
    if (role == Role::mass) {
      options = {};
      options.relative_tolerance = mass_tolerance;
      if (discrete_.dofs().num_global() >= few_unknowns) options.preconditioner = "jacobi";
    }
    other.emplace(discrete_, options);
  }
  return *other;
}

const linear::SparseMatrix& FormInTime::matrix(Role role, double t, std::span<const double> u, std::span<const double> rate,
                                               sdk::JacobianWeights weights, sdk::Part part) {
  auto& discrete = of(role);
  discrete.select(part);
  return discrete.jacobian(t, u, rate, {weights.state, weights.rate, 1.0});
}

linear::KrylovSolver& FormInTime::solver(Role role, const linear::SparseMatrix& matrix) { return of(role).solver(matrix); }

double FormInTime::assembly_seconds() const {
  double seconds = discrete_.assembly_seconds();
  for (const auto& other : others_) seconds += other ? other->assembly_seconds() : 0.0;
  return seconds;
}

}  // namespace ansatz::study
