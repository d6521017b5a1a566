#pragma once
/// Which model: by the error of samples that are left out.

#include <functional>

#include "regression.hpp"

namespace pod_regression {

/// What may be chosen from.
struct Choices {
  std::vector<Kernel> kernels = {Kernel::gauss, Kernel::matern52, Kernel::rational_quadratic};
  bool thin_plate = true;
  bool polynomial = true;
  std::vector<int> degrees = {0, 1};  ///< of the polynomial part beside a kernel
  double length = 0.0;                ///< in units of the inputs; 0: chosen
  double nugget = 0.0;                ///< 0: chosen
  bool length_by_input = true;        ///< lengths of their own where that is better
  int max_degree = 12;                ///< of polynomials alone
};

/// A model and how well it predicts.
struct Choice {
  Settings settings;
  double score = 0.0;  ///< root mean square of the weighted errors of left-out samples; infinite: none is determined
};

/// The settings with the smallest score. Deterministic: grids of lengths (factors of sqrt(2)) and nuggets (factors of
/// 10), then a pattern search in the logarithms of the lengths, one by one, whose steps shrink to 2^(1/8). \param
/// inputs (n, dim) within about [-1, 1] \param outputs (n, m) in an orthonormal basis of the outputs' space \param
/// weights (n) of the samples' errors
Choice select(const Matrix& inputs, const Matrix& outputs, std::span<const double> weights, const Choices& choices);

}  // namespace pod_regression
