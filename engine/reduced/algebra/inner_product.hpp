#pragma once
/// Inner products of distributed vectors.

#include <memory>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/linear/matrices/matrix.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/algebra/dense.hpp"

namespace ansatz::reduced {

/// (u, v)_X = u^T X v over all ranks, with X the identity, a positive diagonal or a symmetric positive definite matrix.
/// Sums run in rank order, so they repeat bit by bit. Copies share what they refer to.
class InnerProduct {
 public:
  /// u^T v.
  static InnerProduct euclidean(base::Communicator comm);
  /// sum_i w_i u_i v_i.
  /// \param weights of this rank's rows, positive
  /// \throws sdk::Error of kind parameter. *Collective.*
  static InnerProduct weighted(base::Communicator comm, std::vector<double> weights);
  /// u^T X v.
  /// \param X must outlive this.
  static InnerProduct matrix(base::Communicator comm, std::shared_ptr<const linear::SparseMatrix> X);

  const base::Communicator& comm() const { return comm_; }
  /// X is the identity or diagonal: u and v meet row by row.
  bool is_diagonal() const { return matrix_ == nullptr; }
  /// Weights of a diagonal X, empty for the identity.
  const std::vector<double>& weights() const { return weights_; }

  /// X v. *Collective.* Shapes (num_rows).
  void apply(std::span<const double> v, std::span<double> Xv) const;
  /// *Collective.*
  double dot(std::span<const double> u, std::span<const double> v) const;
  /// sqrt((u, u)). *Collective.* \throws sdk::Error of kind solver where (u, u) < 0 by more than round-off: X is not
  /// positive.
  double norm(std::span<const double> u) const;
  /// X-norm that rounding the entries of u can give a vector: eps sqrt(|u|^T |X| |u|). For an ill-conditioned X this is
  /// far above eps ||u||; what is below it is noise. Copies the matrix. *Collective.*
  double round_off(std::span<const double> u) const;
  /// (U_i, V_j), one reduction. Shape (U columns, V columns). *Collective.*
  Dense gram(const Block& U, const Block& V) const;

 private:
  explicit InnerProduct(base::Communicator comm) : comm_(std::move(comm)) {}

  base::Communicator comm_;
  std::vector<double> weights_;
  std::shared_ptr<const linear::SparseMatrix> matrix_;
};

}  // namespace ansatz::reduced
