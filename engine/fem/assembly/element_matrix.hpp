#pragma once
/// Contraction of pointwise derivatives with test and trial bases into element matrices.

#include <vector>

#include "ansatz/sdk/physics_interface.hpp"
#include "engine/fem/assembly/batches.hpp"

namespace ansatz::fem {

/// Which parts of one component block of the pointwise derivative may be non-zero (test side first).
struct BlockParts {
  bool value_value = false, value_gradient = false, gradient_value = false, gradient_gradient = false;
  bool any() const { return value_value || value_gradient || gradient_value || gradient_gradient; }
};

/// By out and in component: which parts of the derivative may be non-zero for these weights. Shape (components,
/// components).
std::vector<BlockParts> block_parts(const sdk::FormStructure& structure, sdk::JacobianWeights weights, int dim,
                                    int components);

/// One basis at one point.
struct BasisAt {
  int num_nodes;
  const double* values;    ///< (num_nodes)
  const Lanes* gradients;  ///< (num_nodes, dim)
};

/// K[a][b] += w (test_a, grad test_a) . D . (trial_b, grad trial_b) for one pair of components.
/// \param d entry (out slot s, in slot t) at d[s * d_stride + t]
/// \param k entry (a, b) at k[a * row_stride + b * column_stride]
template <int dim, int nodes>
void add_block(const BlockParts& parts, Lanes w, const Lanes* d, int d_stride, const BasisAt& test,
               const BasisAt& trial, Lanes* k, int row_stride, int column_stride) {
  const int na = nodes > 0 ? nodes : test.num_nodes;
  const int nb = nodes > 0 ? nodes : trial.num_nodes;
  const bool test_value = parts.value_value || parts.value_gradient;
  const bool test_gradient = parts.gradient_value || parts.gradient_gradient;
  for (int b = 0; b < nb; ++b) {
    const Lanes* gb = trial.gradients + b * dim;
    Lanes t0(0.0);
    std::array<Lanes, dim> t;
    if (parts.value_value) t0 += d[0] * trial.values[b];
    if (parts.value_gradient) {
      for (int j = 0; j < dim; ++j) t0 += d[1 + j] * gb[j];
    }
    t0 *= w;
    for (int i = 0; i < dim; ++i) {
      const Lanes* row = d + (1 + i) * d_stride;
      Lanes sum(0.0);
      if (parts.gradient_value) sum += row[0] * trial.values[b];
      if (parts.gradient_gradient) {
        for (int j = 0; j < dim; ++j) sum += row[1 + j] * gb[j];
      }
      t[i] = sum * w;
    }
    for (int a = 0; a < na; ++a) {
      Lanes& entry = k[a * row_stride + b * column_stride];
      Lanes sum = entry;
      if (test_value) sum += t0 * test.values[a];
      if (test_gradient) {
        const Lanes* ga = test.gradients + a * dim;
        for (int i = 0; i < dim; ++i) sum += t[i] * ga[i];
      }
      entry = sum;
    }
  }
}

using AddBlock = void (*)(const BlockParts&, Lanes, const Lanes*, int, const BasisAt&, const BasisAt&, Lanes*, int,
                          int);

/// K[a][b] += w (test_a, grad test_a) . D . (trial_b, grad trial_b, hessian trial_b) for one pair of components.
/// \param d entry (out slot s, in entry t) at d[s * d_stride + t]
/// \param hessians of the trial basis: (num_nodes, num_hessian)
/// \param k as for add_block()
void add_stabilised_block(int dim, Lanes w, const Lanes* d, int d_stride, const BasisAt& test, const BasisAt& trial,
                          const Lanes* hessians, Lanes* k, int row_stride, int column_stride);

/// The instance with static sizes for this dimension and number of nodes, or the run-time-sized one.
AddBlock select_add_block(int dim, int test_nodes, int trial_nodes);

}  // namespace ansatz::fem
