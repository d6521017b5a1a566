#include "engine/linear/solvers/newton.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>

#include "engine/linear/solvers/newton_iteration.hpp"

namespace ansatz::linear {
namespace {

using sdk::Error;
using sdk::ErrorKind;

constexpr double kept_reduction = 0.25;  // per iteration with a Jacobian that is kept

std::string list(const std::vector<double>& norms) {
  std::string text;
  const std::size_t count = norms.size();
  for (std::size_t i = count > 8 ? count - 8 : 0; i < count; ++i)
    text += (text.empty() ? "" : ", ") + fmt::format("{:.3e}", norms[i]);
  return (count > 8 ? "last norms: " : "norms: ") + text;
}

}  // namespace

NewtonIteration::Norms NewtonIteration::evaluate(std::span<const double> u, std::span<double> F) {
  const double start = MPI_Wtime();
  system_.residual(u, F);
  auto norms = norms_of_.of(F);
  result_.residual_seconds += MPI_Wtime() - start;
  return norms;
}

void NewtonIteration::start() {
  history_.push_back(evaluate(u_, F_));
  first_F_ = options_.first_residual.empty() ? F_ : options_.first_residual;
  first_ = norms_of_.of(first_F_);
  start_norms_ = norms_of_.of(u_);
  result_.norms.push_back(length(norms()));
  if (!is_finite(norms())) {
    system_.explain_not_finite(u_);
    fail(ErrorKind::not_finite, "the residual of the start is not finite",
         "check the initial values and the coefficients at them (division by zero, root of a negative number)");
  }
  report(0.0);
}

/// J d = -F.
KrylovResult NewtonIteration::solve(std::span<const double> F, std::span<double> d, const EnoughResidual& enough) {
  std::vector<double> right(F.size());
  for (std::size_t i = 0; i < F.size(); ++i) right[i] = -F[i];
  auto solved = solver_.solve(right, d, false, enough);
  linear_iterations_ += solved.iterations;
  result_.krylov_iterations += solved.iterations;
  result_.setup_seconds += solved.setup_seconds;
  result_.solve_seconds += solved.solve_seconds;
  return solved;
}

void NewtonIteration::correction(bool fresh) {
  const double start = MPI_Wtime();
  jacobian_ = fresh ? nullptr : system_.previous_jacobian();
  is_exact_ = jacobian_ == nullptr;
  if (is_exact_) jacobian_ = &system_.jacobian(u_);
  result_.jacobian_seconds += MPI_Wtime() - start;
  solver_.set_operator(*jacobian_);
  linear_iterations_ = 0;
  try {
    solve(F_, d_, enough());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_finite) system_.explain_not_finite(u_);
    throw;
  }
  u_norms_ = norms_of_.of(u_);
  d_norms_ = norms_of_.of(d_);
}

void NewtonIteration::report(double s) const {
  if (on_step_)
    on_step_({result_.iterations, result_.norms.back(), s, s > 0.0 ? length(d_norms_) : 0.0,
              s > 0.0 ? linear_iterations_ : 0});
}

void NewtonIteration::accept(double s, Norms norms) {
  if (best_iterate_ + 1 == history_.size()) best_.assign(u_.begin(), u_.end());
  std::copy(trial_.begin(), trial_.end(), u_.begin());
  std::swap(F_, trial_F_);
  history_.push_back(std::move(norms));
  if (scaled(history_.back()) <= scaled(history_[best_iterate_])) best_iterate_ = history_.size() - 1;
  ++result_.iterations;
  result_.norms.push_back(length(this->norms()));
  result_.step_lengths.push_back(s);
  report(s);
}

void NewtonIteration::fail(ErrorKind kind, const std::string& what, const std::string& hint) {
  if (!history_.empty() && best_iterate_ + 1 != history_.size()) std::ranges::copy(best_, u_.begin());
  throw Error(kind, what + " (iteration " + std::to_string(result_.iterations) + "; " + list(result_.norms) + ")",
              "Newton's method", hint);
}

/// What sums of equations determine is resolved where single equations are round-off, or small beside others. Ends with
/// a correction that is small, or of round-off, and kept.
void NewtonIteration::settle_weak_modes() {
  if (jacobian_ == nullptr || !solver_.has_weak_modes()) return;
  Norms moved(norms_of_.count(), 0.0);
  for (const auto& mode : jacobian_->weak_modes()->vectors) {
    const auto norms = norms_of_.of(mode);
    for (std::size_t f = 0; f < moved.size(); ++f) moved[f] += norms[f];
  }
  double before = std::numeric_limits<double>::infinity();
  for (int k = 0; k < options_.max_iterations; ++k) {
    solver_.solve_weak_modes(F_, d_);
    for (std::size_t i = 0; i < u_.size(); ++i) u_[i] -= d_[i];
    auto norms = norms_of_.of(d_);
    for (std::size_t f = 0; f < moved.size(); ++f) norms[f] = moved[f] > 0.0 ? norms[f] : 0.0;
    const double change = scaled_norm(norms, norms_of_.of(u_));
    if (change <= options_.correction_tolerance) return;
    const bool stagnates = change > 0.5 * before;
    if (stagnates && change <= suspect_correction) return;
    if (stagnates || !is_finite(evaluate(u_, F_))) break;
    before = change;
  }
  fail(ErrorKind::solver,
       "the integrals of the equations, which alone determine what their matrix loses, do not converge",
       "take a smaller time step, or prescribe a value");
}

NewtonResult NewtonIteration::run() {
  start();
  bool is_fast = true;
  while (!has_converged()) {
    if (result_.iterations >= options_.max_iterations) {
      fail(ErrorKind::solver,
           "no convergence in " + std::to_string(options_.max_iterations) + " iterations, wanted " +
               fmt::format("{:.3e}", options_.relative_tolerance) + " of the first norm",
           "start closer to the solution (smaller time step or load step), allow more iterations, or loosen the "
           "tolerance");
    }
    correction(!options_.lagged_jacobian || !is_fast);
    if (norms_of_.count() > 1) scales_ = terms();
    if (may_be_round_off() && is_round_off()) {
      result_.is_round_off = true;
      break;
    }
    const double before = scaled(norms());
    const bool reduced = search();
    if (result_.is_round_off) break;
    is_fast = reduced && scaled(norms()) <= kept_reduction * before;
    if (!reduced && !is_exact_) continue;
    if (!reduced) {
      result_.is_round_off = is_round_off();
      if (result_.is_round_off) break;
      give_up();
    }
    if (is_exact_ && result_.step_lengths.back() == 1.0 &&
        all_within(d_norms_, u_norms_, options_.correction_tolerance))
      break;
  }
  settle_weak_modes();
  return std::move(result_);
}

NewtonResult newton(const base::Communicator& comm, NonlinearSystem& system, KrylovSolver& solver, std::span<double> u,
                    const NewtonOptions& options, const std::function<void(const NewtonStep&)>& on_step) {
  return NewtonIteration(comm, system, solver, u, options, on_step).run();
}

}  // namespace ansatz::linear
