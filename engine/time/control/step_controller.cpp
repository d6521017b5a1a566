#include "engine/time/control/step_controller.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/time/tableaus/named_table.hpp"

namespace ansatz::time {
namespace {

const std::vector<ControllerLaw>& laws() {
  static const std::vector<ControllerLaw> table{
      {"i", {1.0}, {}, "elementary"},
      {"pi", {0.8, -0.31}, {}, "SUNDIALS"},
      {"pid", {0.58, -0.21, 0.10}, {}, "SUNDIALS"},
      {"gustafsson_explicit", {0.635, -0.268}, {}, "Gustafsson, ACM TOMS 17, 1991; k1E = 0.367, k2E = 0.268"},
      {"gustafsson_implicit", {1.93, -0.95, 0.0, 1.0}, {}, "Gustafsson, ACM TOMS 20, 1994; k1I = 0.98, k2I = 0.95"},
      {"gustafsson_imex", {0.635, -0.268}, {1.93, -0.95, 0.0, 1.0}, "SUNDIALS: the shorter step of both"},
      {"h0211", {0.5, 0.5, 0.0, -0.5}, {}, "Soederlind 2003"},
      {"h211b", {0.25, 0.25, 0.0, -0.25}, {}, "Soederlind 2003, b = 4"},
      {"h211pi", {1.0 / 6.0, 1.0 / 6.0}, {}, "Soederlind 2003"},
      {"h312b", {0.125, 0.25, 0.125, -0.375, -0.125}, {}, "Soederlind 2003, b = 8"},
      {"h312pid", {1.0 / 18.0, 1.0 / 9.0, 1.0 / 18.0}, {}, "Soederlind 2003"},
      {"h0312", {0.25, 0.5, 0.25, -0.75, -0.25}, {}, "Soederlind 2003"},
      {"h0321", {1.25, 0.5, -0.75, 0.25, 0.75}, {}, "Soederlind 2003"},
      {"h321", {1.0 / 3.0, 1.0 / 18.0, -5.0 / 18.0, 15.0 / 18.0, 3.0 / 18.0}, {}, "Soederlind 2003"},
      {"pi30", {1.0 / 3.0}, {}, "PETSc"},
      {"pi42", {0.6, -0.2}, {}, "PETSc"},
      {"pi33", {2.0 / 3.0, -1.0 / 3.0}, {}, "PETSc"},
      {"pi34", {0.7, -0.4}, {}, "PETSc"},
      {"pc11", {2.0, -1.0, 0.0, 1.0}, {}, "PETSc"},
      {"pc47", {1.1, -0.7, 0.0, 1.0}, {}, "PETSc"},
      {"pc36", {0.9, -0.6, 0.0, 1.0}, {}, "PETSc"},
  };
  return table;
}

const std::vector<StepLimits>& presets() {
  static const std::vector<StepLimits> table{
      {.name = "arkode_7", .max_growth = 20.0},
      {.name = "arkode_6", .safety = 0.96, .bias = 1.5, .max_growth = 20.0, .deadband = {1.0, 1.5}},
      {.name = "petsc", .max_first_growth = 10.0, .repeated_factor = 0.5},
      {.name = "sciml", .min_factor = 0.2},
      {.name = "diffrax", .max_first_growth = 10.0, .min_factor = 0.2},
  };
  return table;
}

constexpr double least_error = 1e-10;  // so that steps without error grow as much as is allowed

}  // namespace

std::span<const ControllerLaw> controller_laws() { return laws(); }
const ControllerLaw& controller_law(const std::string& name) {
  return named_entry(controller_laws(), name, "step controller");
}
std::span<const StepLimits> limit_presets() { return presets(); }
const StepLimits& limit_preset(const std::string& name) {
  return named_entry(limit_presets(), name, "set of step limits");
}

StepController::StepController(ControllerLaw law, StepLimits limits, int q)
    : law_(std::move(law)), limits_(std::move(limits)), q_(q) {
  if (q_ < 1)
    throw sdk::Error(sdk::ErrorKind::internal, "a step controller needs an error estimate of order 0 at least",
                     "StepController");
}

double StepController::proposal(double error) const {
  const auto factor = [&](const std::array<double, 5>& k) {
    const double q = q_;
    const int needed = k[2] != 0.0 || k[4] != 0.0 ? 3 : (k[1] != 0.0 || k[3] != 0.0 ? 2 : 1);
    if (accepted_ + 1 < needed) return std::pow(error, -1.0 / q);  // the plain law until there is enough history
    return std::pow(error, -k[0] / q) * std::pow(errors_[0], -k[1] / q) * std::pow(errors_[1], -k[2] / q) *
           std::pow(last_factor_, k[3]) * std::pow(ratios_[0], k[4]);
  };
  const bool has_alternative = std::ranges::any_of(law_.alternative, [](double k) { return k != 0.0; });
  return has_alternative ? std::min(factor(law_.k), factor(law_.alternative)) : factor(law_.k);
}

StepController::Decision StepController::error(double error) {
  if (!std::isfinite(error)) return solver_failed();
  if (error <= 1.0) return accept(error);
  return reject(std::min(limits_.safety * std::pow(limits_.bias * error, -1.0 / q_), 1.0));
}

StepController::Decision StepController::accept(double error) {
  const double used = std::max(limits_.bias * error, least_error);
  const double most = rejections_ > 0 ? 1.0 : (accepted_ == 0 ? limits_.max_first_growth : limits_.max_growth);
  double factor = std::clamp(limits_.safety * proposal(used), limits_.min_factor, most);
  if (factor >= limits_.deadband[0] && factor <= limits_.deadband[1]) factor = 1.0;
  errors_ = {used, errors_[0]};
  ratios_ = {last_factor_, ratios_[0]};
  last_factor_ = factor;
  ++accepted_;
  rejections_ = 0;
  return {true, false, factor};
}

StepController::Decision StepController::solver_failed() { return reject(limits_.solver_factor); }

StepController::Decision StepController::reject(double factor) {
  ++rejections_;
  factor = std::max(factor, limits_.min_factor);
  if (rejections_ > 2) factor = std::min(factor, limits_.repeated_factor);
  last_factor_ *= factor;
  return {false, rejections_ > limits_.max_rejections, factor};
}

StepController::Decision StepController::after(const StepFacts& facts) {
  q_ = facts.q;
  if (!facts.solved || !std::isfinite(facts.error)) return solver_failed();
  // At the order of the next step the error of an accepted one may be above 1.
  return facts.accepted ? accept(facts.error) : error(facts.error);
}

void StepController::exchange(sdk::StateArchive& archive) {
  auto values = state();
  archive.numbers("controller", values);
  if (archive.loading()) set_state(values);
}

std::vector<double> StepController::state() const {
  return {errors_[0],
          errors_[1],
          ratios_[0],
          ratios_[1],
          last_factor_,
          static_cast<double>(accepted_),
          static_cast<double>(rejections_)};
}

void StepController::set_state(std::span<const double> state) {
  if (state.size() != 7) {
    throw sdk::Error(sdk::ErrorKind::state, "the stored state of a step controller has another length",
                     "StepController", "it was written by another version: start anew");
  }
  errors_ = {state[0], state[1]};
  ratios_ = {state[2], state[3]};
  last_factor_ = state[4];
  accepted_ = static_cast<int>(state[5]);
  rejections_ = static_cast<int>(state[6]);
}

double starting_step(std::span<const double> y0, std::span<const double> f0,
                     const std::function<double(std::span<const double>)>& size, int p, double length,
                     const std::function<void(double h, std::span<double> y, std::span<double> out)>& f) {
  constexpr double negligible = 1e-5;  // in units of the tolerances
  constexpr double small_part = 1e-6;  // of the integration
  constexpr int trials = 8;
  const double d0 = size(y0), d1 = size(f0);
  double h0 = d0 < negligible || d1 * length < negligible ? small_part * length : std::min(0.01 * d0 / d1, length);
  std::vector<double> y(y0.size()), f1(y0.size());
  double d2 = std::numeric_limits<double>::quiet_NaN();
  for (int k = 0; k < trials && !std::isfinite(d2); ++k) {
    if (k > 0) h0 *= 0.01;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = y0[i] + h0 * f0[i];
    f(h0, y, f1);
    for (std::size_t i = 0; i < f1.size(); ++i) f1[i] -= f0[i];
    d2 = size(f1) / h0;
  }
  if (!std::isfinite(d2)) return h0;
  const double T = d1 > 0.0 && d2 > 0.0 ? std::min(d1 / d2, length) : length;
  const double most = std::max(d1 * T, d2 * T * T);
  const double h1 = most <= 1e-15 ? std::max(small_part * length, 1e-3 * h0) : T * std::pow(0.01 / most, 1.0 / (p + 1));
  return std::min({100.0 * h0, h1, length});
}

}  // namespace ansatz::time
