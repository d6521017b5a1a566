#pragma once
/// A direct factorisation for solves with a matrix and with its transpose, and for its determinant.

#include <cstdint>
#include <span>

#include "engine/linear/matrices/matrix.hpp"

namespace ansatz::linear {

/// det A = sign exp(log_size): of 1e5 unknowns it is no double.
struct Determinant {
  double log_size = 0.0;  ///< natural logarithm of |det A|, with the numbers that the entries of A are
  int sign = 1;           ///< 1 or -1
};

/// An error of kind solver: elimination met no pivot.
class SingularMatrix : public sdk::Error {
 public:
  explicit SingularMatrix(const std::string& what)
      : sdk::Error(sdk::ErrorKind::solver, what, "linear::Factorisation",
                   "it is singular: look for what the equations do not determine") {}
};

struct FactorisationOptions {
  bool symmetric = false;    ///< L D L^T of a symmetric matrix: half the memory, and num_negative()
  bool determinant = false;  ///< determinant() is wanted
};

/// L U, or L D L^T, by MUMPS.
class Factorisation {
 public:
  /// \throws sdk::Error of kind solver where the matrix is singular to working precision. *Collective.*
  explicit Factorisation(const SparseMatrix& A, const FactorisationOptions& options = {});

  /// x = A^-1 b, and x = A^-T b. Owned parts, (num_owned), which must not overlap. *Collective.*
  void solve(std::span<const double> b, std::span<double> x) const;
  void solve_transposed(std::span<const double> b, std::span<double> x) const;

  /// Of the matrix as it is: what MUMPS permutes and scales is accounted for. Only where the options ask for it.
  /// \throws sdk::Error of kind solver where it is zero. *Collective.*
  Determinant determinant() const;
  /// Number of negative eigenvalues, of matrices factorised as symmetric ones (Sylvester). *Collective.*
  std::int64_t num_negative() const;

 private:
  base::Communicator comm_;
  base::MatHandle factor_;
  base::VecHandle b_, x_;
};

/// [ diagonal X   A^T ; A   diagonal X ] with unknowns in pairs, for counts of negative eigenvalues: with diagonal = -s
/// there are as many as unknowns of A plus the singular values of A with respect to X that are below s; with
/// diagonal = s there is none exactly where all of them are below s.
/// \param A,transpose,X of one pattern
/// \param constrained rows in which A counts as `on_diagonal` and X as 1, shape (num_owned). *Collective.*
std::unique_ptr<SparseMatrix> doubled(const SparseMatrix& A, const SparseMatrix& transpose, const SparseMatrix& X,
                                      double diagonal, std::span<const std::uint8_t> constrained, double on_diagonal);

}  // namespace ansatz::linear
