#include "engine/sampling/greedy.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"

namespace ansatz::sampling {
namespace {

using sdk::Error;
using sdk::ErrorKind;

constexpr double tie = 1e-8;

std::string text_of(std::span<const double> mu) {
  std::string out;
  for (const double value : mu) out += (out.empty() ? "(" : ", ") + std::to_string(value);
  return out + ")";
}

/// Indicators of all points. \throws sdk::Error of kind not_finite
std::vector<double> indicators(Surrogate& surrogate, const TrainingSet& points) {
  auto out = surrogate.evaluate(points);
  if (out.size() != points.size())
    throw Error(ErrorKind::internal, "a surrogate does not give one indicator for each point", "greedy");
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (std::isfinite(out[i]) && out[i] >= 0.0) continue;
    throw Error(ErrorKind::not_finite, "the error indicator is " + std::to_string(out[i]) + " at " + text_of(points[i]),
                "greedy", "look at the stability constant there: a bound needs a positive one");
  }
  return out;
}

/// Lowest index of those that tie with the largest.
std::size_t pick(const std::vector<double>& values) {
  const double largest = *std::max_element(values.begin(), values.end());
  const auto at =
      std::find_if(values.begin(), values.end(), [&](double value) { return value >= (1.0 - tie) * largest; });
  return static_cast<std::size_t>(at - values.begin());
}

double goal(const GreedyOptions& options, double initial) {
  return options.relative ? options.tolerance * initial : options.tolerance;
}

bool was_no_use(const std::vector<GreedyStep>& steps, std::size_t index, double indicator) {
  return std::any_of(steps.begin(), steps.end(), [&](const GreedyStep& step) {
    return step.index == index && indicator >= (1.0 - tie) * step.indicator;
  });
}

void check(const TrainingSet& training, const GreedyOptions& options) {
  if (training.size() == 0) {
    throw Error(ErrorKind::parameter, "the training set of a greedy algorithm is empty", "greedy", "give it a size");
  }
  if (!(options.tolerance >= 0.0) || options.max_extensions < 0) {
    throw Error(ErrorKind::parameter, "the tolerance or the number of extensions of a greedy algorithm is negative",
                "greedy");
  }
}

}  // namespace

GreedyResult greedy(Surrogate& surrogate, const TrainingSet& training, const GreedyOptions& options,
                    std::vector<GreedyStep> earlier) {
  check(training, options);
  GreedyResult out;
  out.steps = std::move(earlier);
  while (true) {
    const auto values = indicators(surrogate, training);
    out.worst = pick(values);
    out.largest = values[out.worst];
    const double initial = out.steps.empty() ? out.largest : out.steps.front().indicator;
    if (out.largest <= goal(options, initial)) {
      out.end = GreedyEnd::tolerance;
      return out;
    }
    if (static_cast<int>(out.steps.size()) >= options.max_extensions) {
      out.end = GreedyEnd::max_extensions;
      return out;
    }
    const auto mu = training[out.worst];
    const bool no_use = !surrogate.takes_parts() && was_no_use(out.steps, out.worst, out.largest);
    if (no_use || !surrogate.extend(mu)) {
      out.end = GreedyEnd::no_gain;
      return out;
    }
    out.steps.push_back({out.worst, {mu.begin(), mu.end()}, out.largest});
    if (options.on_step && !options.on_step(out.steps.back())) {
      out.end = GreedyEnd::interrupted;
      return out;
    }
  }
}

void replay(Surrogate& surrogate, const TrainingSet& training, std::span<const GreedyStep> steps) {
  for (const auto& step : steps) {
    const bool known = step.index < training.size() && std::ranges::equal(training[step.index], step.parameter);
    if (!known || !surrogate.extend(step.parameter)) {
      throw Error(ErrorKind::state,
                  "an interrupted training cannot go on: its point " + text_of(step.parameter) +
                      (known ? " adds nothing" : " is not in the training set"),
                  "greedy", "train again from the start: the training set or the problem has changed");
    }
  }
}

namespace {

/// Points around `mu`: uniform in a cube of half the mean distance of the training points to each side, cut to the box.
void append_neighbours(const ParameterBox& box, std::span<const double> mu, int count, std::size_t num_points,
                       sdk::Random& random, TrainingSet& training) {
  const int d = box.dimension();
  const double reach = 0.5 * std::pow(static_cast<double>(num_points), -1.0 / d);
  const auto centre = box.unit(mu);
  for (int n = 0; n < count; ++n) {
    auto unit = centre;
    for (double& x : unit) x = std::clamp(std::fma(2.0 * random.uniform() - 1.0, reach, x), 0.0, 1.0);
    training.append(box.at(unit));
  }
}

/// Adds the worst points above `limit` and neighbours of them to the training set.
void refine(const ParameterBox& box, const TrainingSet& validation, const std::vector<double>& values, double limit,
            const AdaptiveOptions& options, sdk::Random& random, TrainingSet& training) {
  std::vector<double> rest = values;
  for (std::size_t n = 0; n < options.max_failures; ++n) {
    const std::size_t worst = pick(rest);
    if (rest[worst] <= limit) return;
    rest[worst] = 0.0;
    training.append(validation[worst]);
    append_neighbours(box, validation[worst], options.neighbours, training.size(), random, training);
  }
}

}  // namespace

AdaptiveResult adaptive_greedy(Surrogate& surrogate, const ParameterBox& box, AdaptiveState start,
                               const AdaptiveOptions& options) {
  if (options.validation_size == 0 || options.max_failures == 0 || options.neighbours < 0 || !(options.safety > 0.0)) {
    throw Error(ErrorKind::parameter,
                "an adaptive training set needs validation points, failures to add and a positive safety", "greedy");
  }
  AdaptiveResult out;
  out.state = std::move(start);
  while (true) {
    auto trained = greedy(surrogate, out.state.training, options.greedy, std::move(out.state.steps));
    out.state.steps = std::move(trained.steps);
    out.end = trained.end;
    out.largest = trained.largest;
    if (trained.end == GreedyEnd::interrupted) return out;
    sdk::Random random(options.seed, static_cast<std::uint64_t>(out.state.rounds) + 1);
    const auto validation = sample(box, {"random", options.validation_size, {}, "none", random.next()});
    const auto values = indicators(surrogate, validation);
    out.validation = *std::max_element(values.begin(), values.end());
    const double initial = out.state.steps.empty() ? out.largest : out.state.steps.front().indicator;
    const double limit = options.safety * goal(options.greedy, initial);
    ++out.state.rounds;
    out.validated = out.validation <= limit;
    if (out.validated || trained.end != GreedyEnd::tolerance || out.state.rounds >= options.max_rounds) return out;
    refine(box, validation, values, limit, options, random, out.state.training);
    if (options.on_round) options.on_round(out.state);
  }
}

}  // namespace ansatz::sampling
