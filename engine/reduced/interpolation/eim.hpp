#pragma once
/// Empirical interpolation (Barrault, Maday, Nguyen, Patera 2004), stabilised: the one kernel of the whole family.

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/interpolation/interpolation.hpp"
#include "engine/reduced/interpolation/selection.hpp"

namespace ansatz::reduced {

/// The norm over the entries in which the greedy choice looks for the worst snapshot.
enum class Pick {
  largest,  ///< entry; snapshot and entry are picked together
  sum,      ///< of magnitudes
  square    ///< sum of squares
};

/// When the greedy choice ends, and what it regards.
struct EimOptions {
  double tolerance = 0.0;  ///< of the largest remainder, relative to the largest entry of the snapshots
  int max_terms = std::numeric_limits<int>::max();  ///< snapshots picked in all
  double round_off = 50.0;  ///< remainder, in units of round-off of the largest entry, that is noise
  Pick pick =
      Pick::largest;  ///< any norm converges (arXiv 1508.05330); the entry picked is the largest of the snapshot
};

enum class EimStop { tolerance, size, round_off };
/// For logs: "tolerance", "size", "round-off".
const char* text(EimStop stop);

struct EimResult {
  EimStop stop = EimStop::round_off;
  double scale = 0.0;  ///< largest entry of all snapshots so far
  std::vector<double>
      remainders;  ///< largest remainder before each pick and after the last; a modulus for complex pairs
};

/// Entries are real, or halves of complex ones.
enum class Pairs {
  none,
  complex  ///< n rows of real parts, then n of imaginary ones; the q_k span a space closed under multiplication by i
};

/// Picks snapshots f_m and entries x_l by turns: the largest entry of what the terms so far leave of any snapshot, or
/// of that of the snapshot of which they leave most in another norm.
///
///   Eim eim(comm, keys);
///   eim.extend(tabulate(keys.size(), parameters, g), {.tolerance = 1e-8});
///   eim.online().weights(values_at_magic, lambda);   // g(mu, .) ~ sum_m lambda_m g(mu of picks()[m], .)
///
/// The residual operator v -> v - sum_k c_k q_k, B c = v|magic, is applied twice to whatever becomes a term, so B stays
/// unit triangular to round-off. All that is not entry by entry is replicated: picks, points and B are bit by bit the
/// same on any number of ranks. Entries of different units should be scaled to one size before.
class Eim {
 public:
  /// \param keys canonical number of each row of this rank, each on one rank only; for complex pairs of the n real
  /// parts, then of the n imaginary ones \throws sdk::Error of kind internal where a key repeats. *Collective.*
  Eim(base::Communicator comm, std::vector<std::int64_t> keys, Pairs pairs = Pairs::none);

  /// Picks from the columns of `snapshots` until the options say stop; terms there are stay. *Collective.*
  /// \param first_number of the columns, in picks() \throws sdk::Error of kind not_finite, internal (shape)
  EimResult extend(Block snapshots, const EimOptions& options, int first_number = 0);
  /// Makes one snapshot a term; false where nothing but round-off of it is left. *Collective.*
  bool extend(std::span<const double> snapshot, int number);

  int size() const { return online_.size(); }  ///< of the basis: twice the picks for complex pairs
  int terms() const { return pairs_ == Pairs::none ? size() : size() / 2; }  ///< snapshots picked
  /// Number of the snapshot of each term; for complex pairs each twice, the second time multiplied by i.
  const std::vector<int>& picks() const { return picks_; }
  const std::vector<MagicPoint>& magic() const { return magic_; }  ///< x_l, the same on every rank
  const Block& basis() const { return basis_; }  ///< q_k, largest entry 1 (complex pairs: sqrt 2 at most)
  const Interpolation& online() const { return online_; }
  const base::Communicator& comm() const { return comm_; }
  const std::vector<std::int64_t>& keys() const { return keys_; }

  /// Entries of each column at the magic points, shape (columns, size). *Collective.*
  Dense at_magic(const Block& columns) const;
  /// What the terms so far leave of a snapshot.
  struct Remainder {
    double largest = 0.0;  ///< entry
    double norm = 0.0;     ///< in the norm that was asked for
  };
  /// Of each snapshot, shape (columns). *Collective.*
  std::vector<Remainder> remainders(Block snapshots, Pick pick) const;
  /// Largest entry of each snapshot after the terms so far, shape (columns). *Collective.*
  std::vector<double> remainders(Block snapshots) const;

 private:
  using Rows = std::vector<std::vector<double>>;  ///< of each term, its coefficient in every column

  void check(const Block& snapshots, int first_number) const;
  void append_turned(Block& snapshots) const;
  MagicPoint partner(const MagicPoint& point) const;
  LargestEntry largest(const Block& columns, int count) const;
  LargestEntry largest_of(const Block& columns, int column) const;
  std::vector<double> norms(const Block& columns, int count, double largest, Pick pick) const;
  LargestEntry worst(const Block& columns, int count, const LargestEntry& largest, Pick pick) const;
  Rows reduce(Block& columns, int passes) const;
  void take(Block& remainders, Rows& coefficients, int column, const MagicPoint& point, int number);

  base::Communicator comm_;
  std::vector<std::int64_t> keys_;
  Pairs pairs_;
  double scale_ = 0.0;
  Block basis_;
  std::vector<MagicPoint> magic_;
  std::vector<int> picks_;
  Interpolation online_;
};

/// Snapshots of g(mu, x): evaluate(j, values) fills those of parameter j at this rank's points. Components of a vector
/// function are rows of their own. Shape (num_parameters, num_rows). *Collective* where `evaluate` is.
Block tabulate(std::size_t num_rows, int num_parameters,
               const std::function<void(int j, std::span<double> values)>& evaluate);

}  // namespace ansatz::reduced
