/// How far Newton's method goes along a correction.
#include <algorithm>
#include <cmath>

#include "engine/linear/solvers/newton_iteration.hpp"

namespace ansatz::linear {
namespace {

using sdk::Error;
using sdk::ErrorKind;

constexpr double sufficient_decrease = 1e-4;
constexpr double smallest_factor = 0.1, largest_factor = 0.5;  // from one backtrack to the next
constexpr std::size_t remembered_norms = 5;
constexpr double poor_reduction = 0.5;  // by a full step: F may be round-off
constexpr double long_step = 0x1p24;    // over which a linear F shows that its Jacobian is right
constexpr double linear_enough = 0.1;

/// Minimiser of the parabola through phi(0), phi'(0) and phi(s), or of the cubic through the trial before too.
double interpolate(double phi0, const Trials& at) {
  const double slope = -2.0 * phi0, s = at.s, s_before = at.s_before;
  const double excess = at.phi - phi0 - slope * s;
  if (s_before <= 0.0 || !std::isfinite(at.phi_before)) return -slope * s * s / (2.0 * excess);
  const double excess_before = at.phi_before - phi0 - slope * s_before;
  const double a = (excess / (s * s) - excess_before / (s_before * s_before)) / (s - s_before);
  const double b = (-s_before * excess / (s * s) + s * excess_before / (s_before * s_before)) / (s - s_before);
  if (a == 0.0) return -slope / (2.0 * b);
  const double discriminant = b * b - 3.0 * a * slope;
  return discriminant < 0.0 ? largest_factor * s : (-b + std::sqrt(discriminant)) / (3.0 * a);
}

}  // namespace

/// Not-a-number where u is outside the domain.
NewtonIteration::Norms NewtonIteration::try_to_evaluate(std::span<const double> u, std::span<double> F) {
  try {
    return evaluate(u, F);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_finite) throw;
    return Norms(norms_of_.count(), std::numeric_limits<double>::quiet_NaN());
  }
}

/// After a full step that did not help: F is linear over far longer ones, so that it is no curvature that spoils this
/// one, and the Jacobian is right.
bool NewtonIteration::is_unresolved() {
  if (!is_exact_) return false;
  std::vector<double> far(u_.size()), far_F(u_.size());
  for (std::size_t i = 0; i < far.size(); ++i) far[i] = u_[i] + long_step * d_[i];
  try {
    if (!is_finite(evaluate(far, far_F))) return false;
  } catch (const Error&) {  // no iterate would have gone so far
    return false;
  }
  for (std::size_t i = 0; i < far.size(); ++i) far_F[i] = far_F[i] / (long_step - 1.0) + F_[i];
  const auto difference = norms_of_.of(far_F);
  return is_finite(difference) && scaled(difference) <= linear_enough * scaled(norms());
}

/// The s that the curvature of F along the correction suggests, from the correction at the trial with the old Jacobian.
double NewtonIteration::by_curvature(double s, bool& is_good) {
  std::vector<double> simplified(u_.size());
  is_good = false;
  try {
    solve(trial_F_, simplified, {options_.inexact ? largest_forcing : 0.0});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::solver && error.kind() != ErrorKind::not_finite) throw;
    return largest_factor * s;
  }
  const auto simplified_norms = norms_of_.of(simplified);
  for (std::size_t i = 0; i < simplified.size(); ++i) simplified[i] -= (1.0 - s) * d_[i];
  Norms sizes(u_norms_);
  for (std::size_t f = 0; f < sizes.size(); ++f) sizes[f] = std::max({sizes[f], d_norms_[f], simplified_norms[f]});
  const double step = scaled_norm(d_norms_, sizes), bent = scaled_norm(norms_of_.of(simplified), sizes);
  is_good = scaled_norm(simplified_norms, sizes) <= (1.0 - 0.25 * s) * step;
  return 0.5 * step * s * s / bent;
}

/// \param next the s to try where this one is not good
bool NewtonIteration::is_good(Trials& at, const Norms& trial, double& next) {
  const double now = scaled(norms()), then = scaled(trial);
  at.phi = 0.5 * then * then;
  switch (options_.line_search) {
    case LineSearch::none:
      return true;
    case LineSearch::monotone:
      if (at.phi <= 0.5 * now * now * (1.0 - 2.0 * sufficient_decrease * at.s)) return true;
      next = interpolate(0.5 * now * now, at);
      return false;
    case LineSearch::nonmonotone:
      break;
  }
  double largest = 0.0;
  const std::size_t count = history_.size();
  for (std::size_t k = count - std::min(count, remembered_norms); k < count; ++k)
    largest = std::max(largest, scaled(history_[k]));
  if (then <= (1.0 - sufficient_decrease * at.s) * largest) return true;
  bool is_good = false;
  next = by_curvature(at.s, is_good);
  return is_good;
}

bool NewtonIteration::search() {
  Trials at;
  saw_finite_trial_ = false;
  for (int backtrack = 0; backtrack <= options_.max_backtracks; ++backtrack) {
    for (std::size_t i = 0; i < u_.size(); ++i) trial_[i] = u_[i] + at.s * d_[i];
    auto trial = try_to_evaluate(trial_, trial_F_);
    double next = largest_factor * at.s;
    if (is_finite(trial)) {
      saw_finite_trial_ = true;
      const double change = scaled(trial) / scaled(norms());
      if (at.s == 1.0 && change > poor_reduction && is_unresolved()) {
        result_.is_round_off = true;
        if (change < 1.0) accept(at.s, std::move(trial));
        return true;
      }
      if (!is_exact_) {  // a new Jacobian rather than a shorter step
        if (change > 1.0 - sufficient_decrease) return false;
        accept(at.s, std::move(trial));
        return true;
      }
      if (is_good(at, trial, next)) {
        accept(at.s, std::move(trial));
        return true;
      }
      at.s_before = at.s;
      at.phi_before = at.phi;
    }
    at.s =
        std::isfinite(next) ? std::clamp(next, smallest_factor * at.s, largest_factor * at.s) : largest_factor * at.s;
  }
  return false;
}

/// After a search that found nothing, with the Jacobian of this iterate.
void NewtonIteration::give_up() {
  if (!saw_finite_trial_) {
    system_.explain_not_finite(trial_);
    fail(ErrorKind::not_finite, "the residual is not finite anywhere along the correction",
         "start closer to the solution, or bound the coefficients where the iterates leave their range");
  }
  fail(ErrorKind::solver,
       "the line search found no smaller residual in " + std::to_string(options_.max_backtracks) + " backtracks",
       "start closer to the solution (smaller time step or load step); a Jacobian that is not the residual's "
       "derivative also ends here");
}

}  // namespace ansatz::linear
