#include "engine/solvers/finite_elements/step_log.hpp"

#include <fmt/format.h>

namespace ansatz::solvers {

void log_step(results::RunLog& log, const input::TimeSpec& spec, const time::Step& step, std::int64_t n,
              std::int64_t steps, double seconds_per_time, double residual) {
  const double eta = seconds_per_time * (spec.end - step.time);
  const auto error = spec.adaptive()
                         ? fmt::format("  dt = {:.3e}  error {:.2f}{}", step.length, step.error,
                                       step.rejections > 0 ? fmt::format(" ({} rejected)", step.rejections) : "")
                         : std::string();
  const auto solves = step.work.iterations > 0
                          ? fmt::format("  Newton {}  linear {}  residual {:.2e}", step.work.iterations,
                                        step.work.linear_iterations, residual)
                          : std::string();
  log.progress(fmt::format("  step {}{}  t = {:.6g} s{}{}  eta {:.0f} s", n, steps > 0 ? fmt::format("/{}", steps) : "",
                           step.time, error, solves, eta));
  log.event("step", {{"step", n},
                     {"time", step.time},
                     {"dt", step.length},
                     {"error", step.error},
                     {"rejections", std::int64_t{step.rejections}},
                     {"newton", std::int64_t{step.work.iterations}},
                     {"linear_iterations", std::int64_t{step.work.linear_iterations}},
                     {"residual", residual}});
}

void log_work(results::RunLog& log, const input::TimeSpec& spec, const time::WorkCount& work) {
  log.event("integration", {{"accepted", work.accepted}, {"rejected", work.rejected}, {"failed", work.failed}});
  if (!spec.adaptive()) return;
  log.say(fmt::format("  {} steps accepted, {} rejected, {} not solved", work.accepted, work.rejected, work.failed));
}

}  // namespace ansatz::solvers
