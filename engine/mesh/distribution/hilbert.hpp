#pragma once
/// Order along a Hilbert curve.

#include <cstdint>
#include <span>
#include <vector>

namespace ansatz::mesh {

/// Permutation that lists points along a Hilbert curve through their bounding box; ties go to the lower `ids`.
/// J. Skilling, Programming the Hilbert curve, AIP Conf. Proc. 707 (2004).
/// \param points shape (num_points, dim), finite.
/// \param ids shape (num_points), distinct.
std::vector<std::int32_t> hilbert_order(std::span<const double> points, int dim, std::span<const std::int64_t> ids);

}  // namespace ansatz::mesh
