#pragma once
/// Inputs and outputs of one evaluation of a physics at a point. Included by physics.hpp.

#include <array>

#include "ansatz/sdk/physics.hpp"

namespace ansatz::sdk::detail {

constexpr int num_hessian(int dim) { return dim * (dim + 1) / 2; }

/// Position of d^2/dx_i dx_j in the order xx, (yy, xy), (yy, zz, xy, yz, xz).
constexpr int hessian_entry(int dim, int i, int j) {
  if (i == j) return i;
  if (dim == 2) return 2;
  return i + j == 1 ? 3 : (i + j == 3 ? 4 : 5);
}

/// Inputs and outputs of one evaluation at scalar S.
template <class S, int dim>
struct Evaluation {
  Point<S, dim> point;
  std::array<S, max_components> values, rates;
  std::array<S, max_components * dim> gradients;
  std::array<S, max_coefficients> coefficients;
  std::array<S, max_parameters> parameters;
  std::array<S, max_data> data;
  std::array<S, max_components> f0, g0;
  std::array<S, max_components * dim> f1, g1;
  std::array<int, max_coefficients> varying;  ///< coefficients that change from point to point and with what is seeded
  std::array<int, max_coefficients> given;    ///< those that change from point to point alone: plain numbers
  int num_varying = 0, num_given = 0;

  Evaluation() {
    point.values = values.data();
    point.gradients = gradients.data();
    point.rates = rates.data();
    point.coefficients = coefficients.data();
    point.normal = Vec<S, dim>::zero();
    point.cell_size = S(0.0);
  }
  Evaluation(const Evaluation&) = delete;

  Weak<S, dim> weak(int components) {
    for (int c = 0; c < components; ++c) f0[c] = g0[c] = S(0.0);
    for (int c = 0; c < components * dim; ++c) f1[c] = g1[c] = S(0.0);
    Weak<S, dim> r;
    r.values = f0.data();
    r.fluxes = f1.data();
    r.nonstiff.values = g0.data();
    r.nonstiff.fluxes = g1.data();
    return r;
  }
};

}  // namespace ansatz::sdk::detail
