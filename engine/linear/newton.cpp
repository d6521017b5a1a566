#include "engine/linear/newton.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "engine/linear/vector.hpp"

namespace ansatz::linear {
namespace {

using sdk::Error;
using sdk::ErrorKind;

constexpr double sufficient_decrease = 1e-4;
constexpr double smallest_factor = 0.1, largest_factor = 0.5;  // from one backtrack to the next
constexpr double suspect_correction = 1e-8;                    // of ||u||: below, F may be round-off
constexpr double round_off_factor = 16.0;
constexpr double forcing_factor = 0.9, largest_forcing = 1e-2;
constexpr double kept_reduction = 0.25;  // per iteration with a Jacobian that is kept

std::string format(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3e", value);
  return text;
}

std::string list(const std::vector<double>& norms) {
  std::string text;
  const std::size_t count = norms.size();
  for (std::size_t i = count > 8 ? count - 8 : 0; i < count; ++i) text += (text.empty() ? "" : ", ") + format(norms[i]);
  return (count > 8 ? "last norms: " : "norms: ") + text;
}

/// Minimiser of the parabola through phi(0), phi'(0) and phi(s), or of the cubic through the trial before too.
double interpolate(double phi0, double slope, double s, double phi, double s_before, double phi_before) {
  const double excess = phi - phi0 - slope * s;
  if (s_before <= 0.0 || !std::isfinite(phi_before)) return -slope * s * s / (2.0 * excess);
  const double excess_before = phi_before - phi0 - slope * s_before;
  const double a = (excess / (s * s) - excess_before / (s_before * s_before)) / (s - s_before);
  const double b = (-s_before * excess / (s * s) + s * excess_before / (s_before * s_before)) / (s - s_before);
  if (a == 0.0) return -slope / (2.0 * b);
  const double discriminant = b * b - 3.0 * a * slope;
  return discriminant < 0.0 ? largest_factor * s : (-b + std::sqrt(discriminant)) / (3.0 * a);
}

class Newton {
 public:
  Newton(const base::Communicator& comm, NonlinearSystem& system, KrylovSolver& solver, std::span<double> u,
         const NewtonOptions& options, const std::function<void(const NewtonStep&)>& on_step)
      : comm_(comm),
        system_(system),
        solver_(solver),
        u_(u),
        options_(options),
        on_step_(on_step),
        F_(u.size()),
        d_(u.size()),
        trial_(u.size()),
        trial_F_(u.size()) {}

  NewtonResult run();

 private:
  double evaluate(std::span<const double> u, std::span<double> F);
  double enough() const;
  void correction(bool fresh);
  bool is_round_off() const;
  bool search();
  void accept(double s, double norm);
  void report(double s) const;
  [[noreturn]] void fail(ErrorKind kind, const std::string& what, const std::string& hint) const;

