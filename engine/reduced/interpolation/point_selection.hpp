#pragma once
/// Where to look at functions of a given space: points chosen from a basis.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/interpolation/selection.hpp"

namespace ansatz::reduced {

enum class PointRule {
  deim,    ///< largest entry of what interpolation leaves of the next column (Chaturantabut, Sorensen, SISC 32, 2010)
  q_deim,  ///< pivots of QR of the transposed basis (Drmac, Gugercin, SISC 38, 2016)
  s_opt    ///< S-optimality: columns as orthogonal and as long as can be (Shin, Xiu, SISC 38, 2016)
};

/// Rows of the basis V to sample; ties go to the lowest key, so the choice does not depend on the number of ranks.
///
/// S-OPT takes, one after the other, the point that makes S(A) = (sqrt(det A^T A) / prod_j |A_j|)^(1/p) of the sampled
/// rows A largest; the first is the largest entry of column 1, and the first i points regard the first i columns alone
/// (Lauzon, Cheung, Shin, Choi, Copeland, Huynh, arXiv 2203.16494). Single rows and scalars are all that is gathered.
/// \param keys canonical number of each row of this rank
/// \param basis orthonormal columns, shape (p, keys.size())
/// \param num_points 0: as many as columns; more only for S-OPT
/// \throws sdk::Error of kind parameter for fewer points than columns, too many, or dependent columns. *Collective.*
std::vector<MagicPoint> select_points(const base::Communicator& comm, std::span<const std::int64_t> keys,
                                      const Block& basis, PointRule rule, int num_points = 0);

}  // namespace ansatz::reduced
