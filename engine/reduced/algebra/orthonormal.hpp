#pragma once
/// Orthonormal bases of distributed vectors in an inner product X.

#include <span>
#include <vector>

#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/algebra/dense.hpp"
#include "engine/reduced/algebra/inner_product.hpp"

namespace ansatz::reduced {

/// v = sum_i coefficients_i q_i + remainder w, with w orthogonal to all q_i and ||w||_X = 1.
struct Orthogonalised {
  std::vector<double> coefficients;  ///< (basis columns)
  double remainder = 0.0;            ///< ||v - sum_i coefficients_i q_i||_X
  bool dependent = false;            ///< remainder <= tolerance ||v||_X or within a few times X.round_off(v), or v = 0
};

/// Default of the tolerance below.
inline constexpr double dependence_tolerance = 1e-13;

/// v := w, or zero where v is dependent on the basis: block Gram-Schmidt in X, twice (a third time where the second
/// pass still took half of the vector away).
/// \param basis X-orthonormal
/// \param tolerance relative to ||v||_X
/// \throws sdk::Error of kind not_finite where v is not finite. *Collective.*
Orthogonalised orthogonalise(const InnerProduct& X, const Block& basis, std::span<double> v,
                             double tolerance = dependence_tolerance);

/// S = Q R with Q^T X Q = I.
struct Orthonormalised {
  Block Q;  ///< k <= min(columns of S, rows over all ranks) columns
  Dense R;  ///< (k, columns of S)
};

/// Orthonormalises the columns of S.
///
/// X diagonal: TSQR of W^1/2 S, one QR a rank and one of the stacked factors in rank order (Demmel, Grigori, Hoemmen,
/// Langou, SIAM J. Sci. Comput. 34, 2012), k = min(columns, rows over all ranks), also where S is rank-deficient.
/// X a matrix: CholeskyQR in X, repeated and shifted as far as needed (Fukaya, Kannan, Nakatsukasa, Yamamoto,
/// Yanagisawa, SIAM J. Sci. Comput. 42, 2020), and Gram-Schmidt without the dependent columns where S is
/// rank-deficient. The result repeats bit by bit for a number of ranks. Needs n^2 numbers of each rank on every rank.
/// \throws sdk::Error of kind not_finite where S is not finite. *Collective.*
Orthonormalised orthonormalise(const InnerProduct& X, Block S);

}  // namespace ansatz::reduced