  const base::Communicator& comm_;
  NonlinearSystem& system_;
  KrylovSolver& solver_;
  std::span<double> u_;
  const NewtonOptions& options_;
  const std::function<void(const NewtonStep&)>& on_step_;
  std::vector<double> F_, d_, trial_, trial_F_;
  const SparseMatrix* jacobian_ = nullptr;
  bool is_exact_ = false;  ///< jacobian_ is that of u_
  double norm_ = 0.0, wanted_ = 0.0;
  double correction_norm_ = 0.0;
  int linear_iterations_ = 0;
  bool saw_finite_trial_ = false;
  NewtonResult result_;
};

double Newton::evaluate(std::span<const double> u, std::span<double> F) {
  const double start = MPI_Wtime();
  system_.residual(u, F);
  const double value = norm(comm_, F);
  result_.residual_seconds += MPI_Wtime() - start;
  return value;
}

/// The linear residual norm that is enough.
double Newton::enough() const {
  if (!options_.inexact) return 0.0;
  double forcing = largest_forcing;
  if (const auto& norms = result_.norms; norms.size() > 1) {
    const double ratio = norm_ / norms[norms.size() - 2];
    forcing = std::min(forcing, forcing_factor * ratio * ratio);
  }
  return std::max(forcing * norm_, 0.5 * wanted_);
}

void Newton::correction(bool fresh) {
  const double start = MPI_Wtime();
  jacobian_ = fresh ? nullptr : system_.previous_jacobian();
  is_exact_ = jacobian_ == nullptr;
  if (is_exact_) jacobian_ = &system_.jacobian(u_);
  result_.jacobian_seconds += MPI_Wtime() - start;
  solver_.set_operator(*jacobian_);
  for (std::size_t i = 0; i < F_.size(); ++i) trial_F_[i] = -F_[i];
  KrylovResult solved;
  try {
    solved = solver_.solve(trial_F_, d_, false, enough());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_finite) system_.explain_not_finite(u_);
    throw;
  }
  linear_iterations_ = solved.iterations;
  result_.krylov_iterations += solved.iterations;
  result_.setup_seconds += solved.setup_seconds;
  result_.solve_seconds += solved.solve_seconds;
  correction_norm_ = norm(comm_, d_);
}

bool Newton::is_round_off() const {
  std::vector<double> terms(u_.size());
  jacobian_->multiply_absolute(u_, terms);
  return norm_ <= round_off_factor * std::numeric_limits<double>::epsilon() * norm(comm_, terms);
}

void Newton::report(double s) const {
  if (on_step_)
    on_step_({result_.iterations, norm_, s, s > 0.0 ? correction_norm_ : 0.0, s > 0.0 ? linear_iterations_ : 0});
}

void Newton::accept(double s, double norm) {
  std::copy(trial_.begin(), trial_.end(), u_.begin());
  std::swap(F_, trial_F_);
  norm_ = norm;
  ++result_.iterations;
  result_.norms.push_back(norm);
  result_.step_lengths.push_back(s);
  report(s);
}

bool Newton::search() {
  const double phi0 = 0.5 * norm_ * norm_, slope = -2.0 * phi0;
  double s = 1.0, s_before = 0.0, phi_before = 0.0;
  saw_finite_trial_ = false;
  for (int backtrack = 0; backtrack <= options_.max_backtracks; ++backtrack) {
    for (std::size_t i = 0; i < u_.size(); ++i) trial_[i] = u_[i] + s * d_[i];
    const double trial_norm = evaluate(trial_, trial_F_);
    const double phi = 0.5 * trial_norm * trial_norm;
    if (phi <= phi0 + sufficient_decrease * s * slope) {
      accept(s, trial_norm);
      return true;
    }
    double next = largest_factor * s;
    if (std::isfinite(phi)) {
      saw_finite_trial_ = true;
      next =
          std::clamp(interpolate(phi0, slope, s, phi, s_before, phi_before), smallest_factor * s, largest_factor * s);
      s_before = s;
      phi_before = phi;
    }
    s = next;
  }
  return false;
}

void Newton::fail(ErrorKind kind, const std::string& what, const std::string& hint) const {
  throw Error(kind, what + " (iteration " + std::to_string(result_.iterations) + "; " + list(result_.norms) + ")",
              "Newton's method", hint);
}

NewtonResult Newton::run() {
  norm_ = evaluate(u_, F_);
  result_.norms.push_back(norm_);
  if (!std::isfinite(norm_)) {
    system_.explain_not_finite(u_);
    fail(ErrorKind::not_finite, "the residual of the start is not finite",
         "check the initial values and the coefficients at them (division by zero, root of a negative number)");
  }
  report(0.0);
  wanted_ = options_.relative_tolerance * norm_;
  bool is_fast = true;
  while (norm_ > wanted_ && norm_ > 0.0) {
    if (result_.iterations >= options_.max_iterations) {
      fail(ErrorKind::solver,
           "no convergence in " + std::to_string(options_.max_iterations) + " iterations, wanted " + format(wanted_),
           "start closer to the solution (smaller time step or load step), allow more iterations, or loosen the "
           "tolerance");
    }
    correction(!options_.lagged_jacobian || !is_fast);
    const double size = norm(comm_, u_), before = norm_;
    if (correction_norm_ <= suspect_correction * size && is_round_off()) break;
    const bool reduced = search();
    is_fast = reduced && norm_ <= kept_reduction * before;
    if (!reduced && !is_exact_) continue;
    if (!reduced) {
      if (is_round_off()) break;
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
    if (is_exact_ && result_.step_lengths.back() == 1.0 && correction_norm_ <= options_.absolute_tolerance * size) break;
  }
  return std::move(result_);
}

}  // namespace

NewtonResult newton(const base::Communicator& comm, NonlinearSystem& system, KrylovSolver& solver, std::span<double> u,
                    const NewtonOptions& options, const std::function<void(const NewtonStep&)>& on_step) {
  return Newton(comm, system, solver, u, options, on_step).run();
}

}  // namespace ansatz::linear
