#pragma once
/// The largest eigenvalue of an operator that is symmetric in an inner product.

#include <functional>

#include "engine/reduced/algebra/inner_product.hpp"

namespace ansatz::reduced {

struct RitzValue {
  double value = 0.0;          ///< never above the largest eigenvalue, up to round-off
  std::vector<double> vector;  ///< |v|_X = 1
};

/// Lanczos' method with full orthogonalisation, until the residual is below `tolerance` of the value or for at most
/// `most_steps` steps.
/// \param apply out = C v, with (C v, w)_X = (v, C w)_X and C >= 0
/// \param start not zero. *Collective.*
RitzValue largest_eigenvalue(const InnerProduct& X, std::vector<double> start,
                             const std::function<void(std::span<const double> v, std::span<double> out)>& apply,
                             double tolerance, int most_steps = 150);

}  // namespace ansatz::reduced
