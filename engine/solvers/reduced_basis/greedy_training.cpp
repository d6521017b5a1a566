#include "engine/solvers/reduced_basis/greedy_training.hpp"

#include <fmt/format.h>

#include <cmath>

#include "engine/problem/parameter_samples.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"
#include "engine/solvers/reduced_basis/training_record.hpp"

namespace ansatz::solvers {
namespace {

using sampling::AdaptiveState;
using sampling::GreedyStep;

/// Seconds that are left if the indicator goes on to decay as it did, each step as long as the mean of those so far.
double seconds_left(const std::vector<GreedyStep>& steps, std::size_t done_before, double seconds, double tolerance,
                    int max_size) {
  const auto done = steps.size();
  double left = max_size - static_cast<double>(done);
  const double decay = std::log(steps.front().indicator / steps.back().indicator) / static_cast<double>(done);
  const double goal = tolerance * steps.front().indicator;
  if (decay > 0.0 && goal > 0.0) left = std::min(left, std::log(steps.back().indicator / goal) / decay);
  return std::max(0.0, left) * seconds / static_cast<double>(done - done_before);
}

class Training {
 public:
  Training(const base::Communicator& comm, const input::Case& parsed, const GreedySubject& subject,
           results::RunLog& log)
      : spec_(parsed.reduced),
        tolerance_(parsed.reduced.tolerance),
        subject_(subject),
        log_(log),
        ranges_(problem::parameter_ranges(parsed)),
        record_(comm, parsed.reduced.model, training_set(parsed), subject.key),
        state_{training_set(parsed), {}, 0} {}

  sampling::AdaptiveResult run() {
    resume();
    start_ = log_.seconds();
    auto result = train();
    if (certifies_nothing(result)) {
      log_.say(fmt::format(
          "  the first {0}, {1:.3g}, is {2:.2g} times its solution, {3:.3g}: {4:.3g} of the {0} certifies nothing, "
          "{4:.3g} of "
          "the solution is the tolerance from here on",
          subject_.indicator, state_.steps.front().indicator, state_.steps.front().indicator / subject_.errors.front(),
          subject_.errors.front(), spec_.tolerance));
      state_ = std::move(result.state);
      tolerance_ *= subject_.errors.front() / state_.steps.front().indicator;
      result = train();
    }
    report(result);
    record_.remove();
    return result;
  }

 private:
  void resume() {
    auto earlier = record_.read();
    if (!earlier) {
      if (record_.exists()) log_.say("  " + record_.path() + " is of another training, or damaged: starting anew");
      return;
    }
    state_ = std::move(*earlier);
    before_ = state_.steps.size();
    log_.say(fmt::format("  going on with an interrupted training: its {} solutions are computed again ({})", before_,
                         record_.path()));
    log_.event("resumed", {{"steps", static_cast<std::int64_t>(before_)}});
    replay(subject_.surrogate, state_.training, state_.steps);
  }

  sampling::AdaptiveResult train() { return spec_.adaptive ? adaptive() : plain(); }

  /// The tolerance is met, but the indicator is above the first solution.
  bool certifies_nothing(const sampling::AdaptiveResult& result) const {
    return result.end == sampling::GreedyEnd::tolerance && !result.state.steps.empty() && !subject_.errors.empty() &&
           subject_.errors.front() > 0.0 && result.largest > subject_.errors.front();
  }

  sampling::GreedyOptions options() {
    sampling::GreedyOptions options;
    options.tolerance = tolerance_;
    options.relative = true;
    options.max_extensions = spec_.max_size;
    options.on_step = [this](const GreedyStep& step) {
      state_.steps.push_back(step);
      record_.write(state_);
      say(step);
      return true;
    };
    return options;
  }

