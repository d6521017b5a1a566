#pragma once
/// Proper orthogonal decomposition of distributed snapshots in an inner product X.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/algebra/dense.hpp"
#include "engine/reduced/algebra/inner_product.hpp"

namespace ansatz::reduced {

/// How many modes to keep: as few as meet the tolerance, at most num_modes, and none that is round-off: not
/// above s_1 eps times the number of snapshots, nor a few times InnerProduct::round_off of the snapshots.
struct PodOptions {
  double tolerance = 0.0;  ///< tail <= tolerance energy (see Pod); 0: no tail above round-off
  int num_modes = 0;       ///< at most; 0: no limit
};

/// S = sum_i s_i modes_i v_i^T + what was left out. Each mode's sign makes the snapshot with the largest share in it
/// (the first of those within 1e-6) take part with a positive coefficient, so that signs do not depend on the number of
/// ranks.
struct Pod {
  Block modes;                          ///< X-orthonormal
  std::vector<double> singular_values;  ///< s, descending; more than there are modes where they are known
  Dense coefficients;                   ///< (modes, snapshots): modes^T X S = diag(s) V^T
  double energy = 0.0;                  ///< ||S||: root of the sum of ||snapshot||_X^2
  double tail = 0.0;  ///< ||S - projection on the modes||, root of the sum of squares; see the functions
};

/// POD by orthonormalisation and SVD of the triangular factor: singular values with errors of eps s_1, not sqrt(eps)
/// s_1 as from the Gram matrix of the method of snapshots. `tail` is exact up to round-off. \throws sdk::Error of kind
/// parameter for fewer snapshots than options.num_modes or a wrong tolerance, of kind not_finite for snapshots that are
/// not finite. *Collective.*
Pod pod(const InnerProduct& X, Block snapshots, const PodOptions& options);

/// POD of snapshots that come one after the other and are not kept: Gram-Schmidt (twice) against a tall basis Q and SVD
/// of a small core, S = Q M diag(s) V^T (Brand, Linear Algebra Appl. 415, 2006). Q is multiplied with M and
/// re-orthonormalised only where it has more than three times as many columns as there are singular values.
class IncrementalPod {
 public:
  /// \param drop singular values below drop s_1 are forgotten at once; what that loses is in the result's tail
  /// \throws sdk::Error of kind parameter for `drop` outside [0, 1)
  IncrementalPod(InnerProduct X, std::size_t num_rows, double drop = 1e-15);

  /// \throws sdk::Error of kind not_finite. *Collective.*
  void add(std::span<const double> snapshot);
  /// Of all snapshots so far. `tail` is an upper bound: what was dropped in each step is added up. Throws as pod().
  /// *Collective.*
  Pod result(const PodOptions& options) const;

 private:
  void collapse();

  InnerProduct X_;
  double drop_;
  Block Q_;
  Dense M_;  ///< (Q columns, singular values)
  std::vector<double> s_;
  std::vector<std::vector<double>> coordinates_;  ///< of each snapshot in the columns of Q that there were then
  std::vector<double> row_squares_;               ///< sums over the snapshots
  double energy_squared_ = 0.0;
  double dropped_ = 0.0;
};

/// How randomised_pod() samples.
struct RandomisedOptions {
  std::uint64_t seed = 1;
  int block = 8;             ///< random vectors added at a time
  int oversampling = 8;      ///< directions beyond num_modes
  int power_iterations = 1;  ///< sharpen the range where singular values decay slowly
};

/// POD by a random range finder with blocks (Halko, Martinsson, Tropp, SIAM Review 53, 2011, algorithms 4.2 and 5.1):
/// only as many directions as the tolerance or num_modes ask for are ever orthonormalised.
///
/// `tail` bounds what was left out, with probability >= 1 - 2.1e-6 for each block that was added: 20 Gaussian vectors w
/// that had no part in the basis Q give ||S - Q Q^T X S|| <= 3 sqrt(mean ||(I - Q Q^T X) S w||_X^2). A sum of squares
/// with weights has a chance of at most (t e^(1-t))^10 to be below t = 1/9 of its expectation (Chernoff; the worst case
/// is a single singular value). Throws as pod(). *Collective.*
Pod randomised_pod(const InnerProduct& X, const Block& snapshots, const PodOptions& options,
                   const RandomisedOptions& randomised = {});

}  // namespace ansatz::reduced
