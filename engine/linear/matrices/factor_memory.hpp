#pragma once
/// The memory that a direct solver would take, beside what there is.

#include "engine/base/communicator.hpp"
#include "engine/base/petsc.hpp"

namespace ansatz::linear {

/// The largest need and the least free memory of all nodes.
struct Memory {
  double needed = 0.0;  ///< [B] by all ranks on a node
  double free = 0.0;    ///< [B]

  /// With a fifth left for what is not predicted.
  bool fits() const { return needed <= 0.8 * free; }
};

/// What MUMPS predicts from the pattern of a matrix, after its analysis. *Collective.*
Memory predicted_factor(const base::Communicator& comm, Mat matrix, bool symmetric);

/// Of the node, and within the limits of this process's control group; without an answer of the system infinite. [B]
double free_memory();

}  // namespace ansatz::linear
