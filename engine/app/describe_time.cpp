#include <fmt/core.h>
#include <fmt/format.h>

#include <cmath>

#include "engine/app/describe_parts.hpp"
#include "engine/solvers/stepping.hpp"
#include "engine/time/control/step_controller.hpp"

namespace ansatz::app {
namespace {

std::string needs_of(const sdk::TimeMethodInfo& info) {
  std::string needs;
  const auto add = [&](bool needed, const char* what) {
    if (needed) needs += (needs.empty() ? "" : ", ") + std::string(what);
  };
  add(info.needs_mass_solves, "regular mass");
  add(info.needs_exact_jacobian, "exact Jacobian");
  add(info.needs_jacobian && !info.needs_exact_jacobian, "Jacobian");
  add(info.needs_split, "nonstiff part");
  add(info.needs_second_order, info.needs_jerk ? "q'' = a, jerk" : "q'' = a(t, q)");
  add(info.equal_steps, "equal steps");
  add(!info.varying_mass && !info.needs_second_order, "constant mass");
  return needs;
}

}  // namespace

void print_time_methods(const plugin::Registry& registry) {
  std::vector<std::vector<std::string>> rows{{"name", "order", "estimate", "stages", "|R(inf)|", "needs", "what"}};
  const auto add = [&](const sdk::TimeMethodInfo& info) {
    rows.push_back(
        {info.name, std::to_string(info.order), info.embedded_order > 0 ? std::to_string(info.embedded_order) : "-",
         std::to_string(info.stage_order), std::isnan(info.r_infinity) ? "-" : fmt::format("{:.3g}", info.r_infinity),
         needs_of(info), info.doc});
  };
  for (const auto& entry : time::time_methods()) add(entry.info);
  for (const auto& entry : solvers::methods_of_plugins(registry)) add(entry.info);
  print_table(
      "time integrators (time.method); estimate: order of the error estimate, without one steps have one length; "
      "stages: stage order",
      rows);
  rows = {{"name", "k1", "k2", "k3", "k4", "k5"}};
  for (const auto& law : time::controller_laws()) {
    rows.push_back({law.name});
    for (const double k : law.k) rows.back().push_back(fmt::format("{:.4g}", k));
  }
  print_table("step controllers (time.controller): h' = h e0^(-k1/q) e1^(-k2/q) e2^(-k3/q) r0^k4 r1^k5", rows);
  rows = {{"name", "safety", "growth", "first growth", "least factor", "rejections"}};
  for (const auto& limits : time::limit_presets()) {
    rows.push_back({limits.name, fmt::format("{:g}", limits.safety), fmt::format("{:g}", limits.max_growth),
                    fmt::format("{:g}", limits.max_first_growth), fmt::format("{:g}", limits.min_factor),
                    std::to_string(limits.max_rejections)});
  }
  print_table("limits on steps (time.limits)", rows);
}

}  // namespace ansatz::app
