#pragma once
/// Products with the transpose of a matrix.

#include <span>

#include "engine/linear/matrices/matrix.hpp"

namespace ansatz::linear {

/// y = A^T x. Owned parts, shapes (num_owned), which must not overlap. *Collective.*
void multiply_transposed(const SparseMatrix& A, std::span<const double> x, std::span<double> y);

}  // namespace ansatz::linear
