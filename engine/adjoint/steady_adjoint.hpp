#pragma once
/// Adjoints and tangents of steady solutions.

#include <span>
#include <vector>

#include "engine/adjoint/quantity_slopes.hpp"
#include "engine/adjoint/transposed_solver.hpp"
#include "engine/fem/motions/free_motions.hpp"

namespace ansatz::adjoint {

/// Of a number Q(u), at a solution.
struct Adjoint {
  std::vector<double> z;           ///< (num_owned) J^-T dQ/du, 0 at prescribed unknowns: dQ = -z . dF
  std::vector<double> prescribed;  ///< (num_owned) dQ/dg at prescribed unknowns, 0 elsewhere
};

/// The equations linearised at a steady solution. What they leave undetermined is 0 in the mean there, as in the
/// solution: derivatives are along such solutions.
class SteadyAdjoint {
 public:
  /// \param problem at the parameters of the solution; must outlive this
  /// \param options of solves: see exact_options()
  /// \param u owned unknowns, kept
  /// \throws sdk::Error of kind solver where a motion is determined too weakly. *Collective.*
  SteadyAdjoint(problem::Problem& problem, const linear::KrylovOptions& options, std::vector<double> u);

  fem::DiscreteProblem& discrete() { return discrete_; }
  ResidualSlopes& equations() { return equations_; }

  /// One transposed solve. \param slope dQ/du, (num_owned) of all unknowns. *Collective.* \throws sdk::Error of kind
  /// solver
  Adjoint solve(std::span<const double> slope);
  /// -z . dF/dmu + s . dg/dmu, shape (parameters), at a fixed mesh. *Collective.*
  std::vector<double> by_parameters(const Adjoint& adjoint);
  /// du/d(parameter) at a fixed mesh by a solve with J itself: the other way to the same derivatives. (num_owned).
  /// *Collective.*
  std::vector<double> tangent(int parameter);

  /// Numbers of solves since the start.
  int num_solves() const { return solves_; }
  /// What the equations leave undetermined.
  const std::vector<fem::FreeMotion>& motions() const { return motions_; }

 private:
  void remove_from_slope(std::span<double> slope) const;
  const linear::SparseMatrix& jacobian();

  problem::Problem& problem_;
  std::vector<double> u_;
  fem::DiscreteProblem discrete_;
  ResidualSlopes equations_;
  TransposedSolver transposed_;
  std::vector<fem::FreeMotion> motions_;
  int solves_ = 0;
};

}  // namespace ansatz::adjoint
