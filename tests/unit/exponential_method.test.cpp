// The exponential method: order, linear systems, a stiff reaction and diffusion, damping, restart.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/restart_check.hpp"
#include "tests/support/smooth_problems.hpp"
#include "tests/support/stiff_problems.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

constexpr double pi = 3.14159265358979323846;

/// y1' = -y1 + y2, y2' = -1000 y2: exact by its triangular form.
struct Linear {
  static std::vector<double> exact(double t) {
    const double fast = std::exp(-1000.0 * t), slow = std::exp(-t);
    return {2.0 * slow + (slow - fast) / 999.0, fast};
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return test::from(exact(0.0), 1.0); }
  explicit Linear(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = -y[0] + y[1];
    f[1] = -1000.0 * y[1];
  }
};

/// The Brusselator of research/time_and_linear.md, section 4: u = y_(2i), v = y_(2i+1) on 40 points. The author gives
/// the diffusion as its linear part.
template <bool with_linear_part>
struct Brusselator {
  static constexpr std::size_t N = 40;
  static constexpr double diffusion = 41.0 * 41.0 / 50.0;
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    std::vector<double> y(2 * N, 3.0);
    for (std::size_t i = 0; i < N; ++i) y[2 * i] = 1.0 + std::sin(2.0 * pi * double(i + 1) / 41.0);
    auto info = test::from(std::move(y), 10.0);
    info.band = {2, 2};
    return info;
  }
  explicit Brusselator(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    for (std::size_t i = 0; i < N; ++i) {
      const S u = y[2 * i], v = y[2 * i + 1];
      const S left_u = i == 0 ? S(1.0) : y[2 * i - 2], right_u = i + 1 == N ? S(1.0) : y[2 * i + 2];
      const S left_v = i == 0 ? S(3.0) : y[2 * i - 1], right_v = i + 1 == N ? S(3.0) : y[2 * i + 3];
      f[2 * i] = 1.0 + u * u * v - 4.0 * u + diffusion * (left_u - 2.0 * u + right_u);
      f[2 * i + 1] = 3.0 * u - u * u * v + diffusion * (left_v - 2.0 * v + right_v);
    }
  }
  void linear(std::span<double> L) const requires with_linear_part {
    std::ranges::fill(L, 0.0);
    const std::size_t n = 2 * N;
    for (std::size_t i = 0; i < n; ++i) {
      L[i * n + i] = -2.0 * diffusion;
      if (i >= 2) L[i * n + i - 2] = diffusion;
      if (i + 2 < n) L[i * n + i + 2] = diffusion;
    }
  }
};

/// y' = lambda y with h lambda = -1e6 for h = 1, beside a slow unknown.
struct Decay {
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return test::from({1.0, 1.0}, 100.0); }
  explicit Decay(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = -1e6 * y[0];
    f[1] = -y[1];
  }
};

template <class System>
double error(int steps, double end, const std::vector<double>& exact) {
  const auto system = test::ode_system<System>();
  OdeTimeSystem in_time(system);
  return test::distance(test::in_steps(in_time, "etd_rk4", 0.0, system.info().initial, end, steps), exact);
}

template <class System>
std::vector<double> reference(const std::string& method) {
  const auto system = test::ode_system<System>();
  OdeTimeSystem in_time(system);
  auto stepper = test::controlled(in_time, method, 0.0, system.info().initial, {1e-11, {1e-11}});
  while (stepper.time() < 10.0) stepper.advance(10.0);
  return {stepper.state().begin(), stepper.state().end()};
}

template <class System>
void check_brusselator() {
  const auto exact = reference<System>("tsitouras54");
  CHECK(exact[38] == Approx(0.43006072969383).epsilon(1e-8));
  CHECK(exact[39] == Approx(3.68814582843052).epsilon(1e-8));
  const double e0 = error<System>(100, 10.0, exact), e1 = error<System>(200, 10.0, exact);
  INFO(e0 << " " << e1);
  CHECK(e1 < 1e-4);
  CHECK(std::log2(e0 / e1) > 2.8);
  const auto system = test::ode_system<System>();
  OdeTimeSystem in_time(system);
  auto stepper = test::controlled(in_time, "etd_rk4", 0.0, system.info().initial, {1e-6, {1e-6}});
  while (stepper.time() < 10.0) stepper.advance(10.0);
  INFO(stepper.work().accepted << " + " << stepper.work().rejected << " steps, " << stepper.work().linear_iterations
                               << " products, error " << test::distance(stepper.state(), exact));
  CHECK(test::distance(stepper.state(), exact) < 3e-5);
  CHECK(stepper.work().accepted < 500);  // explicit methods: 134 / 3.3 steps a second for stability, and more
}

}  // namespace

TEST_CASE("The exponential method has order 4 on a nonlinear, non-autonomous system", "[time]") {
  const auto exact = test::Waves::exact(5.0);
  const double e0 = error<test::Waves>(50, 5.0, exact), e1 = error<test::Waves>(100, 5.0, exact),
               e2 = error<test::Waves>(200, 5.0, exact);
  INFO(e0 << " " << e1 << " " << e2);
  CHECK(std::log2(e0 / e1) > 3.8);
  CHECK(std::log2(e1 / e2) > 3.8);
}

TEST_CASE("Linear systems are solved by the exponential method with any step, however stiff", "[time]") {
  for (const int steps : {1, 7}) CHECK(error<Linear>(steps, 1.0, Linear::exact(1.0)) < 1e-12);
  const auto system = test::ode_system<Decay>();
  OdeTimeSystem in_time(system);
  const auto y = test::in_steps(in_time, "etd_rk4", 0.0, {1.0, 1.0}, 2.0, 2);
  CHECK(std::abs(y[0]) < 1e-12);
  CHECK(y[1] == Approx(std::exp(-2.0)).epsilon(1e-10));
  CHECK(find_time_method("etd_rk4").info.r_infinity == 0.0);
}

TEST_CASE("The exponential method solves reactions with stiff diffusion, with the Jacobian or the author's linear part",
          "[time]") {
  check_brusselator<Brusselator<true>>();
  check_brusselator<Brusselator<false>>();
}

TEST_CASE("Errors of the exponential method follow the tolerance", "[time]") {
  const auto system = test::ode_system<test::Waves>();
  for (const double tolerance : {1e-5, 1e-8}) {
    OdeTimeSystem in_time(system);
    auto stepper = test::controlled(in_time, "etd_rk4", 0.0, system.info().initial, {tolerance, {tolerance}});
    while (stepper.time() < 5.0) stepper.advance(5.0);
    INFO(tolerance << ": " << stepper.work().accepted << " + " << stepper.work().rejected);
    CHECK(test::distance(stepper.state(), test::Waves::exact(5.0)) < 50.0 * tolerance);
    CHECK(stepper.work().rejected <= stepper.work().accepted / 10 + 1);
  }
}

TEST_CASE("The exponential method goes on from a stored state bit by bit", "[time]") {
  test::check_restart<test::Waves>("etd_rk4", 0.0);
  test::check_restart<test::Waves>("etd_rk4", 0.1);
  test::check_restart<Brusselator<true>>("etd_rk4", 0.0);
}
