// Symplectic compositions: symmetry, observed orders on a pendulum and on a driven one, exact reversal.
#include "engine/time/tableaus/symplectic_composition.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "tests/support/errors.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

struct Motion {
  double t, q, v;
};

/// q'' = -sin q + drive cos t.
void step(const SymplecticComposition& method, Motion& s, double h, double drive) {
  const auto kick = [&](double fraction) { s.v += fraction * h * (drive * std::cos(s.t) - std::sin(s.q)); };
  kick(method.kicks[0]);
  for (std::size_t i = 0; i < method.drifts.size(); ++i) {
    s.q += method.drifts[i] * h * s.v;
    s.t += method.drifts[i] * h;
    kick(method.kicks[i + 1]);
  }
}

Motion after(const SymplecticComposition& method, double time, int steps, double drive) {
  Motion s{0.0, 1.2, 0.5};
  for (int n = 0; n < steps; ++n) step(method, s, time / steps, drive);
  return s;
}

double distance(const Motion& x, const Motion& y) { return std::hypot(x.q - y.q, x.v - y.v); }

/// By classical Runge-Kutta steps so short that their error is round-off: 1e-13.
Motion reference(double time, double drive) {
  Motion s{0.0, 1.2, 0.5};
  const int steps = 4000;
  const double h = time / steps;
  const auto f = [&](double t, double q, double v) { return std::array{v, drive * std::cos(t) - std::sin(q)}; };
  for (int n = 0; n < steps; ++n) {
    const auto k1 = f(s.t, s.q, s.v), k2 = f(s.t + h / 2, s.q + h / 2 * k1[0], s.v + h / 2 * k1[1]),
               k3 = f(s.t + h / 2, s.q + h / 2 * k2[0], s.v + h / 2 * k2[1]),
               k4 = f(s.t + h, s.q + h * k3[0], s.v + h * k3[1]);
    s.q += h / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0]);
    s.v += h / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1]);
    s.t += h;
  }
  return s;
}

}  // namespace

TEST_CASE("Kicks and drifts of compositions are symmetric and sum to one", "[time]") {
  for (const auto& method : symplectic_compositions()) {
    INFO(method.name);
    CHECK(method.kicks.size() == method.drifts.size() + 1);
    for (const auto* parts : {&method.kicks, &method.drifts}) {
      CHECK(std::accumulate(parts->begin(), parts->end(), 0.0) == Approx(1.0).margin(1e-15));
      CHECK(std::equal(parts->begin(), parts->end(), parts->rbegin()));
    }
  }
  CHECK(symplectic_composition("blanes_moan4").num_evaluations() == 6);
  CHECK(symplectic_composition("blanes_moan6").num_evaluations() == 11);
  CHECK(symplectic_composition("blanes_moan6").drifts[5] == Approx(0.20477705429147).epsilon(1e-13));
}

TEST_CASE("Compositions converge with their order on a pendulum, also on a driven one", "[time]") {
  const double time = 4.0;
  for (const double drive : {0.0, 0.3}) {
    const auto exact = reference(time, drive);
    for (const auto& method : symplectic_compositions()) {
      const int coarse = method.order == 6 ? 8 : 64;
      const double error = distance(after(method, time, coarse, drive), exact),
                   finer = distance(after(method, time, 2 * coarse, drive), exact);
      INFO(method.name << ", drive " << drive << ": errors " << error << ", " << finer);
      CHECK(std::log2(error / finer) == Approx(method.order).margin(0.2));
    }
  }
}

TEST_CASE("Higher orders are worth their evaluations", "[time]") {
  const auto exact = reference(4.0, 0.3);
  const auto error = [&](const char* name) {
    const auto& method = symplectic_composition(name);
    return distance(after(method, 4.0, 176 / method.num_evaluations(), 0.3), exact);
  };
  CHECK(error("blanes_moan4") < 1e-3 * error("leapfrog"));
  CHECK(error("blanes_moan6") < 1e-1 * error("blanes_moan4"));
}

TEST_CASE("A step back undoes a step, and the energy of a pendulum does not drift", "[time]") {
  const auto energy = [](const Motion& s) { return 0.5 * s.v * s.v - std::cos(s.q); };
  for (const auto& method : symplectic_compositions()) {
    INFO(method.name);
    Motion s{0.0, 1.2, 0.5};
    step(method, s, 0.3, 0.2);
    step(method, s, -0.3, 0.2);
    CHECK(distance(s, {0.0, 1.2, 0.5}) < 1e-15);

    const Motion start = s;
    double early = 0.0, late = 0.0;
    for (int n = 0; n < 20000; ++n) {
      step(method, s, 0.2, 0.0);
      auto& worst = n < 10000 ? early : late;
      worst = std::max(worst, std::abs(energy(s) - energy(start)));
    }
    CHECK(late < 1.01 * early + 1e-12);
  }
}

TEST_CASE("An unknown symplectic method is refused with a suggestion", "[time]") {
  CHECK(test::error_of([] { symplectic_composition("leap_frog"); }).report().find("leapfrog") != std::string::npos);
}
