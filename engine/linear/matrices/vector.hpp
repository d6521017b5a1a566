#pragma once
/// The few operations on distributed vectors that the solvers here need. Shapes (num_owned).

#include <cmath>
#include <span>

#include "engine/base/communicator.hpp"
#include "engine/base/vector_sum.hpp"

namespace ansatz::linear {

/// Sum over all ranks of a_i b_i, in a fixed order. *Collective.*
inline double dot(const base::Communicator& comm, std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return comm.sum(sum);
}

/// Euclidean norm over all ranks, in a fixed order. *Collective.*
inline double norm(const base::Communicator& comm, std::span<const double> a) { return std::sqrt(dot(comm, a, a)); }

using base::add_scaled;

}  // namespace ansatz::linear
