#include "engine/reduced/in_time/step_times.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/time/loop/same_time.hpp"

namespace ansatz::reduced {
namespace {

/// The step that a change ends; 0: it is within one.
std::int64_t ended_step(const TimeGrid& grid, double t) {
  const double length = t - grid.start;
  const auto k = static_cast<std::int64_t>(std::llround(length / grid.step));
  if (k < 1 || k > grid.steps) return 0;
  const double off = std::abs(static_cast<double>(k) * grid.step - length);
  if (off <= time::round_off(std::max(std::abs(grid.start), std::abs(t)))) return k;
  if (!time::whole_steps(grid.start, t, grid.step)) return 0;
  throw sdk::Error(sdk::ErrorKind::parameter,
                   fmt::format("a condition on t changes at {:.17g} s, {:.3g} s from the end of step {}", t, off, k),
                   "reduced basis in time",
                   "give the time of the change and the step with all their digits, so that they meet, or use "
                   "solver.type = \"fem\"");
}

}  // namespace

void set_step_times(const TimeGrid& grid, std::span<const double> changes, StepTimes& times) {
  times.before.resize(static_cast<std::size_t>(grid.steps) + 1);
  times.after.resize(times.before.size());
  auto change = changes.begin();
  double first = grid.start;
  for (; change != changes.end() && time::is_start(*change, grid.start, grid.end); ++change) first = *change;
  times.before[0] = times.after[0] = first;
  double origin = grid.start;  // from the last change, so that round-off does not add up
  std::int64_t since = 0;
  for (std::int64_t k = 1; k <= grid.steps; ++k) {
    ++since;
    auto& before = times.before[k];
    auto& after = times.after[k];
    before = after = k == grid.steps ? grid.end : origin + static_cast<double>(since) * grid.step;
    bool is_first = true;
    for (; change != changes.end(); ++change) {
      const auto ended = ended_step(grid, *change);
      if (ended > k) break;
      if (ended == 0) continue;
      if (is_first) before = std::nextafter(*change, -std::numeric_limits<double>::infinity());
      after = k == grid.steps ? grid.end : *change;
      origin = *change;
      since = 0;
      is_first = false;
    }
  }
}

TimeConditions::TimeConditions(const std::vector<const Thetas*>& thetas, int num_parameters)
    : num_parameters_(static_cast<std::size_t>(num_parameters)) {
  for (const auto* list : thetas) {
    for (const auto& factor : list->factors()) {
      if (std::ranges::count(factor.parameters_used(), num_parameters) == 0) continue;
      auto in_time = sdk::with_parameter_as_time(factor, num_parameters);
      const bool is_known = std::ranges::count(factors_, in_time.text(), &sdk::Expression::text) > 0;
      if (!is_known && sdk::may_jump_in_time(in_time)) factors_.push_back(std::move(in_time));
    }
  }
}

std::vector<double> TimeConditions::changes(std::span<const double> mu, double from, double to) const {
  std::vector<double> times;
  for (const auto& factor : factors_) {
    std::ranges::copy(sdk::jump_times(factor, from, to, mu.first(num_parameters_)), std::back_inserter(times));
  }
  std::ranges::sort(times);
  const auto repeated = std::ranges::unique(times);
  times.erase(repeated.begin(), repeated.end());
  return times;
}

}  // namespace ansatz::reduced
