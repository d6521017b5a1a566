#include "engine/study/known_jumps.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/study/stepping.hpp"

namespace ansatz::study {
namespace {

constexpr double round_off = 16.0 * std::numeric_limits<double>::epsilon();

}  // namespace

KnownJumps known_jumps(Problem& problem, const TimeSpec& spec) {
  const auto& form = problem.form().definition();
  std::vector<double> times;
  const auto look_at = [&](const sdk::Expression& value) {
    std::ranges::copy(sdk::jump_times(value, spec.start, spec.end, form.parameters), std::back_inserter(times));
  };
  const auto look_at_all = [&](const std::vector<std::vector<sdk::Expression>>& regions) {
    for (const auto& coefficients : regions) std::ranges::for_each(coefficients, look_at);
  };
  look_at_all(form.coefficients);
  for (const auto& term : form.boundary) look_at_all(term.coefficients);
  for (const auto& condition : problem.dirichlet().conditions()) look_at(condition.value);
  std::ranges::sort(times);
  const auto repeated = std::ranges::unique(times);
  times.erase(repeated.begin(), repeated.end());
  KnownJumps found;
  const double after_start = spec.start + round_off * std::max(std::abs(spec.start), spec.end - spec.start);
  std::erase_if(times, [&](double t) {
    if (t <= after_start) found.seen_from = t;
    if (t <= after_start) return true;
    const bool is_stop = std::ranges::any_of(spec.stops, [t](double stop) { return same_time(stop, t); });
    return is_stop || (!spec.adaptive() && !ends_step(problem.parsed(), t));
  });
  found.stops = std::move(times);
  return found;
}

}  // namespace ansatz::study
