// The plugin nbody: published end values, closed orbits, energy drifts, and forces by hand.
#include <catch2/catch.hpp>
#include <cmath>

#include "plugins/nbody/bodies.hpp"
#include "plugins/nbody/orbits.hpp"
#include "plugins/nbody/published.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/gravity.hpp"
#include "tests/support/ode_support.hpp"

using namespace ansatz;
using test::Given;
using test::Vector;

namespace {

constexpr double pi = 3.14159265358979323846;

/// Kepler's orbit at the time t, by Newton's method for the eccentric anomaly: x, y, vx, vy.
Vector kepler_solution(double e, double t) {
  double E = t;
  for (int k = 0; k < 50; ++k) E -= (E - e * std::sin(E) - t) / (1.0 - e * std::cos(E));
  const double rate = 1.0 / (1.0 - e * std::cos(E)), b = std::sqrt(1.0 - e * e);
  return {std::cos(E) - e, b * std::sin(E), -std::sin(E) * rate, b * std::cos(E) * rate};
}

double distance(const Vector& a, const Vector& b) {
  double worst = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

}  // namespace

TEST_CASE("The Pleiades end where the test set for initial-value problems says", "[ode]") {
  const std::array<Vector, 4> expected{{{.3706139143970502, 3.237284092057233, -3.222559032418324, .6597091455775310,
                                         .3425581707156584, 1.562172101400631, -.7003092922212495},
                                        {-3.943437585517392, -3.271380973972550, 5.225081843456543, -2.590612434977470,
                                         1.198213693392275, -.2429682344935824, 1.091449240428980},
                                        {3.417003806314313, 1.354584501625501, -2.590065597810775, 2.025053734714242,
                                         -1.155815100160448, -.8072988170223021, .5952396354208710},
                                        {-3.741244961234010, .3773459685750630, .9386858869551073, .3667922227200571,
                                         -.3474046353808490, 2.344915448180937, -1.947020434263292}}};  // x, y, vx, vy
  Given<nbody::Pleiades> pleiades;
  REQUIRE(pleiades->size() == 28);
  CHECK(pleiades->info().components[13].name == "y7");
  CHECK(pleiades->info().components[14].name == "vx1");
  for (const char* method : {"dormand_prince54", "tsitouras54"}) {
    const auto end = pleiades.solve(method, {1e-12, {1e-12}});
    double worst = 0.0;
    for (int group = 0; group < 4; ++group) {
      for (int i = 0; i < 7; ++i) {
        const double value = end[(group / 2) * 14 + 2 * i + group % 2];
        worst = std::max(worst, std::abs(value / expected[group][i] - 1.0));
      }
    }
    INFO(method << ": scd " << -std::log10(worst));
    CHECK(worst < 1e-6);
  }
}

TEST_CASE("The restricted three-body orbit of Arenstorf closes and keeps Jacobi's constant", "[ode]") {
  Given<nbody::Arenstorf> orbit;
  for (const char* method : {"dormand_prince54", "tsitouras54"}) {
    const auto end = orbit.solve(method, {1e-12, {1e-13}});
    INFO(method << ": " << distance(end, orbit->info().initial));
    CHECK(distance(end, orbit->info().initial) < 1e-6);  // at speeds of 2, near the start: six digits
    CHECK(orbit.invariants(end)[0] == Approx(orbit.invariants()[0]).epsilon(1e-9));
  }
  // x^2 + 2 nu / |x + mu| + 2 mu / |x - nu| - v^2 with distances 1.006277471 and 0.006277471.
  CHECK(orbit.invariants()[0] == Approx(0.988036 + 2.0 * 0.987722529 / 1.006277471 + 2.0 * 0.012277471 / 0.006277471 -
                                        2.00158510637908 * 2.00158510637908));
}

TEST_CASE("Three equal masses return after one round of the eight", "[ode]") {
  Given<nbody::FigureEight> eight;
  const auto& start = eight->info().initial;
  const auto end = eight.solve("dormand_prince54", {1e-12, {1e-12}});
  CHECK(distance(end, start) < 1e-6);  // of data with eight digits
  // After a third of the period each is where the one before was, and after a half all have come through the mirror.
  const auto third = eight.solve("dormand_prince54", {1e-12, {1e-12}}, nbody::FigureEight::period / 3.0);
  CHECK(std::abs(third[0] - start[4]) + std::abs(third[1] - start[5]) + std::abs(third[2] - start[0]) < 1e-6);
  CHECK(distance(eight.invariants(end), eight.invariants()) < 1e-9);
  CHECK(std::abs(eight.invariants()[3]) < 1e-15);  // angular momentum
}

TEST_CASE("A planet moves as Kepler's equation says, and its event is at the apses", "[ode]") {
  Given<nbody::Kepler> kepler({{"eccentricity", 0.6}});
  CHECK(distance(kepler.solve("dormand_prince54", {1e-12, {1e-12}}, 2.0), kepler_solution(0.6, 2.0)) < 1e-9);
  CHECK(kepler.invariants()[0] == Approx(-0.5).epsilon(1e-15));
  CHECK(kepler.invariants()[1] == Approx(0.8).epsilon(1e-15));  // sqrt(1 - e^2)
  Vector apsis(1);
  kepler->events(pi, kepler_solution(0.6, pi), apsis);
  CHECK(std::abs(apsis[0]) < 1e-15);
}

TEST_CASE("Energies of a planet drift as the orders of methods let them, and not at all with symplectic ones",
          "[ode]") {
  const Given<nbody::Kepler> kepler({{"eccentricity", 0.6}});
  const auto drift = [&](const char* method, double periods, int steps) {
    const auto end = kepler.in_steps(method, periods * 2.0 * pi, static_cast<int>(periods * steps));
    return std::abs(kepler.invariants(end)[0] / -0.5 - 1.0);
  };
  struct Row {
    const char* method;
    int order;
    double drift;  // at most, after 10.3 periods of 500 steps
    bool symplectic;
  };
  for (const auto& row :
       {Row{"rk4", 4, 2e-6, false}, Row{"dormand_prince54", 5, 3e-8, false}, Row{"tsitouras54", 5, 2e-8, false},
        Row{"rodas4", 4, 1e-6, false}, Row{"esdirk4", 4, 3e-7, false}, Row{"hermite4", 4, 5e-6, false},
        Row{"leapfrog", 2, 2e-3, true}, Row{"blanes_moan4", 4, 1e-9, true}}) {
    const double first = drift(row.method, 10.3, 500), finer = drift(row.method, 10.3, 1000),
                 later = drift(row.method, 100.3, 500);
    INFO(row.method << ": |dE / E| " << first << " after 10 periods of 500 steps, " << finer << " of 1000, " << later
                    << " after 100 periods");
    CHECK(first < row.drift);
    CHECK(finer < 1.3 * first / std::pow(2.0, row.order));
    if (row.symplectic) CHECK(later < 1.1 * first);
    if (!row.symplectic) CHECK(later > 4.0 * first);
  }
}

TEST_CASE("The three bodies of a seed, their accelerations, jerks and energy are those of the published study",
          "[ode]") {
  for (const std::int64_t seed : {0, 7, 1042}) {
    Given<nbody::ThreeBody> system({{"seed", seed}});
    const test::ThreeBodies published(static_cast<std::uint32_t>(seed));
    test::Gravity gravity(published.masses);
    const auto& y = system->info().initial;
    const Vector q(y.begin(), y.begin() + 6), v(y.begin() + 6, y.end());
    CHECK(q == published.x);
    CHECK(v == published.v);
    Vector a(6), jerk(6), expected(6), expected_jerk(6);
    gravity.evaluate(q, v, expected, expected_jerk);
    system->jerk(0.0, q, v, a, jerk);
    CHECK(distance(a, expected) < 1e-17);
    CHECK(distance(jerk, expected_jerk) < 1e-17);
    CHECK(system.invariants()[0] == Approx(gravity.energy(q, v)).epsilon(1e-14));
    CHECK(std::abs(system.invariants()[1]) + std::abs(system.invariants()[2]) < 1e-16);
  }
  // What NumPy draws from the seed 0, from the first body.
  Given<nbody::ThreeBody> first;
  const auto& q = first->info().initial;
  CHECK(q[2] - q[0] == Approx(13.232203).epsilon(1e-7));
  CHECK(q[5] - q[1] == Approx(13.173248).epsilon(1e-7));
}

TEST_CASE("Bodies of a case attract each other by their masses, in the plane and in space", "[ode]") {
  // 2 and 3 at the distance (1, 2, 2), of length 3, with G = 0.5.
  Given<nbody::Bodies> system({{"masses", Vector{2.0, 3.0}},
                               {"positions", Vector{0, 0, 0, 1, 2, 2}},
                               {"velocities", Vector{0, 0, 1, 1, 0, 0}},
                               {"gravitational_constant", 0.5},
                               {"dimension", std::int64_t{3}}});
  CHECK(system->info().components[5].name == "z2");
  CHECK(system->info().components[11].unit == "m/s");
  Vector f(12);
  system->f(0.0, system->info().initial, sdk::Part::all, f);
  const Vector expected{0, 0, 1, 1, 0, 0, 1.5 / 27, 3.0 / 27, 3.0 / 27, -1.0 / 27, -2.0 / 27, -2.0 / 27};
  CHECK(distance(f, expected) < 1e-16);
  // Energy 1 + 1.5 - 0.5 * 6 / 3, momentum (3, 0, 2), angular momentum 3 (1, 2, 2) x (1, 0, 0).
  CHECK(distance(system.invariants(), {1.5, 3.0, 0.0, 2.0, 0.0, 6.0, -6.0}) < 1e-15);
  const auto end = system.solve("dormand_prince54", {1e-11, {1e-12}});
  CHECK(distance(system.invariants(end), system.invariants()) < 1e-9);

  Given<nbody::Bodies> circle;
  CHECK(distance(circle.solve("dormand_prince54", {1e-11, {1e-12}}), circle->info().initial) < 1e-9);
}

TEST_CASE("Bodies that do not fit together are refused", "[ode]") {
  const auto refused = [](std::vector<std::pair<std::string, sdk::ParameterValue>> values, const std::string& text) {
    const auto error = test::error_of([&] { Given<nbody::Bodies> system(values); });
    CHECK(error.kind() == sdk::ErrorKind::parameter);
    CHECK(error.report().find(text) != std::string::npos);
  };
  refused({{"masses", Vector{1.0}}}, "positions has 4 numbers, but 1 bodies in 2 dimensions need 2");
  refused({{"velocities", Vector{1.0}}}, "velocities has 1 numbers");
  refused({{"positions", Vector{1.0, 2.0, 1.0, 2.0}}}, "the bodies 1 and 2 are at one place");
  refused({{"masses", Vector{}}, {"positions", Vector{}}, {"velocities", Vector{}}}, "there are no masses");
  refused({{"masses", Vector{-1.0, 1.0}}}, "masses");
  refused({{"dimension", std::int64_t{4}}}, "dimension");
}
