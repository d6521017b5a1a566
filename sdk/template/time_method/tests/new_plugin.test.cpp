#include "new_plugin.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace ansatz::sdk;

namespace {

/// y' = -2 t y^2: y = 1 / (1 + t^2). Explicit methods need no more of a system than f.
class Bell final : public TimeSystem {
 public:
  std::size_t size() const override { return 1; }
  const TimeTraits& traits() const override { return traits_; }
  void f(double t, std::span<const double> y, Part, std::span<double> out) override { out[0] = -2.0 * t * y[0] * y[0]; }
  void time_derivative(double, std::span<const double>, std::span<double>) override {}
  void linearise(double, std::span<const double>, Part) override {}
  void linearise_linear_part(double, std::span<const double>) override {}
  void solve_shifted(double, std::span<double>) override {}
  void apply_mass(std::span<const double> x, std::span<double> out) override {
    std::copy(x.begin(), x.end(), out.begin());
  }
  void apply_jacobian(std::span<const double>, std::span<double>) override {}
  StageResult solve_stage(const Stage&, std::span<double>) override { return {}; }

 private:
  TimeTraits traits_;
};

class NoNorm final : public ErrorNorm {
 public:
  double operator()(std::span<const double>, std::span<const double>, std::span<const double>) const override {
    return 0.0;
  }
  std::span<const double> scale(std::span<const double> y) const override { return y; }
};

double error_at_one(int steps) {
  Bell system;
  NewPlugin method(system);
  std::vector<double> y{1.0}, y_new(1), error(1);
  for (int n = 0; n < steps; ++n) {
    method.attempt(double(n) / steps, 1.0 / steps, y, NoNorm(), y_new, error);
    method.accept();
    y = y_new;
  }
  return std::abs(y[0] - 0.5);
}

}  // namespace

TEST_CASE("the method is of second order") {
  CHECK(std::log2(error_at_one(50) / error_at_one(100)) == Approx(2.0).margin(0.1));
}

TEST_CASE("its error estimate is the difference to Euler's step") {
  Bell system;
  NewPlugin method(system);
  std::vector<double> y{1.0}, y_new(1), error(1);
  method.attempt(0.0, 0.1, y, NoNorm(), y_new, error);
  CHECK(error[0] == Approx(y_new[0] - 1.0));  // Euler stays at 1: f(0, 1) = 0
}
