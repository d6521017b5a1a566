#pragma once
/// Coercivity constants, offline: symmetric parts of separated operators, their eigenvalues, and the training of SCM.

#include <functional>
#include <memory>
#include <vector>

#include "engine/linear/solvers/symmetric_pair.hpp"
#include "engine/reduced/separation/separated_problem.hpp"
#include "engine/reduced/stability/stability.hpp"
#include "engine/sampling/greedy.hpp"

namespace ansatz::reduced {

/// S_q = (A_q + A_q^T) / 2 of all terms of an operator, and sums of them.
class SymmetricTerms {
 public:
  /// What is below 1e-12 of the largest entry of A_q (on free rows) counts as S_q = 0: convection by a divergence-free
  /// velocity that does not cross free boundaries, up to round-off.
  /// \param problem,constrained must outlive this *Collective.*
  SymmetricTerms(const SeparatedProblem& problem, const std::vector<std::uint8_t>& constrained,
                 const base::Communicator& comm);

  int num_terms() const { return static_cast<int>(parts_.size()); }
  /// A_q is known to be symmetric, see fem::matrix_facts().
  bool is_symmetric(int q) const { return own_[q] == nullptr; }
  bool all_symmetric() const;
  /// The numbers of the terms with S_q != 0.
  const std::vector<int>& nonzero() const { return nonzero_; }
  const linear::SparseMatrix& operator[](int q) const { return *parts_[q]; }
  const std::vector<std::uint8_t>& constrained() const { return constrained_; }
  const base::Communicator& comm() const { return comm_; }

  /// A_q^T v = 2 S_q v - A_q v.
  /// \param product A_q v. *Collective.*
  std::vector<double> transposed_product(int q, std::span<const double> v, std::span<const double> product) const;
  /// sum_q values_q S_q, on the diagonal of constrained unknowns `diagonal`.
  /// \param values (num_terms) *Collective.*
  void combine(std::span<const double> values, double diagonal, linear::SparseMatrix& out) const;
  /// A matrix to combine into. *Collective.*
  std::unique_ptr<linear::SparseMatrix> matrix() const;
  /// v^T S_q v / v^T X v of the terms in nonzero(). *Collective.*
  std::vector<double> quotients(const linear::SparseMatrix& X, std::span<const double> v) const;
  /// v^T S_q v >= -shift / scale v^T X v for all v, by a count of negative eigenvalues, see
  /// linear::num_negative_eigenvalues(). *Collective.*
  bool is_above(int q, double scale, const linear::SparseMatrix& X, double shift) const;
  /// Vector that varies from unknown to unknown, zero at constrained ones: the same on any number of ranks up to
  /// numbering.
  std::vector<double> start() const;

 private:
  const std::vector<std::uint8_t>& constrained_;
  base::Communicator comm_;
  std::vector<std::unique_ptr<linear::SparseMatrix>> own_;
  std::vector<const linear::SparseMatrix*> parts_;
  std::vector<int> nonzero_;
};

/// min_v v^T A v / v^T X v over free unknowns for A = sum_q values_q A_q: exact up to the interval it comes with.
/// \param scale,below as in linear::smallest_eigenvalue(). *Collective.*
linear::SmallestEigenvalue coercivity(const SymmetricTerms& terms, std::span<const double> values,
                                      const linear::SparseMatrix& X, double scale, double below);

/// SCM as what a greedy loop trains: the indicator is (upper - lower) / upper, and each extension computes one
/// eigenvalue.
class Scm final : public sampling::Surrogate {
 public:
  /// Computes the range of each y_q: two eigenvalue problems a term, safe like all others. All references must outlive
  /// this.
  /// \param X positive definite, a sum of symmetric terms, with 1 on the diagonal of constrained unknowns *Collective.*
  Scm(const SymmetricTerms& terms, const Thetas& thetas, const std::vector<sampling::ParameterRange>& box,
      const linear::SparseMatrix& X);

  /// \throws sdk::Error of kind case_file where the problem is not coercive at one of the points: there is a vector
  /// with v^T A v <= 0. *Collective.*
  std::vector<double> evaluate(const sampling::TrainingSet& points) override;
  bool extend(std::span<const double> mu) override;

  /// With the training parameters of the last evaluate() as those with known bounds.
  const Stability& stability() const { return stability_; }

 private:
  void remember(const sampling::TrainingSet& points, const std::vector<double>& lower);

  const SymmetricTerms& terms_;
  const Thetas& thetas_;
  const linear::SparseMatrix& X_;
  Stability stability_;
};

struct ScmOptions {
  double tolerance = 0.2;  ///< of (upper - lower) / upper on the training set
  int max_picks = 60;
  std::function<void(const sampling::GreedyStep&)> on_step = nullptr;  ///< for a log line
};

/// Trains SCM. \returns a bound that is positive at all training parameters.
/// \throws sdk::Error of kind case_file where the problem is not coercive on the box, or where max_picks eigenvalues do
/// not make the bound positive at all training parameters. *Collective.*
Stability train_scm(const SymmetricTerms& terms, const Thetas& thetas, const std::vector<sampling::ParameterRange>& box,
                    const linear::SparseMatrix& X, const sampling::TrainingSet& training,
                    const ScmOptions& options = {});

}  // namespace ansatz::reduced
