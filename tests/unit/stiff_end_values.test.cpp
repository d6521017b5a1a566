// Published end values of the stiff systems of the plugin reaction_kinetics, with implicit methods.
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

/// Significant correct digits, -log10 of the largest relative error. \param floor with it: of error / (floor + |value|)
double digits(const Vector& values, const Vector& expected, double floor = 0.0) {
  double worst = 1e-16;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(values[i] - expected[i]) / (floor + std::abs(expected[i])));
  }
  return -std::log10(worst);
}

/// At least six digits with each method.
template <class T>
void check_end(const Given<T>& system, std::initializer_list<const char*> methods, const time::Tolerances& tolerances,
               const Vector& expected, std::optional<double> end = {}, double floor = 0.0) {
  for (const char* method : methods) {
    const auto values = system.solve(method, tolerances, end);
    INFO(method << ": " << digits(values, expected, floor) << " digits");
    CHECK(digits(values, expected, floor) >= 6.0);
    const auto before = system.invariants(), after = system.invariants(values);
    for (std::size_t i = 0; i < before.size(); ++i)
      CHECK(std::abs(after[i] - before[i]) <= 1e-10 * (1.0 + std::abs(before[i])));
  }
}

}  // namespace

TEST_CASE("Robertson's reactions end as published", "[ode]") {
  const Given<Rober> rober;
  const time::Tolerances tolerances{1e-9, {1e-17, 1e-22, 1e-10}};
  check_end(rober, {"rodas4", "esdirk4", "bdf"}, tolerances,
            {0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050});
  // Of SUNDIALS, which has six digits.
  check_end(rober, {"rodas4", "bdf"}, tolerances,
            {5.2083495894337328e-8, 2.0833399429795671e-13, 9.9999994791629776e-1}, 4e10);
}

TEST_CASE("Van der Pol's oscillator ends as published", "[ode]") {
  check_end(Given<Vdpol>(), {"rodas4", "esdirk4", "bdf"}, {1e-9, {1e-9, 1e-9}},
            {1.706167732170469, -0.8928097010247975});
}

TEST_CASE("The oregonator ends as published", "[ode]") {
  check_end(Given<Orego>(), {"rodas4", "esdirk4", "bdf"}, {1e-9, {1e-9}},
            {1.000814870318523, 1228.178521549917, 132.0554942846706});
}

TEST_CASE("HIRES ends as published", "[ode]") {
  check_end(Given<Hires>(), {"rodas4", "esdirk4", "bdf"}, {1e-9, {1e-12}},
            {.7371312573325668e-3, .1442485726316185e-3, .5888729740967575e-4, .1175651343283149e-2,
             .2386356198831331e-2, .6238968252742796e-2, .2849998395185769e-2, .2850001604814231e-2});
}

TEST_CASE("The air pollution ends as published", "[ode]") {
  Vector absolute(20, 1e-12);
  absolute[2] = absolute[4] = absolute[5] = absolute[9] = absolute[10] = 1e-17;
  absolute[15] = 1e-26;
  check_end(
      Given<Pollu>(), {"rodas4", "esdirk4", "bdf"}, {1e-9, absolute},
      {.5646255480022769e-1,  .1342484130422339,    .4139734331099427e-8, .5523140207484359e-2, .2018977262302196e-6,
       .1464541863493966e-6,  .7784249118997964e-1, .3245075353396018,    .7494013383880406e-2, .1622293157301561e-7,
       .1135863833257075e-7,  .2230505975721359e-2, .2087162882798630e-3, .1396921016840158e-4, .8964884856898295e-2,
       .4352846369330103e-17, .6899219696263405e-2, .1007803037365946e-3, .1772146513969984e-5, .5682943292316392e-4});
}

TEST_CASE("The Brusselator along a line ends where Radau 5 says", "[ode]") {
  const Given<Brusselator1d> line;
  for (const char* method : {"rodas4", "esdirk4", "bdf"}) {
    const auto end = line.solve(method, {1e-9, {1e-9}});
    double square = 0.0;
    for (const double value : end) square += value * value;
    INFO(method);
    CHECK(digits({end[38], end[39], std::sqrt(square)}, {0.43006072969383, 3.68814582843052, 22.595423315786}) >= 6.0);
  }
}

TEST_CASE("The ring modulator ends as published", "[ode][slow]") {
  check_end(
      Given<RingModulator>(), {"rodas4"}, {1e-8, {1e-11}},
      {-.2339057358486745e-1, -.7367485485540825e-2, .2582956709291169, -.4064465721283450, -.4039455665149794,
       .2607966765422943, .1106761861269975, .2939904342435596e-6, -.2840029933642329e-7, .7267198267264553e-3,
       .7929487196960840e-3, -.7255283495698965e-3, -.7941401968526521e-3, .7088495416976114e-4, .2390059075236570e-4},
      {}, 1e-3);
}

TEST_CASE("Two methods agree on the first three species of E5 up to 1e10 s", "[ode]") {
  const Given<E5> e5;
  // Round-off of the early values, 1e-13, in y2 - y3 - y4 = 0 is what limits the digits of y2 and y3 in the
  // end, 1.6e-18.
  const time::Tolerances tolerances{1e-9, {1e-20, 1e-26, 1e-28, 1e-28}};
  const auto one = e5.solve("esdirk4", tolerances, 1e10), other = e5.solve("esdirk5", tolerances, 1e10);
  const Vector first(one.begin(), one.begin() + 3), second(other.begin(), other.begin() + 3);
  INFO(digits(first, second) << " digits");
  CHECK(digits(first, second) >= 6.0);
}

TEST_CASE("Two methods agree on the Brusselator of three species", "[ode]") {
  for (const std::int64_t test : {1, 2, 3}) {
    const Given<Brusselator0d> brusselator({{"test", test}});
    INFO("test " << test);
    CHECK(digits(brusselator.solve("rodas4", {1e-10, {1e-11}}), brusselator.solve("esdirk4", {1e-10, {1e-11}})) >= 6.0);
  }
}

TEST_CASE("The equation of Kvaerno, Prothero and Robinson is solved to its tolerance however stiff it is", "[ode]") {
  for (const double stiffness : {-100.0, -1e6}) {
    const Given<Kpr> kpr({{"stiffness", stiffness}, {"frequency", 20.0}});
    const Vector expected{std::sqrt(1.0 + 0.5 * std::cos(5.0)), std::sqrt(2.0 + std::cos(100.0))};
    for (const char* method : {"rodas4", "esdirk4", "bdf"}) {
      INFO(method << ", G = " << stiffness);
      CHECK(digits(kpr.solve(method, {1e-8, {1e-8}}), expected) >= 6.0);
    }
  }
}
