#include "engine/solvers/gradients/time_adjoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/linear/matrices/vector.hpp"
#include "engine/time/loop/same_time.hpp"

namespace ansatz::solvers {

void StepsTaken::add(double time, std::span<const double> u) {
  const auto number = times_.size();
  times_.push_back(time);
  if (number % stride_ == 0) states_.emplace(number, std::vector<double>(u.begin(), u.end()));
  if (states_.size() * std::max<std::size_t>(u.size(), 1) * sizeof(double) <= most_bytes_ || states_.size() < 4) return;
  stride_ *= 2;
  std::erase_if(states_, [&](const auto& entry) { return entry.first % stride_ != 0; });
}

TimeAdjoint::TimeAdjoint(problem::Problem& problem, const linear::KrylovOptions& options,
                         const linear::NewtonOptions& newton, const StepsTaken& steps)
    : problem_(problem),
      steps_(steps),
      equations_(problem, options, newton),
      map_(make_step_map(equations_, *problem.parsed().time)) {
  check_has_adjoint(problem);
}

/// A step ends at a stop: what jumps there is seen from the next one on, and the method begins anew.
bool TimeAdjoint::restarts_after(std::size_t step) const {
  const auto& spec = *problem_.parsed().time;
  const double end = steps_.time(step + 1);
  const auto is_there = [&](double t) { return time::same_time(t, end); };
  return std::ranges::any_of(spec.stops, is_there) || std::ranges::any_of(spec.jumps, is_there);
}

void TimeAdjoint::see(std::size_t step) {
  time::SeenTime seen{.first = problem_.parsed().time->seen_from};
  if (restarts_after(step)) seen.stop = steps_.time(step + 1);
  equations_.see(seen);
}

TimeAdjoint::State TimeAdjoint::forward(std::size_t step, const State& from) {
  see(step);
  State to = from;
  map_->forward(steps_.time(step), steps_.time(step + 1) - steps_.time(step), to.u, to.rate);
  if (!restarts_after(step)) return to;
  to.rate.clear();
  equations_.see({.first = problem_.parsed().time->seen_from});
  equations_.prescribe(steps_.time(step + 1), to.u);
  return to;
}

std::vector<TimeAdjoint::State> TimeAdjoint::states_from(std::size_t first, std::size_t last,
                                                         std::vector<double> rate) {
  std::vector<State> states{{steps_.state(first), std::move(rate)}};
  for (auto n = first; n < last; ++n) states.push_back(forward(n, states.back()));
  return states;
}

/// Rates that are carried on, by one pass over all steps; and that these are the steps that were taken.
void TimeAdjoint::find_rates() {
  constexpr double largest = 1e-5;  // of a state: what solves and round-off may leave
  const auto& comm = problem_.mesh().comm;
  const auto count = steps_.num_steps(), stride = steps_.stride();
  std::vector<double> rate;
  for (std::size_t first = 0; first < count; first += stride) {
    rates_[first] = rate;
    const auto last = std::min(first + stride, count);
    auto end = states_from(first, last, rate).back();
    rate = end.rate;
    if (last % stride != 0) continue;
    const auto& taken = steps_.state(last);
    const double size = std::max(linear::norm(comm, taken), linear::norm(comm, steps_.state(first)));
    linear::add_scaled(-1.0, taken, end.u);
    const double off = linear::norm(comm, end.u);
    if (off <= largest * size) continue;
    throw sdk::Error(sdk::ErrorKind::solver,
                     fmt::format("the step from t = {:.9g} to {:.9g} cannot be repeated: the state is off by {:.2e} of "
                                 "its size, so that its adjoint would be that of another run",
                                 steps_.time(first), steps_.time(last), off / size),
                     {}, "make linear.newton_relative_tolerance smaller, or end steps where conditions on t change");
  }
}

std::vector<double> TimeAdjoint::by_parameters(std::span<const double> slope) {
  if (rates_.empty()) find_rates();
  const auto& comm = problem_.mesh().comm;
  const auto count = steps_.num_steps(), stride = steps_.stride();
  Sensitivity s{{slope.begin(), slope.end()},
                std::vector<double>(slope.size(), 0.0),
                std::vector<double>(problem_.parameters().size(), 0.0)};
  const double first_seen = problem_.parsed().time->seen_from;
  for (auto last = count; last > 0;) {
    const auto first = (last - 1) / stride * stride;
    const auto states = states_from(first, last - 1, rates_[first]);
    for (auto n = last; n-- > first;) {
      if (restarts_after(n)) {
        std::ranges::fill(s.rate, 0.0);
        equations_.see({.first = first_seen});
        equations_.add_prescribed(steps_.time(n + 1), s.state, 0, s);
        equations_.leave_free(s.state);
      }
      see(n);
      map_->backward(steps_.time(n), steps_.time(n + 1) - steps_.time(n), states[n - first].u, states[n - first].rate,
                     s);
    }
    last = first;
  }
  equations_.see({.first = first_seen});
  equations_.add_prescribed(steps_.time(0), s.state, 0, s);
  equations_.leave_free(s.state);
  for (std::size_t k = 0; k < s.parameters.size(); ++k)
    s.parameters[k] += linear::dot(comm, s.state, problem_.initial_slope(static_cast<int>(k)));
  return s.parameters;
}

std::vector<double> TimeAdjoint::replay() {
  State state{problem_.initial_state(), {}};
  equations_.see({.first = problem_.parsed().time->seen_from});
  equations_.prescribe(steps_.time(0), state.u);
  for (std::size_t n = 0; n < steps_.num_steps(); ++n) state = forward(n, state);
  return state.u;
}

}  // namespace ansatz::solvers
