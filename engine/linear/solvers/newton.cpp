#include "engine/linear/solvers/newton.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "engine/linear/matrices/vector.hpp"

namespace ansatz::linear {
namespace {

using sdk::Error;
using sdk::ErrorKind;

constexpr double sufficient_decrease = 1e-4;
constexpr double smallest_factor = 0.1, largest_factor = 0.5;  // from one backtrack to the next
constexpr std::size_t remembered_norms = 5;
constexpr double suspect_correction = 1e-8;  // of ||u||: below, F may be round-off
constexpr double round_off_factor = 16.0;
constexpr double poor_reduction = 0.5;  // by a full step: F may be round-off
constexpr double long_step = 0x1p24;    // over which a linear F shows that its Jacobian is right
constexpr double linear_enough = 0.1;
constexpr int misleading_corrections = 2;  // as large as the start is wrong: no measure of terms
constexpr double moving = 1e-3, small_beside_start = 1e-9;  // of a field, its start: a correction is followed by another
constexpr double forcing_factor = 0.9, largest_forcing = 1e-2;
constexpr double small_forcing = 1e-4;   // where equations beside far larger ones are still open
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

bool is_finite(std::span<const double> norms) {
  return std::ranges::all_of(norms, [](double norm) { return std::isfinite(norm); });
}

double length(std::span<const double> norms) {
  const std::vector<double> ones(norms.size(), 1.0);
  return scaled_norm(norms, ones);
}

/// What a line search knows of its trials.
struct Trials {
  double s = 1.0, phi = 0.0;                ///< of the present one, phi = |F|^2 / 2
  double s_before = 0.0, phi_before = 0.0;  ///< of the last finite one before it
};

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

class Newton {
 public:
  Newton(const base::Communicator& comm, NonlinearSystem& system, KrylovSolver& solver, std::span<double> u,
         const NewtonOptions& options, const std::function<void(const NewtonStep&)>& on_step)
      : comm_(comm),
        system_(system),
        solver_(solver),
        norms_of_(comm, system.fields()),
        u_(u),
        options_(options),
        on_step_(on_step),
        F_(u.size()),
        d_(u.size()),
        trial_(u.size()),
        trial_F_(u.size()),
        scales_(norms_of_.count(), norms_of_.count() == 1 ? 1.0 : 0.0),
        terms_(norms_of_.count(), std::numeric_limits<double>::infinity()),
        ones_(norms_of_.of_ones(u.size())) {}

  NewtonResult run();

 private:
  using Norms = std::vector<double>;  ///< by field

  Norms evaluate(std::span<const double> u, std::span<double> F);
  Norms try_to_evaluate(std::span<const double> u, std::span<double> F);
  void start();
  bool has_converged();
  double wanted() const;
  bool is_moving() const;
  std::vector<double> sizes_of_equations(bool with_correction = true) const;
  Norms by_equation(std::span<const double> F, std::span<const double> sizes) const;
  bool is_round_off() const;
  bool is_unresolved();
  EnoughResidual enough() const;
  KrylovResult solve(std::span<const double> F, std::span<double> d, const EnoughResidual& enough);
  void correction(bool fresh);
  Norms terms(bool with_correction = true) const;
  bool search();
  bool is_good(Trials& at, const Norms& trial, double& next);
  double by_curvature(double s, bool& is_good);
  void accept(double s, Norms norms);
  void settle_weak_modes();
  void report(double s) const;
  [[noreturn]] void give_up();
  [[noreturn]] void fail(ErrorKind kind, const std::string& what, const std::string& hint);

  double scaled(const Norms& norms) const { return scaled_norm(norms, scales_); }
  const Norms& norms() const { return history_.back(); }

