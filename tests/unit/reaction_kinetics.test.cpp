// The plugin reaction_kinetics: right-hand sides by hand, what is conserved, and end values of the test sets.
#include <catch2/catch.hpp>
#include <cmath>

#include "plugins/reaction_kinetics/brusselator_1d.hpp"
#include "plugins/reaction_kinetics/oscillators.hpp"
#include "plugins/reaction_kinetics/pollu.hpp"
#include "plugins/reaction_kinetics/reactions.hpp"
#include "plugins/reaction_kinetics/ring_modulator.hpp"
#include "tests/support/ode_support.hpp"

using namespace ansatz;
using namespace ansatz::reaction_kinetics;
using test::Given;
using test::Vector;

namespace {

/// The largest difference relative to `expected`, to 1 where that is 0.
double difference(const Vector& values, const Vector& expected) {
  REQUIRE(values.size() == expected.size());
  double worst = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double scale = expected[i] == 0.0 ? 1.0 : std::abs(expected[i]);
    worst = std::max(worst, std::abs(values[i] - expected[i]) / scale);
  }
  return worst;
}

/// f at the start. \tparam T a system
template <class T>
Vector rate_at_start(const Given<T>& system) {
  return system.f(system->info().initial);
}

}  // namespace

TEST_CASE("Rates at the start are those computed by hand", "[ode]") {
  CHECK(difference(rate_at_start(Given<Rober>()), {-0.04, 0.04, 0.0}) < 1e-15);
  CHECK(difference(rate_at_start(Given<Vdpol>()), {0.0, -2e6}) < 1e-15);
  CHECK(difference(rate_at_start(Given<Vdpol>({{"epsilon", 0.5}})), {0.0, -4.0}) < 1e-15);
  CHECK(difference(rate_at_start(Given<Orego>()), {77.27 - 77.27 * 8.375e-6, -1.0 / 77.27, -0.322}) < 1e-13);
  CHECK(difference(rate_at_start(Given<Hires>()), {-1.7093, 1.71, 0, 0, 0, 0, 0, 0}) < 1e-15);
  CHECK(difference(rate_at_start(Given<E5>()), {-1.38864e-12, 1.38864e-12, 1.38864e-12, 0.0}) < 1e-15);
  CHECK(difference(rate_at_start(Given<Brusselator0d>({{"test", std::int64_t{1}}})), {3.111, -5.811, -30010.92}) <
        1e-12);
  // r2 = 0.2128, r4 = 8.6e-5, r5 = 8.2e-5, r7 = 1.3e-6, r16 = 1.4e-5, r17 = 7e-4, all others 0.
  CHECK(difference(rate_at_start(Given<Pollu>()),
                   {0.2128, -0.2128, 7e-4, -0.213514, 1.733e-4, 0,      -1.68e-4, 1.693e-4, -1.3e-6, 1.3e-6,
                    0,      0,       0,    0,         0,        1.4e-5, 0,        0,        0,       0}) < 1e-12);
}

TEST_CASE("The ring modulator's diodes and sources act where they should", "[ode]") {
  const Given<RingModulator> ring;
  const double t = 2.5e-5;  // the high source is at its top, 2 V: diodes 1 and 2 block, 3 and 4 conduct
  const double flow = 2.0 * 40.67286402e-9 * std::sinh(2.0 * 17.7493332),
               low = 0.5 * std::sin(0.05 * 3.14159265358979323846);
  const Vector expected{
      0,          0, flow / 2e-12, -flow / 2e-12, -flow / 2e-12, flow / 2e-12, -2.0 * flow / 1e-8, 0, 0, 0, 0, 0, 0,
      low / 2e-3, 0};
  CHECK(difference(ring.f(Vector(15, 0.0), sdk::Part::all, t), expected) < 1e-11);
  Vector currents(15, 0.0);
  currents[9] = 1.0;  // i3
  const auto f = ring.f(currents);
  CHECK(f[0] == Approx(-0.5 / 1.6e-8));
  CHECK(f[2] == Approx(1.0 / 2e-12));
  CHECK(f[9] == Approx(-17.3 / 5e-4));
  CHECK(Given<RingModulator>({{"capacity", 1e-12}}).f(currents)[2] == Approx(1e12));
}

TEST_CASE("The Brusselator along a line is diffusion and reaction, in bands", "[ode]") {
  const Given<Brusselator1d> line({{"points", std::int64_t{3}}});  // u = 2, 1, 0, v = 3; alpha / dx^2 = 0.32
  const auto& y = line->info().initial;
  CHECK(difference(y, {2.0, 3.0, 1.0, 3.0, 0.0, 3.0}) < 1e-15);
  CHECK(difference(line.f(y, sdk::Part::nonstiff), {5.0, -6.0, 0.0, 0.0, 1.0, 0.0}) < 1e-14);
  CHECK(difference(line.f(y, sdk::Part::stiff), {-0.64, 0.0, 0.0, 0.0, 0.64, 0.0}) < 1e-14);
  // Row by row: (2 u v - 4) and u^2, 3 - 2 u v and -u^2, minus 0.64 on the diagonal, 0.32 two beside it.
  Vector J(6 * 5);
  line->jacobian(0.0, y, sdk::Part::all, J);
  const auto entry = [&](int i, int j) { return J[2 + i - j + 5 * j]; };
  CHECK(entry(0, 0) == Approx(7.36));
  CHECK(entry(0, 1) == Approx(4.0));
  CHECK(entry(1, 0) == Approx(-9.0));
  CHECK(entry(1, 1) == Approx(-4.64));
  CHECK(entry(0, 2) == Approx(0.32));
  CHECK(entry(4, 2) == Approx(0.32));
  CHECK(entry(2, 1) == 0.0);
  // L is the stiff part but for the values at the ends.
  Vector L(36);
  line->linear(L);
  CHECK(L[0] == Approx(-0.64));
  CHECK(L[2] == Approx(0.32));
  CHECK(L[1] == 0.0);
}

TEST_CASE("The solution of the equation of Kvaerno, Prothero and Robinson satisfies it", "[ode]") {
  const Given<Kpr> kpr({{"stiffness", -1e4}, {"frequency", 20.0}});
  for (const double t : {0.0, 0.3, 4.1}) {
    const Vector y{std::sqrt(1.0 + 0.5 * std::cos(t)), std::sqrt(2.0 + std::cos(20.0 * t))};
    const Vector rate{-0.25 * std::sin(t) / y[0], -10.0 * std::sin(20.0 * t) / y[1]};
    CHECK(std::abs(kpr.f(y, sdk::Part::all, t)[0] - rate[0]) < 1e-11);
    CHECK(std::abs(kpr.f(y, sdk::Part::all, t)[1] - rate[1]) < 1e-13);
    CHECK(difference(kpr.f(y, sdk::Part::nonstiff, t), rate) < 1e-14);
  }
  // Off the solution the stiff part alone changes: p = (u - 1.5 / u) / 2 at u = 2, t = 0.
  CHECK(kpr.f({2.0, std::sqrt(3.0)}, sdk::Part::stiff)[0] == Approx(-1e4 * 0.625));
}
