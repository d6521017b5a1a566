#include "engine/fem/element_matrix.hpp"

namespace ansatz::fem {

AddBlock select_add_block(int dim, int test_nodes, int trial_nodes) {
  const int n = test_nodes == trial_nodes ? test_nodes : 0;
  if (dim == 1) return n == 2 ? add_block<1, 2> : (n == 3 ? add_block<1, 3> : add_block<1, 0>);
  if (dim == 2) {
    switch (n) {
      case 3: return add_block<2, 3>;
      case 4: return add_block<2, 4>;
      case 6: return add_block<2, 6>;
      case 9: return add_block<2, 9>;
      default: return add_block<2, 0>;
    }
  }
  switch (n) {
    case 4: return add_block<3, 4>;
    case 8: return add_block<3, 8>;
    case 10: return add_block<3, 10>;
    case 27: return add_block<3, 27>;
    default: return add_block<3, 0>;
  }
}

}  // namespace ansatz::fem
