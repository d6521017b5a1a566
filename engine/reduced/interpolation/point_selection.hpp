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
  eim,     ///< the magic points, or the first of them
  q_deim,  ///< pivots of QR of the transposed basis (Drmac, Gugercin, SISC 38, 2016)
  s_opt    ///< S-optimality: columns as orthogonal and as long as can be (Shin, Xiu, SISC 38, 2016)
};

/// Leading columns of a basis, and how many points there are once these are served.
struct PointBlock {
  int columns = 0;
  int points = 0;  ///< those of the blocks before counted
};

/// Rows of the basis V to sample; ties go to the lowest key, so the choice does not depend on the number of ranks. Each
/// block goes on where the one before it ended: its points alone are a choice for its columns.
///
/// S-OPT takes, one after the other, the point that makes S(A) = (sqrt(det A^T A) / prod_j |A_j|)^(1/p) of the sampled
/// rows A largest; the first is the largest entry of column 1, and each point takes one more column into regard until
/// all of the block are there (Lauzon, Cheung, Shin, Choi, Copeland, Huynh, arXiv 2203.16494). Q-DEIM takes the largest
/// row of the block's columns once the rows of the points so far are projected out. Single rows and scalars are all
/// that is gathered.
/// \param keys canonical number of each row of this rank
/// \param basis orthonormal columns, shape (p, keys.size())
/// \param rule Q-DEIM or S-OPT
/// \param blocks ascending
/// \throws sdk::Error of kind parameter for more points than rows, more points than columns but for S-OPT, or dependent
/// columns. *Collective.*
std::vector<MagicPoint> select_points(const base::Communicator& comm, std::span<const std::int64_t> keys,
                                      const Block& basis, PointRule rule, std::span<const PointBlock> blocks);

/// Orthonormal columns whose leading ones span what those of Q span, by Cholesky's factors of Gram matrices summed in
/// no order: bit by bit the same on any number of ranks, orthonormal to 1e-6.
/// \param Q independent columns \throws sdk::Error of kind parameter where they are not. *Collective.*
Block orthonormal_columns(const base::Communicator& comm, Block Q);

}  // namespace ansatz::reduced
