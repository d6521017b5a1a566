#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/linear/matrices/vector.hpp"
#include "engine/linear/solvers/krylov_implementation.hpp"

namespace ansatz::linear {
namespace {

using base::petsc_check;
using sdk::Error;
using sdk::ErrorKind;

constexpr double round_off_factor = 16.0;   // of eps |A| |x|
constexpr double largest_unreached = 1e-6;  // relative residual that round-off may excuse

}  // namespace

/// A preconditioner mixes lone rows with others, so an iteration to a tolerance would move prescribed unknowns.
void KrylovSolver::Implementation::solve_lone_rows(std::span<const double> rhs, std::span<double> solution) const {
  for (const auto row : lone_rows_) {
    solution[row] = rhs[row] / matrix_->diagonal_values()[matrix_->pattern().diagonal_position(row)];
  }
}

/// Norm over equations, of scaled fields. *Collective.*
double KrylovSolver::Implementation::size(std::span<const double> of_equations) const {
  if (!scales_) return norm(comm_, of_equations);
  std::vector<double> scaled(of_equations.begin(), of_equations.end());
  for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] *= scales_->rows[i];
  return norm(comm_, scaled);
}

/// The size of a residual that is enough.
double KrylovSolver::Implementation::largest_enough(const EnoughResidual& enough, double rhs_norm) const {
  const auto scale = [&](std::size_t f) { return scales_ ? scales_->of_equations[f] : 1.0; };
  const std::size_t count = scales_ ? scales_->of_equations.size() : 1;
  double absolute = std::numeric_limits<double>::infinity(), by_field = absolute;
  for (std::size_t f = 0; f < count; ++f) absolute = std::min(absolute, absolute_tolerance_ * scale(f));
  for (std::size_t f = 0; f < enough.by_field.size(); ++f) by_field = std::min(by_field, enough.by_field[f] * scale(f));
  if (!std::isfinite(by_field)) by_field = 0.0;
  return std::max({relative_tolerance_ * rhs_norm, enough.relative * rhs_norm, absolute, by_field});
}

double KrylovSolver::Implementation::residual(std::span<const double> rhs, std::span<const double> solution,
                                              std::span<double> out) const {
  matrix_->multiply(solution, out);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = rhs[i] - out[i];
  return size(out);
}

/// Within the target, or as small as round-off lets it be.
bool KrylovSolver::Implementation::is_enough(const Task& task, std::span<const double> solution, double norm) const {
  if (norm <= task.target) return true;
  if (!(norm <= largest_unreached * task.rhs_norm)) return false;
  std::vector<double> terms(task.rhs.size());
  matrix_->multiply_absolute(solution, terms);
  for (std::size_t i = 0; i < terms.size(); ++i) terms[i] += std::abs(task.rhs[i]);
  return norm <= round_off_factor * std::numeric_limits<double>::epsilon() * size(terms);
}

FailureWords KrylovSolver::Implementation::failure(KSPConvergedReason reason) const {
  PC pc = nullptr;
  PCFailedReason mine = PC_NOERROR;
  petsc_check(KSPGetPC(ksp_.get(), &pc), "reading the reason of a failure");
  petsc_check(PCGetFailedReasonRank(pc, &mine), "reading the reason of a failure");
  const auto worst = static_cast<PCFailedReason>(comm_.max(static_cast<std::int64_t>(mine)));
  if (worst != PC_NOERROR && reason != KSP_DIVERGED_ITS) reason = KSP_DIVERGED_PC_FAILED;
  return words(progress_.stalls ? KSP_CONVERGED_ITERATING : reason, worst, choice_, traits(*matrix_), max_iterations_);
}

void KrylovSolver::Implementation::fail(KSPConvergedReason reason, const KrylovResult& result, double target) const {
  auto text = failure(reason);
  if (too_much_) {
    text.hint += fmt::format("; a direct solver would need {:.2g} GB of memory, of which {:.2g} GB are free",
                             1e-9 * too_much_->needed, 1e-9 * too_much_->free);
  }
  std::string last;
  const std::size_t count = result.history.size();
  for (std::size_t i = count > 5 ? count - 5 : 0; i < count; ++i)
    last += (last.empty() ? "" : ", ") + fmt::format("{:.3e}", result.history[i]);
  throw Error(ErrorKind::solver,
              "the linear solver (" + description() + ") failed: " + text.reason + "; residual norm " +
                  fmt::format("{:.3e}", result.final_norm) + ", wanted " + fmt::format("{:.3e}", target) +
                  ", at first " + fmt::format("{:.3e}", result.initial_norm) +
                  (last.empty() ? "" : "; last of " + std::to_string(count) + " norms: " + last),
              "linear solver", text.hint);
}

}  // namespace ansatz::linear
