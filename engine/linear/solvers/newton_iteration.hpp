#pragma once
/// Newton's method at work. Private to engine/linear/solvers: newton*.cpp.

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/error.hpp"
#include "engine/linear/matrices/field_norms.hpp"
#include "engine/linear/solvers/newton.hpp"

namespace ansatz::linear {

/// What a line search knows of its trials.
struct Trials {
  double s = 1.0, phi = 0.0;                ///< of the present one, phi = |F|^2 / 2
  double s_before = 0.0, phi_before = 0.0;  ///< of the last finite one before it
};

/// One solve: its state, and the steps of the iteration.
class NewtonIteration {
 public:
  NewtonIteration(const base::Communicator& comm, NonlinearSystem& system, KrylovSolver& solver, std::span<double> u,
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

  /// See newton(). *Collective.*
  NewtonResult run();

 private:
  using Norms = std::vector<double>;  ///< by field

  // newton.cpp
  Norms evaluate(std::span<const double> u, std::span<double> F);
  void start();
  KrylovResult solve(std::span<const double> F, std::span<double> d, const EnoughResidual& enough);
  void correction(bool fresh);
  void accept(double s, Norms norms);
  void settle_weak_modes();
  void report(double s) const;
  [[noreturn]] void fail(sdk::ErrorKind kind, const std::string& what, const std::string& hint);

  // newton_convergence.cpp
  bool has_converged();
  double wanted() const;
  bool is_moving() const;
  std::vector<double> sizes_of_equations(bool with_correction = true) const;
  Norms by_equation(std::span<const double> F, std::span<const double> sizes) const;
  bool may_be_round_off() const;
  bool is_round_off() const;
  EnoughResidual enough() const;
  Norms terms(bool with_correction = true) const;

  // newton_line_search.cpp
  Norms try_to_evaluate(std::span<const double> u, std::span<double> F);
  bool search();
  bool is_good(Trials& at, const Norms& trial, double& next);
  double by_curvature(double s, bool& is_good);
  bool is_unresolved();
  [[noreturn]] void give_up();

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
  Norms first_;                 ///< of F at the start that the tolerance is relative to
  std::size_t best_iterate_ = 0;
  const SparseMatrix* jacobian_ = nullptr;
  bool is_exact_ = false;  ///< jacobian_ is that of u_
  bool is_open_ = false;   ///< |F| is small enough, but the last correction or single equations are not
  Norms u_norms_, d_norms_, start_norms_;
  int linear_iterations_ = 0;
  bool saw_finite_trial_ = false;
  NewtonResult result_;
};

inline constexpr double largest_forcing = 1e-2;     // linear residual that is enough at first, relative
inline constexpr double suspect_correction = 1e-8;  // of ||u||: below, F may be round-off

inline bool is_finite(std::span<const double> norms) {
  return std::ranges::all_of(norms, [](double norm) { return std::isfinite(norm); });
}

/// Of norms by field, as they are.
inline double length(std::span<const double> norms) {
  const std::vector<double> ones(norms.size(), 1.0);
  return scaled_norm(norms, ones);
}

}  // namespace ansatz::linear
