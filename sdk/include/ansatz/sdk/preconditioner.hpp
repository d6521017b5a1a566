#pragma once
/// Preconditioners of the engine's Krylov solvers, and the numbers in them that may be chosen anew for each solve.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/communicator.hpp"
#include "ansatz/sdk/parameters.hpp"

namespace ansatz::sdk {

/// This rank's rows of a square matrix A in two CSR parts: columns of owned unknowns, numbered from 0, and columns of
/// ghosts, unknowns that other ranks own. Columns ascend in each row. Valid during the call that it is given to.
struct MatrixView {
  std::int64_t first_global = 0;  ///< number of this rank's first unknown among those of all ranks
  int block_size = 1;             ///< unknowns of a node, where they are numbered node by node
  bool symmetric = false;
  std::span<const std::int32_t> offsets, columns;  ///< (rows() + 1), (nonzeros)
  std::span<const double> values;                  ///< (nonzeros)
  std::span<const std::int32_t> ghost_offsets, ghost_columns;
  std::span<const double> ghost_values;
  std::span<const std::int64_t> ghost_global;  ///< number of each ghost among the unknowns of all ranks, ascending

  std::int32_t rows() const { return offsets.empty() ? 0 : static_cast<std::int32_t>(offsets.size()) - 1; }
  /// A_ii, 0 where the row has no such entry.
  double diagonal(std::int32_t row) const;
};

/// What a preconditioner is for a symmetric positive definite matrix.
struct PreconditionerTraits {
  bool linear = true;     ///< B(a r + s) = a B r + B s; where not, fgmres alone can use it
  bool symmetric = true;  ///< B is symmetric and positive definite; where not, cg and minres cannot use it
};

/// A number that may be chosen anew for each solve, such as a relaxation factor.
struct Knob {
  std::string name;
  double low = 0.0, high = 1.0;  ///< it may be any number from `low` to `high`
  double initial = 0.5;          ///< where nothing chooses
  bool logarithmic = false;      ///< what counts are its ratios; then low > 0
};

/// z = B r with B near the inverse of a matrix A. Its type has a constructor from a communicator, whose ranks share the
/// matrix, and the options of the case. Vectors are owned parts, shape (rows).
///
/// Functions marked as collective are called on all ranks, and an error that one rank throws ends all; where it
/// communicates by itself, what may fail on one rank alone goes into agree() before.
class Preconditioner {
 public:
  virtual ~Preconditioner();
  /// The same in every call and on all ranks.
  virtual PreconditionerTraits traits() const = 0;
  /// Prepares for a matrix: of its values alone, never of earlier ones, so that a restarted run repeats itself.
  /// \throws Error of kind solver where there is none for this matrix. *Collective.*
  virtual void set_up(const MatrixView& matrix) = 0;
  /// z = B r; what is not finite is an error of the engine.
  /// \param z out, every entry. *Collective.*
  virtual void apply(std::span<const double> r, std::span<double> z) = 0;

  /// The same in every call and on all ranks.
  virtual std::vector<Knob> knobs() const { return {}; }
  /// Values that count from the next apply() on, before and after a set_up().
  /// \param values shape (knobs), within their ranges. Not collective, but the same on all ranks.
  virtual void set_knobs(std::span<const double> /*values*/) {}
};

/// \param options what the case says in [linear.NAME]. *Collective.*
using PreconditionerFactory =
    std::function<std::unique_ptr<Preconditioner>(const Communicator& comm, const ParameterSet& options)>;

}  // namespace ansatz::sdk
