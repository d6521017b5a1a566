// Integrators on u' = -u^2 + g'(t) + g(t)^2 with u = g, one unknown with a matrix of one entry.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/time/loop/stepper.hpp"
#include "engine/time/methods/methods.hpp"
#include "engine/time/systems/residual_system.hpp"
#include "tests/support/ode_support.hpp"

using namespace ansatz;

namespace {

/// F(t, u, u') = (1 + t) (u' + u^2 - g' - g^2) with g = 2 + sin t: a nonlinear problem whose mass depends on time.
class Riccati final : public time::ResidualSystem {
 public:
  explicit Riccati(linear::NewtonOptions newton = {}) : ResidualSystem(base::Communicator(MPI_COMM_SELF), newton) {
    auto pattern = std::make_shared<linear::Pattern>();
    pattern->num_owned = 1;
    pattern->diag_offsets = {0, 1};
    pattern->diag_columns = {0};
    pattern->ghost_offsets = {0, 0};
    matrix_.emplace(comm(), pattern, 1);
    solver_.emplace(comm(), linear::KrylovOptions{.solver = "direct"}, false);
  }
  std::size_t size() const override { return 1; }
  const sdk::TimeTraits& traits() const override { return traits_; }
  void residual(double t, std::span<const double> u, std::span<const double> rate, sdk::Part,
                std::span<double> F) override {
    const double g = exact(t);
    F[0] = (1.0 + t) * (rate[0] + u[0] * u[0] - std::cos(t) - g * g);
  }
  const linear::SparseMatrix& matrix(Role, double t, std::span<const double> u, std::span<const double>,
                                     sdk::JacobianWeights weights, sdk::Part) override {
    matrix_->begin_values();
    matrix_->diagonal_values()[0] = (1.0 + t) * (weights.rate + weights.state * 2.0 * u[0]);
    matrix_->end_values();
    return *matrix_;
  }
  linear::KrylovSolver& solver(Role, const linear::SparseMatrix& matrix) override {
    solver_->set_operator(matrix);
    return *solver_;
  }
  void time_derivative(double, std::span<const double>, std::span<double>) override { FAIL("no method asks for it"); }
  static double exact(double t) { return 2.0 + std::sin(t); }

 private:
  sdk::TimeTraits traits_;
  std::optional<linear::SparseMatrix> matrix_;
  std::optional<linear::KrylovSolver> solver_;
};

double error_at_two(const std::string& method, int steps) {
  linear::NewtonOptions newton;
  newton.relative_tolerance = 1e-13;
  Riccati problem(newton);
  const auto end = test::in_steps(problem, method, 0.0, {Riccati::exact(0.0)}, 2.0, steps);
  return std::abs(end[0] - Riccati::exact(2.0));
}

}  // namespace

TEST_CASE("Each integrator reaches its order on a nonlinear problem with a mass that depends on time", "[time]") {
  const auto [method, order] =
      GENERATE(table<std::string, double>({{"backward_euler", 1.0}, {"crank_nicolson", 2.0}, {"bdf2", 2.0}}));
  const double coarse = error_at_two(method, 80), fine = error_at_two(method, 160);
  INFO(method << ": errors " << coarse << ", " << fine);
  CHECK(std::log2(coarse / fine) == Approx(order).margin(0.1));
}

namespace {

/// x' = (-y^2, x y) + (1, 2) p + s(t),  x + 2 y = c(t): an index-2 system with the solution x = 2 + sin t, y = cos t,
/// p = exp(-t).
class Constrained final : public time::ResidualSystem {
 public:
  explicit Constrained(linear::NewtonOptions newton) : ResidualSystem(base::Communicator(MPI_COMM_SELF), newton) {
    traits_.algebraic = true;
    auto pattern = std::make_shared<linear::Pattern>();
    pattern->num_owned = 3;
    pattern->diag_offsets = {0, 3, 6, 9};
    pattern->diag_columns = {0, 1, 2, 0, 1, 2, 0, 1, 2};
    pattern->ghost_offsets = {0, 0, 0, 0};
    matrix_.emplace(comm(), pattern, 1);
    solver_.emplace(comm(), linear::KrylovOptions{.solver = "direct"}, false);
  }
  std::size_t size() const override { return 3; }
  const sdk::TimeTraits& traits() const override { return traits_; }
  std::span<const std::uint8_t> algebraic() const override { return algebraic_; }
  void residual(double t, std::span<const double> u, std::span<const double> rate, sdk::Part,
                std::span<double> F) override {
    const auto e = exact(t);
    F[0] = rate[0] - std::cos(t) + (u[1] * u[1] - e[1] * e[1]) - (u[2] - e[2]);
    F[1] = rate[1] + std::sin(t) - (u[0] * u[1] - e[0] * e[1]) - 2.0 * (u[2] - e[2]);
    F[2] = (u[0] - e[0]) + 2.0 * (u[1] - e[1]);
  }
  const linear::SparseMatrix& matrix(Role, double, std::span<const double> u, std::span<const double>,
                                     sdk::JacobianWeights w, sdk::Part) override {
    const double m = w.rate;
    matrix_->begin_values();
    std::ranges::copy(
        std::array{m, w.state * 2.0 * u[1], -1.0, -w.state * u[1], m - w.state * u[0], -2.0, 1.0, 2.0, 0.0},
        matrix_->diagonal_values().begin());
    matrix_->end_values();
    return *matrix_;
  }
  linear::KrylovSolver& solver(Role, const linear::SparseMatrix& matrix) override {
    solver_->set_operator(matrix);
    return *solver_;
  }
  void time_derivative(double, std::span<const double>, std::span<double>) override { FAIL("no method asks for it"); }
  static std::array<double, 3> exact(double t) { return {2.0 + std::sin(t), std::cos(t), std::exp(-t)}; }

