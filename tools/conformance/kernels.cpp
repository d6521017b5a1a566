#include <fmt/format.h>

#include "checks.hpp"
#include "kernel_suite.hpp"

namespace ansatz::conformance {
namespace {

void check_with_options(Report& report, const sdk::Physics& physics, const std::string& title) {
  for (const int dim : physics.info().dimensions) {
    const auto name = fmt::format("{}, {} dimension{}: ", title, dim, dim == 1 ? "" : "s");
    const Suite suite(physics, dim);
    report.check(name + "residual, derived fields and quantities are finite", [&] { suite.finite(); });
    report.check(name + "Jacobian against residual (Taylor)", [&] { suite.jacobian(); });
    report.check(name + "Jacobian times vector", [&] { suite.jacobian_vector(); });
    report.check(name + "derivatives by parameters and time", [&] { suite.parameter_and_time(); });
    bool fluxes_have_rates = false;
    try {
      fluxes_have_rates = suite.fluxes_have_rates();
    } catch (...) {  // what it throws fails the checks
    }
    if (fluxes_have_rates) {
      report.skip(name + "strong form", "its fluxes depend on du/dt");
    } else {
      report.check(name + "strong form against weak form", [&] { suite.strong(); });
      report.check(name + "strong form integrated over a cube", [&] { check_strong_form(physics, dim); });
    }
    report.check(name + "times and parameters of each point", [&] { suite.own_times(); });
    report.check(name + "derivatives by coefficients", [&] { suite.coefficient_slopes(); });
    if (physics.info().has_energy) report.check(name + "energy against weak form", [&] { suite.energy(); });
    if (physics.info().has_boundary_terms)
      report.check(name + "boundary Jacobian (Taylor)", [&] { suite.boundary_jacobian(); });
    if (physics.info().has_stabilisation) report.check(name + "stabilisation Jacobian", [&] { suite.stabilisation(); });
    report.check(name + "structure of the form", [&] { suite.structure(); });
    report.check(name + "nonstiff terms are declared", [&] { suite.nonstiff(); });
    report.check(name + "coefficients out of range or not finite are reported", [&] { suite.faults(); });
    report.check(name + "states that are not finite", [&] { suite.not_finite(); });
  }
}

}  // namespace

void check_kernels(Report& report, const plugin::PhysicsOffer& offer) {
  check_with_options(report, *offer.create(), "physics " + offer.name);
  const auto options = offer.create()->info().options;
  for (const auto& option : options) {
    for (std::size_t k = 1; k < option.choices.size(); ++k) {
      const auto physics = offer.create();
      physics->set_option(option.name, option.choices[k]);
      check_with_options(report, *physics,
                         fmt::format("physics {} with {} = {}", offer.name, option.name, option.choices[k]));
    }
  }
}

}  // namespace ansatz::conformance
