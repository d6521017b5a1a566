#pragma once
/// The offline side of reduced-basis models: snapshots, projections and residual representatives.

#include <memory>
#include <optional>

#include "engine/linear/krylov.hpp"
#include "engine/reduced/inner_product.hpp"
#include "engine/reduced/reduced_model.hpp"
#include "engine/reduced/separated_problem.hpp"

namespace ansatz::reduced {

/// A basis of solutions, orthonormal in X = A(reference), and the Galerkin model on it, extended one parameter at a time.
///
/// For problems whose operator is symmetric and a sum of positive semidefinite terms with positive factors; the bound of its
/// model then holds for the error to the finite-element solution (min-theta), up to the remainder of the separation.
class ReducedBasis {
 public:
  /// \param form where the problem comes from; only its unknowns and constraints are used \param options of all linear solves
  /// \throws sdk::Error of kind case_file where an operator term is not symmetric or not positive semidefinite, or its factor
  /// is not positive on the whole box. *Collective.*
  ReducedBasis(const fem::Form& form, SeparatedProblem problem, std::vector<ParameterRange> box, std::vector<double> reference,
               linear::KrylovOptions options);

  /// Solves at `mu` and adds what is new in the solution. \returns false where there is nothing new (then nothing changes).
  /// *Collective.*
  bool extend(std::span<const double> mu);
  /// Adds this vector instead of a solution: when a model is built again from its stored basis. *Collective.*
  bool extend_by(std::vector<double> free_part);

  int size() const { return basis_.num_columns(); }
  const Block& basis() const { return basis_; }
  const InnerProduct& product() const { return product_; }
  const SeparatedProblem& problem() const { return problem_; }
  /// The model on the present basis. Not collective.
  ReducedModel model() const { return ReducedModel(data_); }

  /// Free part of the finite-element solution, zero at constrained unknowns. *Collective.*
  std::vector<double> snapshot(std::span<const double> mu);
  /// u = sum_i c_i v_i + sum_k l_k L_k on owned unknowns. Not collective.
  std::vector<double> lift(std::span<const double> coefficients, std::span<const double> liftings) const;

 private:
  void check_terms() const;
  void combine(std::span<const double> values, linear::SparseMatrix& matrix) const;
  std::vector<double> riesz(std::span<const double> functional);
  std::vector<double> guess(std::span<const double> mu) const;
  void add_residual_column(std::vector<double> representative, double sign);
  void update_residual_matrix();
  Block probe_vectors() const;

  const fem::Form& form_;
  SeparatedProblem problem_;
  linear::KrylovOptions options_;
  base::Communicator comm_;
  std::shared_ptr<linear::SparseMatrix> X_;
  InnerProduct product_;
  linear::SparseMatrix matrix_;
  linear::KrylovSolver solver_, X_solver_;
  Block basis_, residual_basis_;
  std::vector<std::vector<double>> residual_columns_;  ///< coordinates in residual_basis_, each as long as the basis then was
  ReducedModelData data_;
};

}  // namespace ansatz::reduced
