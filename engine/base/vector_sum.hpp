#pragma once
/// Sums of vectors.

#include <cstddef>
#include <span>

namespace ansatz::base {

/// y += s x. Not collective.
/// \param x shape (size)
/// \param y shape (size) or longer, whose rest stays
inline void add_scaled(double s, std::span<const double> x, std::span<double> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] += s * x[i];
}

/// The same of a term whose factor is often 0, as in tables of coefficients: then x is not read, and may be anything.
inline void add_term(double s, std::span<const double> x, std::span<double> y) {
  if (s != 0.0) add_scaled(s, x, y);
}

}  // namespace ansatz::base
