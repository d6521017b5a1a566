#include "engine/solvers/finite_elements/undetermined.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/fem/motions/held_motions.hpp"

namespace ansatz::solvers {

Undetermined::Undetermined(problem::Problem& problem, fem::DiscreteProblem& discrete, results::RunLog& log)
    : problem_(problem), discrete_(discrete), log_(log) {
  discrete_.pin({});
}

void Undetermined::find_in_time(std::span<const double> values) {
  const auto& spec = *problem_.parsed().time;
  const std::vector<double> zero(values.size(), 0.0);
  motions_ = fem::find_free_motions(discrete_, spec.start, values, zero,
                                    {1.0, 1.0 / (spec.adaptive() ? spec.end - spec.start : spec.step)});
  std::vector<fem::FreeMotion> by_rates;  // determined by terms that long steps lose
  std::erase_if(motions_, [&](const auto& motion) { return motion.has_rate && (by_rates.push_back(motion), true); });
  for (const auto& motion : motions_) {
    if (!motion.weak) continue;
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("the equations determine {} too weakly to be solved in time", motion.text()), {},
                     "prescribe a value, or leave out the terms that are far below the round-off of the others");
  }
  if (!motions_.empty()) {
    held_ = fem::unknowns_to_hold(discrete_.dofs(), motions_);
    hold({});
    announce(motions_);
  }
  fem::resolve_weak_motions(discrete_, by_rates);
}

/// Holds the motions that are held throughout and these.
void Undetermined::hold(const std::vector<fem::FreeMotion>& more) {
  auto unknowns = held_;
  for (const auto unknown : fem::unknowns_to_hold(discrete_.dofs(), more)) unknowns.push_back(unknown);
  discrete_.pin(unknowns);
  holds_more_ = !more.empty();
}

void Undetermined::release() {
  if (holds_more_) hold({});
}

void Undetermined::announce(const std::vector<fem::FreeMotion>& motions) {
  if (announced_) return;
  for (const auto& motion : motions) {
    log_.say(fmt::format("  {} is determined up to {}{}: its mean{} is 0", motion.name, motion.motion, motion.where,
                         motion.where.empty() ? "" : " there"));
    announced_ = true;
  }
}

void Undetermined::refuse_as_start(const std::vector<fem::FreeMotion>& motions) const {
  if (motions.empty()) return;
  throw sdk::Error(
      sdk::ErrorKind::case_file,
      fmt::format("there is no one steady state to start from: it determines {} only", motions.front().text()),
      problem_.parsed().initial.at.text(), "give initial values instead of start = \"steady\"");
}

void Undetermined::remove_means(quantities::Solution& solution) const {
  fem::remove_motions(discrete_.comm(), motions_, solution.values);
  if (solution.of_rates) fem::remove_motions(discrete_.comm(), motions_, *solution.of_rates);
}

}  // namespace ansatz::solvers
