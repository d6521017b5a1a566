#pragma once
/// Exponentials of small dense matrices.

#include <vector>

namespace ansatz::time {

/// e^A by scaling and squaring with the Pade approximant of degree 13 (Higham 2005).
/// \param A shape (n, n), column after column
/// \throws sdk::Error of kind not_finite where A or the result is not finite.
std::vector<double> exponential(std::vector<double> A, std::size_t n);

}  // namespace ansatz::time
