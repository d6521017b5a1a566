#include "engine/time/systems/ode_time_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "engine/time/systems/stored_length.hpp"

namespace ansatz::time {
namespace {

constexpr int max_iterations = 10;
constexpr double enough = 0.03;         // a correction this small, in units of the tolerance, ends the iteration
constexpr double slow = 0.2;            // contraction above which the Jacobian is evaluated anew next time
constexpr double ageing = 0.8;          // exponent of contractions, from one equation to the next
constexpr double largest_change = 0.2;  // of the shift, relative, before the matrix is factorised anew

std::optional<sdk::OdeInfo::Band> band_of(const sdk::OdeSystem& system) { return system.info().band; }

double weighted_norm(std::span<const double> x, std::span<const double> scale) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] / scale[i]) * (x[i] / scale[i]);
  return std::sqrt(sum / static_cast<double>(x.size()));
}

}  // namespace

OdeTimeSystem::Linearisation::Linearisation(const sdk::OdeSystem& system)
    : y(system.size()), W(system.size(), band_of(system)), factors(system.size(), band_of(system)) {}

OdeTimeSystem::OdeTimeSystem(const sdk::OdeSystem& system, JacobianChoice choice)
    : system_(system),
      choice_(choice),
      linear_(system),
      newton_(system),
      correction_(system.size()),
      old_f_(system.size()),
      guess_(system.size()) {
  traits_.splits = system.splits();
  traits_.linear_part = system.has_linear_part();
  traits_.positions = system.info().second_order ? system.size() / 2 : 0;
  traits_.velocity_dependent = system.info().velocity_dependent;
}

void OdeTimeSystem::f(double t, std::span<const double> y, sdk::Part part, std::span<double> out) {
  system_.f(seen_(t), y, part, out);
  ++work_.evaluations;
}

void OdeTimeSystem::time_derivative(double t, std::span<const double> y, std::span<double> out) {
  system_.time_derivative(seen_(t), y, out);
  ++work_.evaluations;
}

void OdeTimeSystem::linearise(Linearisation& at, double t, std::span<const double> y, sdk::Part part) {
  jacobian_.resize(at.W.stored());
  at.time = seen_(t);
  system_.jacobian(at.time, y, part, jacobian_);
  at.W.assign(jacobian_);
  at.part = part;
  at.shift = 0.0;
  at.present = true;
  std::ranges::copy(y, at.y.begin());
  ++work_.jacobians;
}

void OdeTimeSystem::factorise(Linearisation& at, double shift) {
  at.factors.assign_shifted(at.W, shift);
  at.shift = shift;
  ++work_.factorisations;
  if (at.factors.factorise()) return;
  at.shift = 0.0;
  throw sdk::Error(sdk::ErrorKind::solver,
                   fmt::format("the matrix I - {:.3g} df/dy is singular at t = {:.6g}", shift, at.time));
}

void OdeTimeSystem::linearise(double t, std::span<const double> y, sdk::Part part) {
  if (choice_ == JacobianChoice::frozen && linear_.present && linear_.part == part) return;
  linearise(linear_, t, y, choice_ == JacobianChoice::stiff ? sdk::Part::stiff : part);
}

void OdeTimeSystem::linearise_linear_part(double t, std::span<const double> y) {
  if (!traits_.linear_part) return linearise(linear_, t, y, sdk::Part::all);
  const std::size_t n = size();
  std::vector<double> full(n * n);
  system_.linear(full);
  if (const auto band = band_of(system_)) {
    std::vector<double> packed(linear_.W.stored(), 0.0);
    const std::size_t height = std::size_t(band->lower) + band->upper + 1;
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = j < std::size_t(band->upper) ? 0 : j - band->upper; i < std::min(n, j + band->lower + 1);
           ++i) {
        packed[j * height + band->upper + i - j] = full[j * n + i];
      }
    }
    full = std::move(packed);
  }
  linear_.W.assign(full);
  linear_.shift = 0.0;
  linear_.present = true;
}

void OdeTimeSystem::solve_shifted(double shift, std::span<double> x) {
  if (linear_.shift != shift) factorise(linear_, shift);
  linear_.factors.solve(x);
  ++work_.solves;
}

void OdeTimeSystem::apply_mass(std::span<const double> x, std::span<double> out) { std::ranges::copy(x, out.begin()); }
void OdeTimeSystem::apply_jacobian(std::span<const double> x, std::span<double> out) { linear_.W.apply(x, out); }

/// out = (f - known) / shift - y, theta-averaged.
void OdeTimeSystem::stage_residual(const Stage& stage, std::span<const double> y, std::span<double> out) {
  f(stage.time, y, stage.part, out);
  const double theta = stage.implicitness;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double rhs = theta == 1.0 ? out[i] : theta * out[i] + (1.0 - theta) * old_f_[i];
    out[i] = (rhs - stage.known[i]) / stage.shift - y[i];
  }
}

