#pragma once
/// y' = -z, 0 = z - y^2, which has y = 1 / (1 + t): one unknown without a rate.

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/time.hpp"

namespace ansatz::test {

class AlgebraicSystem final : public sdk::TimeSystem {
 public:
  AlgebraicSystem() {
    traits_.identity_mass = false;
    traits_.algebraic = true;
  }
  std::size_t size() const override { return 2; }
  const sdk::TimeTraits& traits() const override { return traits_; }
  void f(double, std::span<const double> y, sdk::Part, std::span<double> out) override {
    out[0] = -y[1];
    out[1] = y[1] - y[0] * y[0];
  }
  StageResult solve_stage(const Stage& stage, std::span<double> y) override {
    StageResult result;
    for (double size = 1.0; size > 1e-14; ++result.iterations) {
      if (result.iterations > 20) throw sdk::Error(sdk::ErrorKind::solver, "no solution");
      const double r0 = stage.shift * y[0] + stage.known[0] + y[1], r1 = y[1] - y[0] * y[0];
      const double determinant = stage.shift + 2.0 * y[0], d0 = (r1 - r0) / determinant, d1 = 2.0 * y[0] * d0 - r1;
      y[0] += d0;
      y[1] += d1;
      size = std::max(std::abs(d0), std::abs(d1));
    }
    return result;
  }
  void solve_mass(double, std::span<const double>, std::span<double>) override { refuse(); }
  void time_derivative(double, std::span<const double>, std::span<double>) override { refuse(); }
  void linearise(double, std::span<const double>, sdk::Part) override { refuse(); }
  void linearise_linear_part(double, std::span<const double>) override { refuse(); }
  void solve_shifted(double, std::span<double>) override { refuse(); }
  void apply_mass(std::span<const double>, std::span<double>) override { refuse(); }
  void apply_jacobian(std::span<const double>, std::span<double>) override { refuse(); }

 private:
  static void refuse() { throw sdk::Error(sdk::ErrorKind::internal, "the mass is singular"); }
  sdk::TimeTraits traits_;
};

}  // namespace ansatz::test
