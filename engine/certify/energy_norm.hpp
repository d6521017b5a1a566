#pragma once
/// The energy norm of a linear problem at reference parameters, and what of it the problem holds at others.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/problem/problem.hpp"

namespace ansatz::certify {

/// |v|_X = sqrt(v . X v) with X = dF/du at the reference parameters, symmetric and positive definite on unknowns that
/// are not prescribed.
///
/// X and the Jacobian A at other parameters are sums, with the same weights w > 0, of small matrices in (u, grad u),
/// one a quadrature point: x_q and a_q. Where sym(a_q) - alpha x_q is positive semidefinite at each of them,
///   v . A v >= alpha |v|_X^2  for all v,
/// so that an error e with A e = r has |e|_X <= |r|_X' / alpha, with the dual norm |r|_X' = sqrt(r . X^-1 r). Nothing
/// is sampled: these are all the points that A is made of.
class EnergyNorm {
 public:
  /// \param problem,discrete must outlive this; the mesh is that of its present parameters. *Collective.*
  EnergyNorm(const problem::Problem& problem, fem::DiscreteProblem& discrete, std::vector<double> reference,
             double time = 0.0);

  /// Why there is no such norm, for people; empty: there is one, and the other members may be called.
  const std::string& objection() const { return objection_; }

  /// The largest alpha as above at the problem's present parameters, 1 - 1e-6 of it for round-off; 0: there is none.
  /// \param time of coefficients that depend on it [s]. *Collective.*
  double coercivity(double time = 0.0) const;
  /// |r|_X', not below it: of the solve with X, to 1e-12, a thousandth is added (enough for condition numbers of X up
  /// to 1e18). *Collective.*
  double dual_norm(std::span<const double> r);
  /// The same within a factor of 2, for what is small anyway. *Collective.*
  double rough_dual_norm(std::span<const double> r);
  /// |v|_X of a vector with prescribed unknowns, too. *Collective.*
  double norm(std::span<const double> v) const;

 private:
  /// Pointwise matrices of one batch: those of its lanes, or of one where all are the same.
  struct Points {
    std::size_t first = 0;  ///< in values_
    int count = 0;          ///< matrices
  };

  void take_points();
  void take_matrix(fem::DiscreteProblem& discrete);
  double dual_norm(std::span<const double> r, double tolerance, double margin);
  std::size_t matrix_size() const { return slots_ * slots_; }

  const problem::Problem& problem_;
  fem::DiscreteProblem& discrete_;
  fem::Form form_;  ///< at the reference
  double time_;     ///< of X [s]
  std::string objection_;
  std::size_t slots_ = 0;
  std::vector<int> kinds_;       ///< of slots: those of one kind have one unit
  std::vector<double> values_;   ///< x_q, one after the other
  std::vector<Points> batches_;  ///< in the order that Form visits them
  bool is_elliptic_ = true;      ///< the gradient blocks are positive definite at all points
  std::optional<linear::SparseMatrix> matrix_;
  std::optional<linear::KrylovSolver> solver_;
};

/// sqrt(v . X v) of each field's part of a vector, for X that couples none of them. *Collective.*
std::vector<double> by_field(const fem::DiscreteProblem& discrete, const linear::SparseMatrix& X,
                             std::span<const double> v);

/// The largest alpha <= most with a - alpha x positive semidefinite up to round-off of the diagonals of a and x, 0
/// where a itself is not. \param a,x symmetric, (n, n) \param kinds (n) rows of one kind have one unit
double largest_share(std::span<const double> a, std::span<const double> x, std::span<const int> kinds, double most);

}  // namespace ansatz::certify
