#include <algorithm>

#include "engine/linear/matrices/vector.hpp"
#include "engine/solvers/gradients/step_equations.hpp"

namespace ansatz::solvers {
namespace {

/// theta F(t + h, v, r) + (1 - theta) F(t, u, r) = 0 with r = (v - u) / h.
class ThetaStep final : public StepMap {
 public:
  ThetaStep(StepEquations& equations, double theta) : e_(equations), theta_(theta) {}

  void forward(double t, double h, std::vector<double>& u, std::vector<double>& /*rate*/) override {
    const auto old = u;
    auto known = old;
    for (double& value : known) value *= -1.0 / h;
    e_.prescribe(t + h, u);
    e_.solve_stage(theta_, t + h, 1.0 / h, known, t, old, u);
  }

  /// With A = theta (K + M / h) + (1 - theta) M_old / h:  A^T z = s on free unknowns,
  ///   s_old = -B^T z,  B = -(theta M + (1 - theta) M_old) / h + (1 - theta) K_old.
  void backward(double t, double h, std::span<const double> u, std::span<const double> /*rate*/,
                Sensitivity& s) override {
    std::vector<double> v(u.begin(), u.end()), none, r(u.size());
    forward(t, h, v, none);
    for (std::size_t i = 0; i < r.size(); ++i) r[i] = (v[i] - u[i]) / h;
    // Where the mass varies that of the old time belongs to A, too; the form's own is taken with its full weight.
    const auto z = e_.mass_varies() && theta_ < 1.0 ? solve_with_both(t, h, u, v, r, s.state)
                                                    : e_.solve_transposed(t + h, v, r, {theta_, 1.0 / h}, s.state);
    const auto at_new = e_.transposed(t + h, v, r, {theta_, theta_ / h}, z);
    const auto mass_new = e_.transposed(t + h, v, r, {0.0, theta_ / h}, z);
    std::vector<double> mass_old(u.size(), 0.0), state_old(u.size(), 0.0);
    if (theta_ < 1.0) {
      mass_old = e_.transposed(t, u, r, {0.0, (1.0 - theta_) / h}, z);
      state_old = e_.transposed(t, u, r, {1.0 - theta_, 0.0}, z);
      e_.subtract_equations(1.0 - theta_, t, u, r, z, s);
    }
    e_.subtract_equations(theta_, t + h, v, r, z, s);
    for (std::size_t i = 0; i < r.size(); ++i) s.state[i] -= at_new[i] + mass_old[i];
    e_.add_prescribed(t + h, s.state, 0, s);
    for (std::size_t i = 0; i < r.size(); ++i) s.state[i] = mass_new[i] + mass_old[i] - state_old[i];
  }

 private:
  /// By iterations z := z + A_0^-T (s - A^T z) with A_0, which has the new mass alone.
  std::vector<double> solve_with_both(double t, double h, std::span<const double> u, std::span<const double> v,
                                      std::span<const double> r, std::span<const double> right) {
    constexpr int most = 100;
    constexpr double tolerance = 1e-13;
    std::vector<double> left(right.begin(), right.end()), z(right.size(), 0.0);
    e_.leave_free(left);
    const double size = e_.norm(left);
    for (int k = 0; k < most && e_.norm(left) > tolerance * size; ++k) {
      linear::add_scaled(1.0, e_.solve_transposed(t + h, v, r, {theta_, 1.0 / h}, left), z);
      const auto at_new = e_.transposed(t + h, v, r, {theta_, theta_ / h}, z);
      const auto at_old = e_.transposed(t, u, r, {0.0, (1.0 - theta_) / h}, z);
      for (std::size_t i = 0; i < z.size(); ++i) left[i] = right[i] - at_new[i] - at_old[i];
      e_.leave_free(left);
    }
    if (!(e_.norm(left) <= 1e-8 * size))
      throw sdk::Error(sdk::ErrorKind::solver, "the mass changes too much in a step for its adjoint", {},
                       "take shorter steps, or method = \"backward_euler\"");
    return z;
  }

  StepEquations& e_;
  double theta_;
};

}  // namespace

std::unique_ptr<StepMap> make_theta_step(StepEquations& equations, double theta) {
  return std::make_unique<ThetaStep>(equations, theta);
}

}  // namespace ansatz::solvers
