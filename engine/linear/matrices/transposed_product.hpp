#pragma once
/// Products with the transpose of a matrix, and the transpose itself.

#include <memory>
#include <span>

#include "engine/linear/matrices/matrix.hpp"

namespace ansatz::linear {

/// y = A^T x. Owned parts, shapes (num_owned), which must not overlap. *Collective.*
void multiply_transposed(const SparseMatrix& A, std::span<const double> x, std::span<double> y);

/// A^T, of a matrix whose pattern is that of its transpose. \throws sdk::Error of kind internal where it is not.
/// *Collective.*
std::unique_ptr<SparseMatrix> transposed(const SparseMatrix& A);

}  // namespace ansatz::linear
