#include "engine/study/known_jumps.hpp"

#include <algorithm>

#include "engine/study/stepping.hpp"

namespace ansatz::study {

std::vector<double> known_jumps(Problem& problem, const TimeSpec& spec) {
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
  std::erase_if(times, [&](double t) {
    const bool is_stop = std::ranges::any_of(spec.stops, [t](double stop) { return same_time(stop, t); });
    return is_stop || (!spec.adaptive() && !ends_step(spec, t));
  });
  return times;
}

}  // namespace ansatz::study
