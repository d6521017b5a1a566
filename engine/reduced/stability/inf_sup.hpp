#pragma once
/// Inf-sup constants, offline: the smallest singular value of a separated operator with respect to X, enclosed, and the
/// training of lower bounds at other parameters.

#include "engine/linear/matrices/factorisation.hpp"
#include "engine/reduced/algebra/inner_product.hpp"
#include "engine/reduced/stability/coercivity.hpp"

namespace ansatz::reduced {

/// A singular value lies in [lower, upper].
struct SingularValue {
  double lower = 0.0, upper = 0.0;
  std::vector<double> vector;  ///< right singular vector, |v|_X = 1, owned part; zero at constrained unknowns
};

/// Singular values of operators V -> V' with (v, w)_X on V, over free unknowns: sigma^2 are the eigenvalues of
/// A^T X^-1 A v = sigma^2 X v. One end of each enclosure is a quotient of a vector from Lanczos' method (in X, with
/// full orthogonalisation), the other end is safe by a count of negative eigenvalues, see linear::doubled(); exact up
/// to the backward error of the factorisations.
class SingularValues {
 public:
  /// \param X 1 on the diagonal of constrained unknowns. All must outlive this. *Collective.*
  SingularValues(const SeparatedProblem& problem, const SymmetricTerms& terms,
                 std::shared_ptr<const linear::SparseMatrix> X);

  /// beta = min_v max_w w^T A v / (|v|_X |w|_X) of A = sum_q values_q A_q, with lower = 0 where A is singular to
  /// working precision. *Collective.*
  SingularValue smallest(std::span<const double> values) const;
  /// max_v max_w w^T A_q v / (|v|_X |w|_X) of one term. *Collective.*
  SingularValue largest(int q) const;
  /// (A_p v, A_q v) in the dual of X over all terms, for |A v|_X'^2 = sum_pq a_p a_q of it. *Collective.*
  Dense dual_products(std::span<const double> v) const;

 private:
  double dual_norm(std::span<const double> functional) const;
  bool all_above(const linear::SparseMatrix& A, const linear::SparseMatrix& transpose, double s) const;
  bool all_below(const linear::SparseMatrix& A, const linear::SparseMatrix& transpose, double s) const;
  std::unique_ptr<linear::SparseMatrix> transpose_of(std::span<const double> values,
                                                     const linear::SparseMatrix& A) const;

  const SeparatedProblem& problem_;
  const SymmetricTerms& terms_;
  std::shared_ptr<const linear::SparseMatrix> X_;
  InnerProduct product_;
  linear::Factorisation X_factors_;
};

/// Lower bounds by perturbation as what a greedy loop trains: beta(mu) >= beta_k - sum_q |a_q(mu) - a_q(mu_k)| gamma_q
/// with gamma_q = ||A_q|| from X to X', and by min-theta where that holds. The indicator is (upper - lower) / upper
/// with upper = min_k |A(mu) v_k|_X' / |v_k|_X over the singular vectors so far; each extension computes one constant.
class InfSup final : public sampling::Surrogate {
 public:
  /// Computes the norms of the terms whose factor varies. All references must outlive this. *Collective.*
  /// \param coercive a bound by min-theta, or anything else where there is none
  InfSup(const SingularValues& values, const Thetas& thetas, const std::vector<sampling::ParameterRange>& box,
         const Stability& coercive = {});

  /// Not collective.
  std::vector<double> evaluate(const sampling::TrainingSet& points) override;
  /// \throws sdk::Error of kind case_file where the problem is singular at mu. *Collective.*
  bool extend(std::span<const double> mu) override;

  const Stability& stability() const { return stability_; }
  /// \param factors a_q(mu) of all terms. Not collective.
  double upper(std::span<const double> factors) const;

 private:
  const SingularValues& values_;
  const Thetas& thetas_;
  std::vector<double> norms_;    ///< gamma_q of the terms that count
  std::vector<Dense> products_;  ///< dual_products() of the singular vectors
  Stability stability_;
};

/// Constants were computed, and do not bound those between them.
class Unbounded final : public sdk::Error {
 public:
  using Error::Error;
};

struct InfSupOptions {
  double tolerance = 0.5;  ///< of (upper - lower) / upper on the training set
  int max_picks = 400;
  std::function<void(const sampling::GreedyStep&)> on_step = nullptr;  ///< for a log line
};

/// Trains the bound. \returns one that is positive at all training parameters.
/// \throws sdk::Error of kind case_file where the problem is singular at one of them, Unbounded of the same kind where
/// max_picks constants do not make the bound positive. *Collective.*
Stability train_inf_sup(const SingularValues& values, const Thetas& thetas,
                        const std::vector<sampling::ParameterRange>& box, const sampling::TrainingSet& training,
                        const InfSupOptions& options = {}, const Stability& coercive = {});

}  // namespace ansatz::reduced
