#pragma once
/// Derivatives of the equations at a state, with the rows and columns of prescribed unknowns.

#include <memory>
#include <span>
#include <vector>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/problem/problem.hpp"

namespace ansatz::adjoint {

/// What F(t, u, u') changes by, in all rows: those of prescribed unknowns are reactions.
class ResidualSlopes {
 public:
  /// \param problem must outlive this
  explicit ResidualSlopes(problem::Problem& problem);

  /// The parameter occurs in equations or boundary terms.
  bool uses(int parameter) const;
  /// z . dF/d(parameter) at fixed u, u' and mesh, exactly; shape (parameters), the same on all ranks. *Collective.*
  std::vector<double> by_parameters(double t, std::span<const double> u, fem::Rate rate, std::span<const double> z);
  /// dF/d(parameter), (num_owned). *Collective.*
  std::vector<double> by_parameter(double t, std::span<const double> u, fem::Rate rate, int parameter);
  /// J^T z with J = weights.state dF/du + weights.rate dF/du'. *Collective.*
  std::vector<double> transposed(double t, std::span<const double> u, fem::Rate rate, sdk::JacobianWeights weights,
                                 std::span<const double> z);
  /// J v. *Collective.*
  std::vector<double> product(double t, std::span<const double> u, fem::Rate rate, sdk::JacobianWeights weights,
                              std::span<const double> v);

 private:
  fem::FormState state(double t, std::span<const double> u, fem::Rate rate);
  const linear::SparseMatrix& matrix(double t, std::span<const double> u, fem::Rate rate, sdk::JacobianWeights weights);

  problem::Problem& problem_;
  fem::Constrained none_;  ///< no unknown is left out
  std::vector<double> values_, rates_;
  /// One for whatever is asked, or where Jacobians are constant one for each pair of weights, of this version.
  struct Matrix {
    sdk::JacobianWeights weights;
    std::uint64_t version = 0;
    std::unique_ptr<linear::SparseMatrix> matrix;
  };
  std::vector<Matrix> matrices_;
};

/// dg/d(parameter) of the prescribed values, or of their rates, exactly, at a fixed mesh; 0 at other unknowns. Shape
/// (num_owned). *Collective.*
/// \param order 0 or 1, of the time derivative
std::vector<double> prescribed_slope(const problem::Problem& problem, double t, int parameter, int order = 0);

}  // namespace ansatz::adjoint
