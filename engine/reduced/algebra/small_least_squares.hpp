#pragma once
/// Small dense least-squares problems, solved in place.

#include <span>

namespace ansatz::reduced {

/// min_c ||A c - b||_2 by Householder's QR. Allocates nothing.
/// \param A (m, n), column after column, overwritten
/// \param b (m), overwritten
/// \param c (n)
/// \returns false where A does not have full rank to working precision, or m < n.
bool least_squares_in_place(std::span<double> A, std::span<double> b, std::span<double> c);

}  // namespace ansatz::reduced
