#include "engine/solvers/gradients/step_equations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/linear/matrices/vector.hpp"
#include "engine/time/tableaus/butcher_tableau.hpp"
#include "engine/time/tableaus/implicit_tableau.hpp"

namespace ansatz::solvers {
namespace {

linear::NewtonOptions to_the_end(linear::NewtonOptions options) {
  options.relative_tolerance = 1e-11;
  options.correction_tolerance = 1e-12;
  options.absolute_tolerance = 0.0;
  options.lagged_jacobian = options.inexact = false;
  return options;
}

}  // namespace

StepEquations::StepEquations(problem::Problem& problem, const linear::KrylovOptions& options,
                             linear::NewtonOptions newton)
    : problem_(problem),
      newton_(to_the_end(newton)),
      discrete_(problem.form(), problem.dirichlet(), adjoint::exact_options(options)),
      mass_(discrete_, adjoint::exact_options({}), true),
      slopes_(problem),
      stage_transposed_(discrete_),
      mass_transposed_(mass_) {}

bool StepEquations::mass_varies() const {
  return problem_.form().mass_depends_on_state() || problem_.form().mass_depends_on_time();
}

double StepEquations::norm(std::span<const double> x) const { return linear::norm(discrete_.comm(), x); }

bool StepEquations::has(std::span<const double> x) const {
  return discrete_.comm().max(static_cast<std::int64_t>(x.size())) > 0;
}

void StepEquations::leave_free(std::span<double> x) const {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (discrete_.constrained()[i] != 0) x[i] = 0.0;
  }
}

void StepEquations::prescribe_rates(double t, std::span<double> rate) const {
  if (discrete_.prescribes_rates()) return discrete_.prescribe_rates(seen_(t), rate);
  leave_free(rate);
}

void StepEquations::give_rates(double t, double shift, std::span<const double> u, std::span<double> known) const {
  std::vector<double> rates(u.size(), 0.0);
  prescribe_rates(t, rates);
  for (std::size_t i = 0; i < u.size(); ++i) {
    if (discrete_.constrained()[i] != 0) known[i] = rates[i] - shift * u[i];
  }
}

std::vector<double> StepEquations::rate(double t, std::span<const double> u) {
  std::vector<double> rate(u.size(), 0.0), right(u.size()), change(u.size(), 0.0);
  prescribe_rates(t, rate);
  discrete_.residual(seen_(t), u, rate, right);
  for (double& value : right) value = -value;
  mass_.solver(mass_.jacobian(seen_(t), u, rate, {0.0, 1.0})).solve(right, change);
  linear::add_scaled(1.0, change, rate);
  return rate;
}

/// The equation of a stage.
class StepEquations::Stage final : public linear::NonlinearSystem {
 public:
  Stage(StepEquations& equations, double theta, double t, double shift, std::span<const double> known, double old_t,
        std::span<const double> old)
      : e_(equations), theta_(theta), t_(t), old_t_(old_t), shift_(shift), known_(known), old_(old), rate_(e_.size()) {}

  void residual(std::span<const double> u, std::span<double> F) override {
    set_rate(u);
    e_.discrete_.residual(e_.seen_(t_), u, rate_, F);
    if (theta_ == 1.0) return;
    std::vector<double> before(F.size());
    e_.discrete_.residual(e_.seen_(old_t_), old_, rate_, before);
    for (std::size_t i = 0; i < F.size(); ++i) F[i] = theta_ * F[i] + (1.0 - theta_) * before[i];
  }
  const linear::SparseMatrix& jacobian(std::span<const double> u) override {
    set_rate(u);
    return e_.discrete_.jacobian(e_.seen_(t_), u, rate_, {theta_, shift_});
  }
  const linear::SparseMatrix* previous_jacobian() override { return e_.discrete_.previous_jacobian({theta_, shift_}); }
  linear::FieldsOfUnknowns fields() const override { return e_.discrete_.fields(); }

