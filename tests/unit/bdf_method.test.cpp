// Backward differences: weights, orders, the stiff test set, work, dense output, restart, jumps, stability.
#include "engine/time/methods/bdf_method.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <complex>

#include "tests/support/ode_support.hpp"
#include "tests/support/restart_check.hpp"
#include "tests/support/smooth_problems.hpp"
#include "tests/support/stiff_problems.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

const sdk::TimeMethodInfo& bdf_info() { return find_time_method("bdf").info; }

Stepper of_order(sdk::TimeSystem& system, const std::vector<double>& y0, int order, double tolerance) {
  return {system,
          std::make_unique<BdfMethod>(bdf_info(), system, order),
          0.0,
          y0,
          {tolerance, {tolerance}},
          std::make_unique<StepController>(controller_law("i"), limit_preset("arkode_7"))};
}

struct Run {
  double digits;
  WorkCount steps;
  OdeWork work;
};

template <class System>
Run run(double relative, std::vector<double> absolute) {
  const auto system = test::ode_system<System>();
  OdeTimeSystem in_time(system);
  auto stepper = test::controlled(in_time, "bdf", 0.0, system.info().initial, {relative, std::move(absolute)});
  while (stepper.time() < System::end) stepper.advance(System::end);
  const Run result{test::correct_digits(stepper.state(), System::reference()), stepper.work(), in_time.work()};
  INFO("steps " << result.steps.accepted << " + " << result.steps.rejected << ", f " << result.work.evaluations
                << ", Jacobians " << result.work.jacobians << ", factorisations " << result.work.factorisations
                << ", digits " << result.digits);
  CHECK(result.steps.rejected + result.steps.failed <= result.steps.accepted / 5);
  CHECK(result.work.evaluations <= 2.2 * double(result.steps.accepted + result.steps.rejected));
  CHECK(result.work.jacobians <= result.steps.accepted / 5);
  return result;
}

/// Largest root of sum_i w_i x^(q-i) = z x^q, where w are the weights of y' for steps of length 1.
double growth(int q, std::complex<double> z) {
  std::vector<double> points;
  for (int i = 0; i <= q; ++i) points.push_back(-double(i));
  const auto w = rate_weights(points);
  std::vector<std::complex<double>> roots;
  for (int i = 0; i < q; ++i) roots.push_back(std::pow(std::complex<double>(0.4, 0.9), i));
  for (int k = 0; k < 300; ++k) {  // Durand and Kerner's iteration
    for (int i = 0; i < q; ++i) {
      std::complex<double> value = w[0] - z, product = w[0] - z;
      for (int j = 1; j <= q; ++j) value = value * roots[i] + w[j];
      for (int j = 0; j < q; ++j) {
        if (j != i) product *= roots[i] - roots[j];
      }
      roots[i] -= value / product;
    }
  }
  double largest = 0.0;
  for (const auto& root : roots) largest = std::max(largest, std::abs(root));
  return largest;
}

/// y' = lambda y with h lambda = -1e6 for h = 1.
struct Decay {
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return test::from({1.0}, 1e3); }
  explicit Decay(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = -1e6 * y[0];
  }
};

/// y1' = -2 y1 + 1 for t < 1, + 5 after; y2' = y1. y1 = 1/2 at the start.
struct Jump {
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return test::from({0.5, 0.0}, 2.0); }
  explicit Jump(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    f[0] = -2.0 * y[0] + (t < 1.0 ? 1.0 : 5.0);
    f[1] = y[0];
  }
};

}  // namespace

TEST_CASE("Weights on uneven points are exact for polynomials of their degree", "[time]") {
  const std::vector<double> points{0.3, -0.1, -0.9, -1.0, -2.5, -2.9};
  const auto value = value_weights(points, 0.7), rate = rate_weights(points);
  for (int degree = 0; degree <= 5; ++degree) {
    double p = 0.0, dp = 0.0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      p += value[i] * std::pow(points[i], degree);
      dp += rate[i] * std::pow(points[i], degree);
    }
    CHECK(p == Approx(std::pow(0.7, degree)).margin(1e-12));
    CHECK(dp == Approx(degree == 0 ? 0.0 : degree * std::pow(0.3, degree - 1)).margin(1e-12));
  }
  // Equal steps: the classical coefficients of order 5 are 137, -300, 300, -200, 75, -12 over 60.
  const std::vector<double> equal{0.0, -1.0, -2.0, -3.0, -4.0, -5.0},
      classical{137.0, -300.0, 300.0, -200.0, 75.0, -12.0};
  const auto w = rate_weights(equal);
  for (std::size_t i = 0; i < w.size(); ++i) CHECK(w[i] == Approx(classical[i] / 60.0).epsilon(1e-13));
}

TEST_CASE("Errors of bdf fall with the steps by its order", "[time]") {
  const auto system = test::ode_system<test::Waves>();
  for (int order = 1; order <= 5; ++order) {
    const auto at = [&](double tolerance) {
      OdeTimeSystem in_time(system);
      auto stepper = of_order(in_time, system.info().initial, order, tolerance);
      double worst = 0.0;
      while (stepper.time() < 5.0) {
        stepper.advance(5.0);
        worst = std::max(worst, test::distance(stepper.state(), test::Waves::exact(stepper.time())));
      }
      return std::pair(double(stepper.work().accepted), worst);
    };
    const double coarse[]{1e-4, 1e-6, 1e-6, 1e-7, 1e-9}, fine[]{1e-6, 1e-8, 1e-9, 1e-10, 1e-12};
    const auto [n0, e0] = at(coarse[order - 1]);
    const auto [n1, e1] = at(fine[order - 1]);
    const double observed = std::log(e0 / e1) / std::log(n1 / n0);
    INFO("order " << order << ": " << n0 << " steps " << e0 << ", " << n1 << " steps " << e1);
    CHECK(observed > order - 0.25);
    CHECK(observed < order + 0.8);
  }
}

