#include "engine/fem/assembly/element_matrix.hpp"

namespace ansatz::fem {

AddBlock select_add_block(int dim, int test_nodes, int trial_nodes) {
  const int n = test_nodes == trial_nodes ? test_nodes : 0;
  if (dim == 1) return n == 2 ? add_block<1, 2> : (n == 3 ? add_block<1, 3> : add_block<1, 0>);
  if (dim == 2) {
    switch (n) {
      case 3:
        return add_block<2, 3>;
      case 4:
        return add_block<2, 4>;
      case 6:
        return add_block<2, 6>;
      case 9:
        return add_block<2, 9>;
      default:
        return add_block<2, 0>;
    }
  }
  switch (n) {
    case 4:
      return add_block<3, 4>;
    case 6:
      return add_block<3, 6>;
    case 8:
      return add_block<3, 8>;
    case 10:
      return add_block<3, 10>;
    case 18:
      return add_block<3, 18>;
    case 27:
      return add_block<3, 27>;
    default:
      return add_block<3, 0>;
  }
}

std::vector<BlockParts> block_parts(const sdk::FormStructure& structure, sdk::JacobianWeights weights, int dim,
                                    int components) {
  const int slots = components * (1 + dim);
  std::vector<BlockParts> parts(std::size_t(components) * components);
  for (int out = 0; out < components; ++out) {
    for (int in = 0; in < components; ++in) {
      BlockParts& p = parts[out * components + in];
      const auto has = [&](int slot, int bit) { return (structure.depends[out * (1 + dim) + slot] >> bit & 1U) != 0; };
      for (int s = 0; s <= dim; ++s) {
        const bool value =
            (weights.state != 0.0 && has(s, in * (1 + dim))) || (weights.rate != 0.0 && has(s, slots + in));
        bool gradient = false;
        for (int j = 0; j < dim; ++j) gradient |= weights.state != 0.0 && has(s, in * (1 + dim) + 1 + j);
        (s == 0 ? p.value_value : p.gradient_value) |= value;
        (s == 0 ? p.value_gradient : p.gradient_gradient) |= gradient;
      }
    }
  }
  return parts;
}

void add_stabilised_block(int dim, Lanes w, const Lanes* d, int d_stride, const BasisAt& test, const BasisAt& trial,
                          const Lanes* hessians, Lanes* k, int row_stride, int column_stride) {
  const int nh = dim * (dim + 1) / 2;
  std::array<Lanes, 4> t;
  for (int b = 0; b < trial.num_nodes; ++b) {
    for (int s = 0; s <= dim; ++s) {
      const Lanes* row = d + s * d_stride;
      t[s] = row[0] * trial.values[b];
      for (int j = 0; j < dim; ++j) t[s] += row[1 + j] * trial.gradients[b * dim + j];
      for (int h = 0; h < nh; ++h) t[s] += row[1 + dim + h] * hessians[b * nh + h];
      t[s] *= w;
    }
    for (int a = 0; a < test.num_nodes; ++a) {
      Lanes sum = t[0] * test.values[a];
      for (int j = 0; j < dim; ++j) sum += t[1 + j] * test.gradients[a * dim + j];
      k[a * row_stride + b * column_stride] += sum;
    }
  }
}

}  // namespace ansatz::fem
