// Integrators on u' = -u^2 + g'(t) + g(t)^2 with u = g, one unknown with a matrix of one entry.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/time/integrator.hpp"

using namespace ansatz;

namespace {

/// F(t, u, u') = (1 + t) (u' + u^2 - g' - g^2) with g = 2 + sin t: a nonlinear problem whose mass depends on time.
class Riccati final : public time::TimeProblem {
 public:
  Riccati() : comm_(MPI_COMM_SELF) {
    auto pattern = std::make_shared<linear::Pattern>();
    pattern->num_owned = 1;
    pattern->diag_offsets = {0, 1};
    pattern->diag_columns = {0};
    pattern->ghost_offsets = {0, 0};
    matrix_.emplace(comm_, pattern, 1);
    solver_.emplace(comm_, linear::KrylovOptions{.solver = "direct"}, false);
  }
  const base::Communicator& comm() const override { return comm_; }
  std::int32_t size() const override { return 1; }
  void prescribe(double, std::span<double>) override {}
  void residual(double t, std::span<const double> u, std::span<const double> rate, std::span<double> F) override {
    const double g = exact(t);
    F[0] = (1.0 + t) * (rate[0] + u[0] * u[0] - std::cos(t) - g * g);
  }
  const linear::SparseMatrix& jacobian(double t, std::span<const double> u, std::span<const double>,
                                       sdk::JacobianWeights weights) override {
    matrix_->begin_values();
    matrix_->diagonal_values()[0] = (1.0 + t) * (weights.rate + weights.state * 2.0 * u[0]);
    matrix_->end_values();
    return *matrix_;
  }
  linear::KrylovSolver& solver(const linear::SparseMatrix& matrix) override {
    solver_->set_operator(matrix);
    return *solver_;
  }
  static double exact(double t) { return 2.0 + std::sin(t); }

 private:
  base::Communicator comm_;
  std::optional<linear::SparseMatrix> matrix_;
  std::optional<linear::KrylovSolver> solver_;
};

double error_at_two(const std::string& method, int steps) {
  Riccati problem;
  linear::NewtonOptions newton;
  newton.relative_tolerance = 1e-13;
  auto integrator = time::make_integrator(method, problem, 0.0, {Riccati::exact(0.0)}, newton);
  for (int n = 0; n < steps; ++n) integrator->step(2.0 / steps);
  return std::abs(integrator->state()[0] - Riccati::exact(2.0));
}

}  // namespace

TEST_CASE("Each integrator reaches its order on a nonlinear problem with a mass that depends on time", "[time]") {
  const auto [method, order] = GENERATE(table<std::string, double>(
      {{"backward_euler", 1.0}, {"crank_nicolson", 2.0}, {"bdf2", 2.0}}));
  const double coarse = error_at_two(method, 80), fine = error_at_two(method, 160);
  INFO(method << ": errors " << coarse << ", " << fine);
  CHECK(std::log2(coarse / fine) == Approx(order).margin(0.1));
}

TEST_CASE("A wrong name of an integrator is refused with the nearest one", "[time]") {
  Riccati problem;
  try {
    time::make_integrator("bdf3", problem, 0.0, {2.0}, {});
    FAIL("accepted");
  } catch (const sdk::Error& error) {
    CHECK(error.kind() == sdk::ErrorKind::case_file);
    CHECK(error.hint().find("bdf2") != std::string::npos);
  }
}

TEST_CASE("BDF2 refuses a change of its step", "[time]") {
  Riccati problem;
  auto integrator = time::make_integrator("bdf2", problem, 0.0, {2.0}, {});
  integrator->step(0.1);
  CHECK_THROWS_AS(integrator->step(0.2), sdk::Error);
  CHECK(integrator->time() == Approx(0.1));
}