bool OdeTimeSystem::iterate(const Stage& stage, std::span<double> y, StageResult& result) {
  const double wanted = stage.implicitness / stage.shift;
  if (newton_.shift == 0.0 || std::abs(newton_.shift / wanted - 1.0) > largest_change) factorise(newton_, wanted);
  // Corrections of a matrix of another shift are too long or too short for stiff parts by 2 / (1 + ratio).
  const double ratio = wanted / newton_.shift, damping = 2.0 / (1.0 + ratio);
  // A contraction that was measured with an earlier equation is trusted less with each one that does not measure its
  // own.
  if (newton_contraction_ > 0.0) {
    const double aged = std::min(std::pow(newton_contraction_, ageing), slow);
    newton_contraction_ = std::max({newton_contraction_, aged, std::abs(1.0 - ratio) / (1.0 + ratio)});
  }
  double before = 0.0;
  for (int k = 0; k < max_iterations; ++k) {
    stage_residual(stage, y, correction_);
    newton_.factors.solve(correction_);
    ++work_.solves;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += damping * correction_[i];
    const double size = damping * weighted_norm(correction_, stage.scale);
    ++result.iterations;
    if (!std::isfinite(size)) return false;
    result.residual = size;
    if (k > 0) newton_contraction_ = size / before;
    const double contraction = std::min(newton_contraction_, 0.9);
    if (size == 0.0 ||
        (k > 0 || newton_contraction_ > 0.0 ? contraction / (1.0 - contraction) * size <= enough : false)) {
      result.contraction = newton_contraction_;
      return true;
    }
    if (k > 0 && size > 0.95 * before) return false;
    before = size;
  }
  return false;
}

sdk::TimeSystem::StageResult OdeTimeSystem::solve_stage(const Stage& stage, std::span<double> y) {
  if (stage.implicitness < 1.0) f(stage.old_time, stage.old, stage.part, old_f_);
  std::ranges::copy(y, guess_.begin());
  StageResult result;
  const bool usable = newton_.present && newton_.part == stage.part && newton_contraction_ <= slow;
  if (usable && iterate(stage, y, result)) return result;
  if (usable) std::ranges::copy(guess_, y.begin());
  linearise(newton_, stage.time, guess_, stage.part);
  newton_contraction_ = 0.0;
  if (iterate(stage, y, result)) return result;
  newton_.present = false;
  throw sdk::Error(
      sdk::ErrorKind::solver,
      fmt::format("the nonlinear equation at t = {:.9g} is not solved: {} iterations, last correction {:.3g} of "
                  "the tolerance, contraction {:.2g}",
                  stage.time, result.iterations, result.residual, newton_contraction_));
}

/// With the factors that iterations have now, those of nearly this shift.
void OdeTimeSystem::correction(const Stage& stage, std::span<const double> y, std::span<const double> rate,
                               std::span<double> out) {
  f(stage.time, y, stage.part, out);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = (rate[i] - out[i]) / stage.shift;
  newton_.factors.solve(out);
  ++work_.solves;
}

void OdeTimeSystem::acceleration(double t, std::span<const double> q, std::span<const double> v, std::span<double> a) {
  system_.acceleration(seen_(t), q, v, a);
  ++work_.evaluations;
}

void OdeTimeSystem::jerk(double t, std::span<const double> q, std::span<const double> v, std::span<double> a,
                         std::span<double> j) {
  system_.jerk(seen_(t), q, v, a, j);
  ++work_.evaluations;
}

void OdeTimeSystem::forget() {
  newton_.present = linear_.present = false;
  newton_contraction_ = 0.0;
}

/// A linearisation is stored by its place, and computed anew.
void OdeTimeSystem::exchange(sdk::StateArchive& archive, const std::string& name, Linearisation& at) {
  std::vector<double> numbers{at.present ? 1.0 : 0.0, at.time, at.shift, static_cast<double>(at.part)};
  archive.numbers(name, numbers);
  require_stored_length(name, numbers.size(), 4);
  at.present = numbers[0] != 0.0;
  if (!at.present) return;
  at.y.resize(size());
  archive.unknowns(name + "_state", at.y);
  if (!archive.loading()) return;
  const auto y = at.y;
  linearise(at, numbers[1], y, static_cast<sdk::Part>(static_cast<int>(numbers[3])));
  if (numbers[2] != 0.0) factorise(at, numbers[2]);
}

void OdeTimeSystem::exchange(sdk::StateArchive& archive) {
  archive.number("newton_contraction", newton_contraction_);
  exchange(archive, "newton", newton_);
  if (choice_ == JacobianChoice::frozen) exchange(archive, "frozen", linear_);
}

}  // namespace ansatz::time
