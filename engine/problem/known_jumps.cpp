#include "engine/problem/known_jumps.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/time/loop/same_time.hpp"

namespace ansatz::problem {

KnownJumps known_jumps(Problem& problem, const input::TimeSpec& spec) {
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
  std::erase_if(times, [&](double t) {
    const bool is_start = time::is_start(t, spec.start, spec.end);
    if (is_start) found.seen_from = t;
    if (is_start) return true;
    return std::ranges::any_of(spec.stops, [t](double stop) { return time::same_time(stop, t); });
  });
  found.times = std::move(times);
  return found;
}

}  // namespace ansatz::problem
