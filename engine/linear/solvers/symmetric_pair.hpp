#pragma once
/// Symmetric parts of matrices, and the smallest eigenvalue of A v = lambda B v with how sure it is.

#include <memory>
#include <span>
#include <vector>

#include "engine/linear/matrices/matrix.hpp"

namespace ansatz::linear {

/// (A + A^T) / 2 on the pattern of A, symmetric to the last bit. *Collective.*
/// \throws sdk::Error of kind internal where A has an entry (i, j) that is not zero and its pattern has no (j, i).
std::unique_ptr<SparseMatrix> symmetric_part(const SparseMatrix& A);

/// sum_k factors_k M_k, matrices of one pattern.
/// \param constrained rows whose diagonal becomes `diagonal`, shape (num_owned)
/// \param out another matrix of the pattern. *Collective.*
void combine(std::span<const double> factors, std::span<const SparseMatrix* const> matrices,
             std::span<const std::uint8_t> constrained, double diagonal, SparseMatrix& out);

/// Number of negative eigenvalues of a symmetric matrix: that of negative pivots (Sylvester), by MUMPS. Exact for a
/// matrix within the backward error of the factorisation, about 1e-15 of its largest entries. *Collective.* \throws
/// sdk::Error of kind solver where the matrix cannot be factorised.
std::int64_t num_negative_eigenvalues(const SparseMatrix& A);

/// A symmetric matrix has no eigenvalue below 1e-13 after its rows and columns were scaled to a diagonal of ones, by a
/// count: so it has none below 0 either way, and none that round-off may have made of a 0. *Collective.* \throws as
/// num_negative_eigenvalues().
bool is_positive_definite(const SparseMatrix& A);

/// The smallest eigenvalue lies in [lower, value].
struct SmallestEigenvalue {
  double value = 0.0;          ///< Rayleigh quotient of `vector`, so never too small up to round-off
  double lower = 0.0;          ///< A - lower B has no negative eigenvalue, as counted, so never too large
  std::vector<double> vector;  ///< owned part; zero where `start` is, if A and B leave that subspace alone
};

/// Smallest eigenvalue of A v = lambda B v with A symmetric and B symmetric positive definite, by shift-and-invert
/// Krylov-Schur (SLEPc) with shifts that the count of negative eigenvalues keeps below all eigenvalues. Both ends hold
/// wherever the iteration stops; among eigenvalues that lie close together it starts again from a nearer shift.
/// Factorises about six times, up to a few dozen times where they are clustered, so it is for sizes that a direct
/// solver takes.
/// \param scale about the size of the eigenvalues: `lower` is within 1e-10 of it where all goes well
/// \param below first guess of a number below all eigenvalues
/// \param start not zero, shape (num_owned). *Collective.*
/// \throws sdk::Error of kind solver where no number below all eigenvalues is found.
SmallestEigenvalue smallest_eigenvalue(const SparseMatrix& A, const SparseMatrix& B, double scale, double below,
                                       std::span<const double> start);

/// About the largest |lambda| of A v = lambda B v: an estimate within a few per cent, never above it. *Collective.*
double spectral_radius(const SparseMatrix& A, const SparseMatrix& B, std::span<const double> start);

}  // namespace ansatz::linear