  void say(const GreedyStep& step) {
    std::string values;
    for (std::size_t p = 0; p < step.parameter.size(); ++p) {
      values += fmt::format("{}{} = {:.6g}", p == 0 ? "" : ", ", ranges_[p].name, step.parameter[p]);
    }
    const double eta = seconds_left(state_.steps, before_, log_.seconds() - start_, tolerance_, spec_.max_size);
    log_.progress(fmt::format("  {:3d} functions: {} {:.3e} at {}  eta {:.0f} s",
                              subject_.size() - (spec_.pairs.empty() ? 1 : 2), subject_.indicator, step.indicator,
                              values, eta));
    log_.event("greedy", {{"size", std::int64_t{subject_.size()}},
                          {subject_.indicator.c_str(), step.indicator},
                          {"index", static_cast<std::int64_t>(step.index)}});
  }

  sampling::AdaptiveResult adaptive() {
    sampling::AdaptiveOptions adaptive;
    adaptive.greedy = options();
    adaptive.on_round = [this](const AdaptiveState& state) {
      state_ = state;
      record_.write(state_);
      log_.say(fmt::format("  random parameters were above the tolerance: {} training parameters now",
                           state.training.size()));
    };
    return adaptive_greedy(subject_.surrogate, sampling::ParameterBox(ranges_), state_, adaptive);
  }

  sampling::AdaptiveResult plain() {
    auto trained = greedy(subject_.surrogate, state_.training, options(), state_.steps);
    sampling::AdaptiveResult result;
    result.end = trained.end;
    result.largest = trained.largest;
    result.state.training = state_.training;
    result.state.steps = std::move(trained.steps);
    return result;
  }

  void report(const sampling::AdaptiveResult& result) {
    const double seconds = log_.seconds() - start_;
    log_.say(fmt::format("  {:3d} functions: {} {:.3e}, the largest of {} parameters; trained in {:.2f} s",
                         subject_.size(), subject_.indicator, result.largest, result.state.training.size(), seconds));
    if (spec_.adaptive) {
      log_.say(fmt::format("  largest {} of {} further random parameters: {:.3e}{}", subject_.indicator,
                           sampling::AdaptiveOptions().validation_size, result.validation,
                           result.validated ? "" : ", above the tolerance"));
    }
    warn_of_end(result);
    log_.event("trained", {{"size", std::int64_t{subject_.size()}},
                           {subject_.indicator.c_str(), result.largest},
                           {"validation", result.validation},
                           {"parameters", static_cast<std::int64_t>(result.state.training.size())},
                           {"seconds_taken", seconds}});
  }

  void warn_of_end(const sampling::AdaptiveResult& result) {
    const bool by_size = result.end == sampling::GreedyEnd::max_extensions;
    if ((!by_size && result.end != sampling::GreedyEnd::no_gain) || result.largest <= 0.0) return;
    const auto first = result.state.steps.empty() ? result.largest : result.state.steps.front().indicator;
    log_.warn(fmt::format(
        "the tolerance was not reached: the {} is {:.3g}, and was to be {:.3g}; {}", subject_.indicator, result.largest,
        tolerance_ * first,
        by_size
            ? fmt::format("reduced.max_size = {} functions are there: allow more", spec_.max_size)
            : std::string("what has the largest one adds nothing to the basis: the rest is round-off, or loose "
                          "by its stability constant; ask for less, or make the ranges of the parameters smaller")));
  }

  const input::ReducedSpec& spec_;
  double tolerance_;  ///< part of the first indicator
  const GreedySubject& subject_;
  results::RunLog& log_;
  std::vector<sampling::ParameterRange> ranges_;
  TrainingRecord record_;
  AdaptiveState state_;
  std::size_t before_ = 0;  ///< steps of the interrupted training
  double start_ = 0.0;
};

}  // namespace

sampling::AdaptiveResult train_greedily(const base::Communicator& comm, const input::Case& parsed,
                                        const GreedySubject& subject, results::RunLog& log) {
  return Training(comm, parsed, subject, log).run();
}

}  // namespace ansatz::solvers