 private:
  sdk::TimeTraits traits_;
  std::array<std::uint8_t, 3> algebraic_{0, 0, 1};
  std::optional<linear::SparseMatrix> matrix_;
  std::optional<linear::KrylovSolver> solver_;
};

}  // namespace

TEST_CASE(
    "Each integrator reaches its order with a constraint, whose multiplier Crank-Nicolson takes in the middle of a "
    "step",
    "[time]") {
  const auto [method, order, of_multiplier] = GENERATE(table<std::string, double, double>(
      {{"backward_euler", 1.0, 1.0}, {"crank_nicolson", 2.0, 1.0}, {"bdf2", 2.0, 2.0}}));
  std::array<double, 2> x{}, y{}, p{}, middle{};
  for (const int k : {0, 1}) {
    const int steps = k == 0 ? 80 : 160;
    const double h = 1.0 / steps;
    linear::NewtonOptions newton;
    newton.relative_tolerance = 1e-12;
    Constrained problem(newton);
    time::StepperOptions options;
    options.fixed_step = h;
    // The multiplier at the start is not used.
    time::Stepper stepper(problem, time::make_time_method(method, problem), 0.0, {2.0, 1.0, 77.0}, options);
    int iterations = 0;
    while (stepper.time() < 1.0) iterations = std::max(iterations, stepper.advance(1.0).work.iterations);
    CHECK(stepper.work().accepted == steps);
    CHECK(iterations <= 4);
    const auto u = stepper.state();
    const auto end = Constrained::exact(1.0);
    CHECK(u[0] + 2.0 * u[1] == Approx(end[0] + 2.0 * end[1]).epsilon(1e-12));
    x[k] = std::abs(u[0] - end[0]);
    y[k] = std::abs(u[1] - end[1]);
    p[k] = std::abs(u[2] - end[2]);
    middle[k] = std::abs(u[2] - Constrained::exact(1.0 - 0.5 * h)[2]);
  }
  INFO(method << ": errors " << x[1] << ", " << y[1] << ", " << p[1] << ", " << middle[1]);
  CHECK(std::log2(x[0] / x[1]) == Approx(order).margin(0.15));
  CHECK(std::log2(y[0] / y[1]) == Approx(order).margin(0.15));
  CHECK(std::log2(p[0] / p[1]) == Approx(of_multiplier).margin(0.15));
  if (method == "crank_nicolson") CHECK(std::log2(middle[0] / middle[1]) > 1.8);
}

TEST_CASE("A wrong name of an integrator is refused with the nearest one", "[time]") {
  Riccati problem;
  try {
    time::make_time_method("bdf3", problem);
    FAIL("accepted");
  } catch (const sdk::Error& error) {
    CHECK(error.kind() == sdk::ErrorKind::case_file);
    CHECK(error.hint().find("bdf2") != std::string::npos);
  }
}

TEST_CASE("BDF2 refuses a change of its step", "[time]") {
  Riccati problem;
  time::StepperOptions options;
  options.fixed_step = 0.1;
  time::Stepper stepper(problem, time::make_time_method("bdf2", problem), 0.0, {2.0}, options);
  stepper.advance(0.25);
  stepper.advance(0.25);
  CHECK_THROWS_AS(stepper.advance(0.25), sdk::Error);
  CHECK(stepper.time() == Approx(0.2));
}
