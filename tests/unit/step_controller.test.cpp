#include "engine/time/control/step_controller.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/support/errors.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

constexpr int q = 4;

/// Length of the steps that a controller settles to where the error of a step is (h / unit)^q, from a start far off.
double settled(StepController controller, double h, int steps = 400) {
  for (int n = 0; n < steps; ++n) h *= controller.error(std::pow(h, q)).factor;
  return h;
}

/// The length at which a law asks for the same again: 1 = safety (bias e)^(-(k1 + k2 + k3) / q).
double resting_length(const ControllerLaw& law, const StepLimits& limits) {
  const auto exponent = [](const std::array<double, 5>& k) { return k[0] + k[1] + k[2]; };
  const auto length = [&](const std::array<double, 5>& k) {
    return std::pow(limits.safety, 1.0 / exponent(k)) * std::pow(limits.bias, -1.0 / q);
  };
  return law.alternative[0] == 0.0 ? length(law.k) : std::min(length(law.k), length(law.alternative));
}

}  // namespace

TEST_CASE("Every controller settles to the step at which its law is at rest", "[time]") {
  for (const auto& law : controller_laws()) {
    for (const auto& limits : limit_presets()) {
      if (limits.deadband[0] < limits.deadband[1]) continue;  // it may stop on the way
      INFO(law.name << ", " << limits.name);
      for (const double start : {0.02, 3.0}) {
        CHECK(settled({law, limits, q}, start) == Approx(resting_length(law, limits)).epsilon(1e-8));
      }
    }
  }
}

TEST_CASE("Laws of second order of adaptivity follow errors that grow steadily, without an offset", "[time]") {
  // With errors (c^n h^q) and steps of constant ratio r = c^(-1/q) the law says e^((k1 + k2 + k3) / q) = safety r^(k4 +
  // k5 - 1): e does not depend on c where k4 + k5 = 1 (Soederlind 2003, section 4). The plain law is offset.
  for (const char* name : {"h0321", "pc11", "h321", "i"}) {
    const auto& k = controller_law(name).k;
    StepController controller(controller_law(name), {.name = "", .safety = 0.8}, q);
    double h = 1.0, strength = 1.0, ratio = 0.0, error = 0.0;
    for (int n = 0; n < 400; ++n) {
      strength *= 1.02;
      error = std::pow(h, q) * strength;
      ratio = controller.error(error).factor;
      h *= ratio;
    }
    INFO(name);
    CHECK(ratio == Approx(std::pow(1.02, -1.0 / q)).epsilon(1e-8));
    const double offset = std::pow(1.02, -(k[3] + k[4] - 1.0) / (k[0] + k[1] + k[2]));
    CHECK(error == Approx(std::pow(0.8, q / (k[0] + k[1] + k[2])) * offset).epsilon(1e-6));
    CHECK((std::abs(offset - 1.0) < 1e-12) == (std::string(name) != "i"));
  }
}

TEST_CASE("Steps grow and shrink within their limits exactly", "[time]") {
  const auto& limits = limit_preset("arkode_7");
  StepController controller(controller_law("i"), limits, q);
  CHECK(controller.error(1e-30).factor == Approx(0.9 * std::pow(1e-10, -0.25)));  // first step: up to 1e4
  CHECK(controller.error(1e-30).factor == 20.0);
  CHECK(controller.error(0.0).factor == 20.0);
  const auto rejected = controller.error(1e12);
  CHECK(!rejected.accepted);
  CHECK(rejected.factor == 0.1);
  const auto after = controller.error(1e-6);
  CHECK(after.accepted);
  CHECK(after.factor == 1.0);  // no growth right after a rejection
  CHECK(controller.error(1e-4).factor == Approx(9.0).epsilon(1e-14));

  StepController lazy(controller_law("i"), limit_preset("arkode_6"), q);
  CHECK(lazy.error(1.0 / 1.5 * std::pow(0.96 / 1.4, 4)).factor == 1.0);  // 1.4 is within the deadband
  CHECK(lazy.error(1.0 / 1.5 * std::pow(0.96 / 1.6, 4)).factor == Approx(1.6).epsilon(1e-13));
}

TEST_CASE("Rejections shrink the step, then more, and end an integration that cannot go on", "[time]") {
  StepController controller(controller_law("pi42"), limit_preset("arkode_7"), q);
  CHECK(controller.error(0.5).accepted);
  CHECK(controller.error(2.0).factor == Approx(0.9 * std::pow(2.0, -0.25)));
  CHECK(controller.error(2.0).factor == Approx(0.9 * std::pow(2.0, -0.25)));
  CHECK(controller.error(2.0).factor == 0.3);
  CHECK(controller.solver_failed().factor == 0.25);
  CHECK(controller.error(std::numeric_limits<double>::quiet_NaN()).factor == 0.25);
  CHECK(controller.rejections() == 5);
  controller.error(2.0);
  CHECK(!controller.error(2.0).failed);
  CHECK(controller.error(2.0).failed);
}

TEST_CASE("A controller goes on from its state as if there had been no interruption", "[time]") {
  for (const auto& law : controller_laws()) {
    StepController whole(law, limit_preset("sciml"), q);
    double h = 0.3;
    const auto strength = [](int n) { return 1.0 + 0.9 * std::sin(0.7 * n); };
    for (int n = 0; n < 17; ++n) h *= whole.error(std::pow(h, q) * strength(n)).factor;
    StepController other(law, limit_preset("sciml"), q);
    other.set_state(whole.state());
    double g = h;
    for (int n = 17; n < 60; ++n) {
      const double error = std::pow(h, q) * strength(n);
      const auto a = whole.error(error), b = other.error(error);
      CHECK(a.factor == b.factor);
      CHECK(a.accepted == b.accepted);
      h *= a.factor;
      g *= b.factor;
    }
    CHECK(g == h);
  }
  CHECK(test::kind_of([] {
          StepController(controller_law("i"), limit_preset("petsc"), q).set_state(std::array{1.0});
        }) == sdk::ErrorKind::state);
}

TEST_CASE("Unknown controllers and limits are refused with a suggestion", "[time]") {
  CHECK(test::error_of([] { controller_law("h211bb"); }).report().find("h211b") != std::string::npos);
  CHECK(test::error_of([] { limit_preset("petc"); }).report().find("petsc") != std::string::npos);
}

TEST_CASE("The first step of y' = -y is that of the formula by hand", "[time]") {
  // Weighted norms: d0 = d1 = 1e6, h0 = 0.01, d2 = 1e6, T = 1, h1 = (1e-8)^(1/5).
  const double one[] = {1.0}, minus[] = {-1.0};
  const auto size = [](std::span<const double> v) { return std::abs(v[0]) / 1e-6; };
  const auto decay = [](double, std::span<double> y, std::span<double> out) { out[0] = -y[0]; };
  CHECK(starting_step(one, minus, size, 4, 10.0, decay) == Approx(std::pow(1e-8, 0.2)).epsilon(1e-12));
  const double zero[] = {0.0};
  const auto rest = [](double, std::span<double>, std::span<double> out) { out[0] = 0.0; };
  CHECK(starting_step(zero, zero, size, 4, 3.0, rest) == Approx(3e-6));
}