  const base::Communicator& comm_;
  NonlinearSystem& system_;
  KrylovSolver& solver_;
  FieldNorms norms_of_;
  std::span<double> u_;
  const NewtonOptions& options_;
  const std::function<void(const NewtonStep&)>& on_step_;
  std::vector<double> F_, d_, trial_, trial_F_, best_, first_F_;
  Norms scales_;                ///< sizes of the terms; 1 where there is one field, 0 before the first correction
  Norms terms_;                 ///< their sizes where an iterate looked solved; infinite before
  Norms ones_;                  ///< of (1, ..., 1)
  std::vector<Norms> history_;  ///< of F at all iterates
  std::size_t best_iterate_ = 0;
  const SparseMatrix* jacobian_ = nullptr;
  bool is_exact_ = false;  ///< jacobian_ is that of u_
  bool is_open_ = false;   ///< |F| is small enough, but the last correction or single equations are not
  Norms u_norms_, d_norms_, start_norms_;
  int linear_iterations_ = 0;
  bool saw_finite_trial_ = false;
  NewtonResult result_;
};

Newton::Norms Newton::evaluate(std::span<const double> u, std::span<double> F) {
  const double start = MPI_Wtime();
  system_.residual(u, F);
  auto norms = norms_of_.of(F);
  result_.residual_seconds += MPI_Wtime() - start;
  return norms;
}

/// Not-a-number where u is outside the domain.
Newton::Norms Newton::try_to_evaluate(std::span<const double> u, std::span<double> F) {
  try {
    return evaluate(u, F);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_finite) throw;
    return Norms(norms_of_.count(), std::numeric_limits<double>::quiet_NaN());
  }
}

void Newton::start() {
  history_.push_back(evaluate(u_, F_));
  first_F_ = F_;
  start_norms_ = norms_of_.of(u_);
  result_.norms.push_back(length(norms()));
  if (!is_finite(norms())) {
    system_.explain_not_finite(u_);
    fail(ErrorKind::not_finite, "the residual of the start is not finite",
         "check the initial values and the coefficients at them (division by zero, root of a negative number)");
  }
  report(0.0);
}

/// |F| that the relative tolerance asks for, as far as the size of the terms is known.
double Newton::wanted() const { return options_.relative_tolerance * std::min(scaled(history_.front()), scaled(terms_)); }

bool Newton::has_converged() {
  if (length(norms()) == 0.0) return true;
  if (options_.absolute_tolerance > 0.0 &&
      all_within(norms(), Norms(norms_of_.count(), 1.0), options_.absolute_tolerance)) {
    return true;
  }
  if (history_.size() == 1 || scaled(norms()) > wanted()) return false;
  // A start far away has a residual beside which any iterate looks solved.
  u_norms_ = norms_of_.of(u_);
  const bool with_correction = result_.iterations > misleading_corrections;
  terms_ = terms(with_correction);
  if (scaled(norms()) > wanted()) return false;
  is_open_ = options_.nonlinear && is_moving();
  if (is_open_) return false;
  // So have single equations with terms far larger than those of others: penalties, good conductors.
  const auto sizes = sizes_of_equations(with_correction);
  const double first = scaled_norm(by_equation(first_F_, sizes), ones_);
  is_open_ = scaled_norm(by_equation(F_, sizes), ones_) > options_.relative_tolerance * std::min(first, 1.0);
  return !is_open_;
}

/// The last correction was no small part of a field: what one equation of many has left may be all that determines it.
bool Newton::is_moving() const {
  Norms limits(u_norms_);
  for (std::size_t f = 0; f < limits.size(); ++f)
    limits[f] = std::max(moving * u_norms_[f], small_beside_start * start_norms_[f]);
  return !all_within(d_norms_, limits, 1.0);
}

/// sum_j |J_ij| s_j with s_j the root mean square of |u| + |d| over the field of u_j: the size of the terms of equation i.
std::vector<double> Newton::sizes_of_equations(bool with_correction) const {
  Norms typical(u_norms_.size());
  for (std::size_t f = 0; f < typical.size(); ++f) {
    typical[f] = (u_norms_[f] + (with_correction ? d_norms_[f] : 0.0)) / ones_[f];
  }
  std::vector<double> sizes(u_.size());
  jacobian_->multiply_absolute(norms_of_.spread(typical, u_.size()), sizes);
  return sizes;
}

/// || (F_i / sizes_i)_i ||_f, where 0 / 0 = 0.
Newton::Norms Newton::by_equation(std::span<const double> F, std::span<const double> sizes) const {
  std::vector<double> parts(F.size());
  for (std::size_t i = 0; i < F.size(); ++i) parts[i] = F[i] == 0.0 ? 0.0 : F[i] / sizes[i];
  return norms_of_.of(parts);
}

bool Newton::is_round_off() const {
  const auto parts = by_equation(F_, sizes_of_equations());
  return all_within(parts, ones_, round_off_factor * std::numeric_limits<double>::epsilon());
}

/// After a full step that did not help: F is linear over far longer ones, so that it is no curvature that spoils this one,
/// and the Jacobian is right.
bool Newton::is_unresolved() {
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

/// The linear residual that is enough.
EnoughResidual Newton::enough() const {
  if (!options_.inexact) return {};
  EnoughResidual enough{largest_forcing, Norms(norms_of_.count(), 0.5 * options_.absolute_tolerance)};
  if (history_.size() > 1) {
    const double ratio = scaled(norms()) / scaled(history_[history_.size() - 2]);
    enough.relative = std::min(largest_forcing, forcing_factor * ratio * ratio);
  }
  if (is_open_) {
    enough.relative = std::min(enough.relative, small_forcing);
    return enough;
  }
  if (std::ranges::any_of(scales_, [](double scale) { return scale > 0.0; })) {
    for (std::size_t f = 0; f < scales_.size(); ++f) {
      const double least = scales_[f] > 0.0 ? 0.5 * wanted() * scales_[f] : std::numeric_limits<double>::infinity();
      enough.by_field[f] = std::max(enough.by_field[f], least);
    }
  }
  return enough;
}

/// J d = -F.
KrylovResult Newton::solve(std::span<const double> F, std::span<double> d, const EnoughResidual& enough) {
  std::vector<double> right(F.size());
  for (std::size_t i = 0; i < F.size(); ++i) right[i] = -F[i];
  auto solved = solver_.solve(right, d, false, enough);
  linear_iterations_ += solved.iterations;
  result_.krylov_iterations += solved.iterations;
  result_.setup_seconds += solved.setup_seconds;
  result_.solve_seconds += solved.solve_seconds;
  return solved;
}

void Newton::correction(bool fresh) {
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

/// || |J| (|u| + |d|) ||_f with the last correction.
Newton::Norms Newton::terms(bool with_correction) const {
  std::vector<double> sizes(u_.size()), terms(u_.size());
  for (std::size_t i = 0; i < u_.size(); ++i) sizes[i] = std::abs(u_[i]) + (with_correction ? std::abs(d_[i]) : 0.0);
  jacobian_->multiply_absolute(sizes, terms);
  return norms_of_.of_equations(terms);
}

void Newton::report(double s) const {
  if (on_step_)
    on_step_({result_.iterations, result_.norms.back(), s, s > 0.0 ? length(d_norms_) : 0.0, s > 0.0 ? linear_iterations_ : 0});
}

void Newton::accept(double s, Norms norms) {
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

/// The s that the curvature of F along the correction suggests, from the correction at the trial with the old Jacobian.
double Newton::by_curvature(double s, bool& is_good) {
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
bool Newton::is_good(Trials& at, const Norms& trial, double& next) {
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
  for (std::size_t k = count - std::min(count, remembered_norms); k < count; ++k) largest = std::max(largest, scaled(history_[k]));
  if (then <= (1.0 - sufficient_decrease * at.s) * largest) return true;
  bool is_good = false;
  next = by_curvature(at.s, is_good);
  return is_good;
}

bool Newton::search() {
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
    at.s = std::isfinite(next) ? std::clamp(next, smallest_factor * at.s, largest_factor * at.s) : largest_factor * at.s;
  }
  return false;
}

void Newton::fail(ErrorKind kind, const std::string& what, const std::string& hint) {
  if (!history_.empty() && best_iterate_ + 1 != history_.size()) std::ranges::copy(best_, u_.begin());
  throw Error(kind, what + " (iteration " + std::to_string(result_.iterations) + "; " + list(result_.norms) + ")",
              "Newton's method", hint);
}

/// After a search that found nothing, with the Jacobian of this iterate.
void Newton::give_up() {
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

/// What sums of equations determine is resolved where single equations are round-off, or small beside others. Ends with a
/// correction that is small, or of round-off, and kept.
void Newton::settle_weak_modes() {
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
  fail(ErrorKind::solver, "the integrals of the equations, which alone determine what their matrix loses, do not converge",
       "take a smaller time step, or prescribe a value");
}

NewtonResult Newton::run() {
  start();
  bool is_fast = true;
  while (!has_converged()) {
    if (result_.iterations >= options_.max_iterations) {
      fail(ErrorKind::solver,
           "no convergence in " + std::to_string(options_.max_iterations) + " iterations, wanted " +
               format(options_.relative_tolerance) + " of the first norm",
           "start closer to the solution (smaller time step or load step), allow more iterations, or loosen the "
           "tolerance");
    }
    correction(!options_.lagged_jacobian || !is_fast);
    if (norms_of_.count() > 1) scales_ = terms();
    const bool is_suspect = norms_of_.count() == 1
                                ? all_within(d_norms_, u_norms_, suspect_correction)
                                : all_within(norms(), scales_, round_off_factor * std::numeric_limits<double>::epsilon());
    if (is_suspect && is_round_off()) {
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
    if (is_exact_ && result_.step_lengths.back() == 1.0 && all_within(d_norms_, u_norms_, options_.correction_tolerance)) break;
  }
  settle_weak_modes();
  return std::move(result_);
}

}  // namespace

NewtonResult newton(const base::Communicator& comm, NonlinearSystem& system, KrylovSolver& solver, std::span<double> u,
                    const NewtonOptions& options, const std::function<void(const NewtonStep&)>& on_step) {
  return Newton(comm, system, solver, u, options, on_step).run();
}

}  // namespace ansatz::linear
