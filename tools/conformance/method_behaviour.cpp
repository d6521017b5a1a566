#include "method_behaviour.hpp"

#include <fmt/format.h>

#include <limits>

#include "engine/time/control/error_control.hpp"

namespace ansatz::conformance {
namespace {

constexpr double same = 1e-6;        // of the change in a step: what iterations may leave
constexpr double round_off = 1e-12;  // estimates below are of nothing but that

/// A method on a problem, step by step.
class Stepping {
 public:
  Stepping(const MakeMethod& make, const EstimateProblem& problem)
      : system_(*problem.system),
        norm_(system_, {1e-8, {1e-8}}),
        method_(make(system_)),
        y_new_(system_.size()),
        error_(method_->info().embedded_order > 0 ? system_.size() : 0) {}

  void begin(double t, std::vector<double> y) {
    t_ = t;
    y_ = std::move(y);
    system_.forget();
    method_->restart();
  }
  void attempt(double h) { method_->attempt(t_, h, y_, norm_, y_new_, error_); }
  void step(double h, int count = 1) {
    for (; count > 0; --count) {
      attempt(h);
      method_->accept();
      y_ = y_new_;
      t_ += h;
    }
  }

  time::OdeTimeSystem& system() { return system_; }
  const sdk::TimeMethod& method() const { return *method_; }
  const std::vector<double>& state() const { return y_; }
  const std::vector<double>& attempted() const { return y_new_; }
  const std::vector<double>& error() const { return error_; }

 private:
  time::OdeTimeSystem system_;
  time::ErrorControl norm_;
  std::unique_ptr<sdk::TimeMethod> method_;
  double t_ = 0.0;
  std::vector<double> y_, y_new_, error_;
};

double largest(std::span<const double> values) {
  double most = 0.0;
  for (const double x : values) most = std::max(most, std::abs(x));
  return most;
}

double distance(std::span<const double> a, std::span<const double> b) {
  double most = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

std::string fault_of_estimate(const MakeMethod& make, const EstimateProblem& problem) {
  const auto& info = problem.system->info();
  int order = 0;
  bool has_history = false;
  std::vector<double> sizes;
  for (const double h : {0.04, 0.02, 0.01}) {
    Stepping stepping(make, problem), fresh(make, problem);
    stepping.begin(info.start, info.initial);
    stepping.step(h, 3);
    order = stepping.method().estimate_order();
    fresh.begin(info.start + 3.0 * h, stepping.state());
    fresh.attempt(h);
    stepping.attempt(h);
    has_history |=
        distance(stepping.attempted(), fresh.attempted()) > same * distance(stepping.attempted(), stepping.state());
    sizes.push_back(largest(stepping.error()));
  }
  const double observed = std::max(std::log2(sizes[0] / sizes[1]), std::log2(sizes[1] / sizes[2]));
  // What is left of a coarse start may be all that a method with history sees in its first steps.
  if (sizes.back() > round_off && observed < (has_history ? 1.5 : order + 0.5)) {
    return fmt::format(
        "on {} its estimate falls with h^{:.2f}, not h^{}: is a sign wrong in it? It is y_new less the embedded "
        "solution",
        problem.name, observed, order + 1);
  }
  const double h = 0.02;
  Stepping one(make, problem);
  one.begin(info.start, info.initial);
  if (has_history || order < one.method().info().order) return {};  // a method with history starts with another
  one.attempt(h);
  const auto exact = problem.exact(info.start + h);
  auto embedded = one.attempted();
  for (std::size_t i = 0; i < exact.size(); ++i) embedded[i] -= one.error()[i];
  const double without = distance(one.attempted(), exact), with = distance(embedded, exact);
  if (without < round_off || with < 1.5 * without) return {};
  return fmt::format(
      "on {} y_new is off by {:.2e}, and y_new less the estimate by {:.2e}: the estimate has the wrong sign, it is "
      "y_new less "
      "the embedded solution",
      problem.name, without, with);
}

std::string fault_of_restart(const MakeMethod& make, const EstimateProblem& problem) {
  const auto& info = problem.system->info();
  constexpr double h = 0.05;
  auto elsewhere = info.initial;
  for (double& value : elsewhere) value = 0.5 * value + 0.2;
  Stepping used(make, problem), fresh(make, problem);
  used.begin(info.start, info.initial);
  used.step(h, 8);
  for (auto* stepping : {&used, &fresh}) stepping->begin(info.start + 0.3, elsewhere);
  for (int step = 1; step <= 4; ++step) {
    const auto before = fresh.state();
    used.step(h);
    fresh.step(h);
    const double moved = distance(fresh.state(), before), apart = distance(fresh.state(), used.state());
    if (apart <= same * moved) continue;
    return fmt::format(
        "on {}, {} after restart() at another state, it is {:.2e} off what a new method gives, of a change of {:.2e}: "
        "restart() must forget all history",
        problem.name, step == 1 ? "one step" : fmt::format("{} steps", step), apart, moved);
  }
  return {};
}

std::string fault_of_early_rate(const MakeMethod& make, const EstimateProblem& problem) {
  const auto& info = problem.system->info();
  Stepping stepping(make, problem);
  stepping.begin(info.start, info.initial);
  std::vector<double> rate(info.initial.size(), std::numeric_limits<double>::quiet_NaN()), expected(rate.size());
  if (!stepping.method().end_rate(rate)) return {};
  stepping.system().rate(info.start, info.initial, sdk::Part::all, expected);
  for (std::size_t i = 0; i < rate.size(); ++i) {
    if (std::abs(rate[i] - expected[i]) <= 1e-6 * (1.0 + std::abs(expected[i]))) continue;
    return fmt::format(
        "on {} end_rate() gives {} before the first step, where the rate is {}: it must return false there",
        problem.name, rate[i], expected[i]);
  }
  return {};
}

std::vector<EstimateProblem> smooth_problems() {
  std::vector<EstimateProblem> problems;
  problems.push_back(estimate_problem<Logistic>("the logistic equation"));
  problems.push_back(estimate_problem<SoftSwing>("a softening swing"));
  return problems;
}

}  // namespace ansatz::conformance