TEST_CASE("bdf solves the stiff test set to six digits and more", "[time]") {
  CHECK(run<test::Rober>(1e-9, {1e-17, 1e-21, 1e-11}).digits >= 6.0);
  CHECK(run<test::Hires>(1e-9, {1e-12}).digits >= 6.0);
  CHECK(run<test::VanDerPol>(1e-9, {1e-11}).digits >= 6.0);
  CHECK(run<test::Orego>(1e-9, {1e-9}).digits >= 6.0);
}

TEST_CASE("bdf needs few steps and evaluations at common tolerances", "[time]") {
  // CVODE needs 300 steps and 430 evaluations for HIRES, 700 to 900 steps for ROBER up to 1e11.
  const auto hires = run<test::Hires>(1e-6, {1e-9});
  CHECK(hires.steps.accepted <= 400);
  CHECK(hires.work.evaluations <= 600);
  CHECK(hires.digits >= 3.5);
  const auto rober = run<test::Rober>(1e-6, {1e-14, 1e-18, 1e-8});
  CHECK(rober.steps.accepted <= 1200);
  CHECK(rober.work.evaluations <= 1800);
  CHECK(rober.digits >= 4.0);
}

TEST_CASE("bdf damps what is infinitely stiff at once", "[time]") {
  const auto system = test::ode_system<Decay>();
  OdeTimeSystem in_time(system);
  CHECK(std::abs(test::in_steps(in_time, "bdf", 0.0, {1.0}, 2.0, 2)[0]) < 1e-6);
  CHECK(bdf_info().r_infinity == 0.0);
}

TEST_CASE("bdf is stable in the wedges of backward differences", "[time]") {
  const double angles[]{90.0, 90.0, 86.03, 73.35, 51.84};  // Hairer and Wanner, V.2
  constexpr double degree = 3.14159265358979323846 / 180.0;
  for (int q = 1; q <= 5; ++q) {
    INFO("order " << q);
    double inside = 0.0, outside = 0.0;
    for (double power = -3.0; power < 5.0; power += 0.02) {
      const double r = std::pow(10.0, power);
      inside = std::max(inside, growth(q, -std::polar(r, (angles[q - 1] - 0.02) * degree)));
      outside = std::max(outside, growth(q, -std::polar(r, (angles[q - 1] + 0.3) * degree)));
    }
    CHECK(inside <= 1.0);
    if (q > 2) CHECK(outside > 1.0);
  }
}

TEST_CASE("Dense output of bdf is as accurate as its steps, also in the first one", "[time]") {
  const auto system = test::ode_system<test::Waves>();
  OdeTimeSystem in_time(system);
  auto stepper = test::controlled(in_time, "bdf", 0.0, system.info().initial, {1e-8, {1e-8}});
  double worst = 0.0, worst_rate = 0.0;
  std::vector<double> y(2);
  while (stepper.time() < 5.0) {
    stepper.advance(5.0);
    for (const double theta : {0.0, 0.3, 0.7}) {
      const double t = stepper.time() - (1.0 - theta) * stepper.last_step();
      stepper.interpolate(t, y);
      worst = std::max(worst, test::distance(y, test::Waves::exact(t)));
    }
    const auto exact = test::Waves::exact(stepper.time());
    worst_rate = std::max(worst_rate, std::abs(stepper.rate()[0] - exact[0] * exact[1]));
  }
  CHECK(worst < 1e-6);
  CHECK(worst_rate < 1e-4);
}

TEST_CASE("bdf goes on from a stored history bit by bit", "[time]") {
  for (const int steps : {1, 10, 40}) test::check_restart<test::Waves>("bdf", 0.0, steps);
  test::check_restart<test::Hires>("bdf", 0.0, 40);
  test::check_restart<test::Waves>("bdf", 0.01);
}

TEST_CASE("bdf steps over a jump of the right-hand side", "[time]") {
  const auto system = test::ode_system<Jump>();
  OdeTimeSystem in_time(system);
  auto stepper = test::controlled(in_time, "bdf", 0.0, system.info().initial, {1e-7, {1e-7}});
  while (stepper.time() < 2.0) stepper.advance(2.0);
  const double y1 = 2.5 - 2.0 * std::exp(-2.0);
  CHECK(stepper.state()[0] == Approx(y1).margin(1e-5));
  CHECK(stepper.state()[1] == Approx(0.5 + 2.5 - (1.0 - std::exp(-2.0))).margin(1e-5));
}

TEST_CASE("bdf starts anew after a change of the state", "[time]") {
  const auto system = test::ode_system<test::Waves>();
  OdeTimeSystem in_time(system);
  auto stepper = test::controlled(in_time, "bdf", 0.0, system.info().initial, {1e-8, {1e-8}});
  while (stepper.time() < 2.0) stepper.advance(2.0);
  stepper.set_state(3.0, test::Waves::exact(3.0));
  while (stepper.time() < 5.0) stepper.advance(5.0);
  CHECK(test::distance(stepper.state(), test::Waves::exact(5.0)) < 1e-6);
}