 private:
  void set_rate(std::span<const double> u) {
    for (std::size_t i = 0; i < rate_.size(); ++i) rate_[i] = shift_ * u[i] + known_[i];
  }
  StepEquations& e_;
  double theta_, t_, old_t_, shift_;
  std::span<const double> known_, old_;
  std::vector<double> rate_;
};

void StepEquations::solve_stage(double theta, double t, double shift, std::span<const double> known, double old_t,
                                std::span<const double> old, std::vector<double>& u) {
  Stage stage(*this, theta, t, shift, known, old_t, old);
  auto& solver = discrete_.solver(stage.jacobian(u));
  linear::newton(discrete_.comm(), stage, solver, u, newton_);
}

std::vector<double> StepEquations::solve_transposed(double t, std::span<const double> u, std::span<const double> rate,
                                                    sdk::JacobianWeights weights, std::span<const double> right) {
  std::vector<double> b(right.begin(), right.end()), z(right.size(), 0.0);
  leave_free(b);
  auto& transposed = weights.state == 0.0 ? mass_transposed_ : stage_transposed_;
  transposed.solve(of(weights).jacobian(seen_(t), u, rate, {weights.state, weights.rate}), b, z);
  leave_free(z);
  ++solves_;
  return z;
}

void StepEquations::subtract_equations(double factor, double t, std::span<const double> u, std::span<const double> rate,
                                       std::span<const double> z, Sensitivity& out) {
  const auto by_parameters = slopes_.by_parameters(seen_(t), u, rate, z);
  linear::add_scaled(-factor, by_parameters, out.parameters);
}

void StepEquations::add_prescribed(double t, std::span<const double> s, int order, Sensitivity& out) {
  for (std::size_t k = 0; k < out.parameters.size(); ++k) {
    const int parameter = static_cast<int>(k);
    if (!problem_.dirichlet().depends_on(parameter)) continue;
    const auto slope = adjoint::prescribed_slope(problem_, seen_(t), parameter, order);
    out.parameters[k] += linear::dot(discrete_.comm(), s, slope);
  }
}

void check_has_adjoint(const problem::Problem& problem) {
  const auto& spec = *problem.parsed().time;
  const auto in = [&](const auto& table) {
    return std::ranges::any_of(table, [&](const auto& method) { return method.name == spec.method; });
  };
  const bool is_known = spec.method == "backward_euler" || spec.method == "crank_nicolson" ||
                        in(time::explicit_methods()) || in(time::implicit_methods());
  const auto refuse = [&](const std::string& what, const std::string& hint) {
    throw sdk::Error(sdk::ErrorKind::case_file, what, spec.at.text(), hint);
  };
  if (!is_known) {
    refuse(fmt::format("the method {} has no adjoint", spec.method),
           "use backward_euler, crank_nicolson, an explicit Runge-Kutta method (rk4, dormand_prince54, ...) or a "
           "diagonally "
           "implicit one (sdirk2, esdirk4, ...): see ansatz describe time");
  }
  if (!problem.form().algebraic_fields().empty()) {
    const int f = problem.form().algebraic_fields().front();
    refuse(
        fmt::format("steps have no adjoint where unknowns have no rate: {} has none", problem.dofs().fields()[f].name),
        "differentiate the steady state, or difference solutions of a sweep");
  }
  if (spec.lumped_mass) refuse("steps with a lumped mass have no adjoint", "set mass = \"consistent\"");
  if (problem.parsed().initial.steady)
    refuse("runs from a steady state have no adjoint", "give the initial values as expressions");
  if (!spec.events.empty()) refuse("runs with events have no adjoint", "remove time.events");
}

std::unique_ptr<StepMap> make_step_map(StepEquations& equations, const input::TimeSpec& spec) {
  if (spec.method == "backward_euler") return make_theta_step(equations, 1.0);
  if (spec.method == "crank_nicolson") return make_theta_step(equations, 0.5);
  if (auto step = make_explicit_step(equations, spec.method)) return step;
  return make_implicit_step(equations, spec.method);
}

}  // namespace ansatz::solvers
