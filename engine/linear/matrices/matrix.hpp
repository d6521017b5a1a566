#pragma once
/// A distributed sparse matrix whose values are written in place by an assembler.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/base/index_map.hpp"
#include "engine/base/petsc.hpp"

namespace ansatz::linear {

/// Where a rank's rows of a square matrix may be non-zero, in two CSR parts: columns of owned unknowns and columns of
/// ghosts. Rows and owned columns are the unknowns [first_global, first_global + num_owned).
struct Pattern : base::IndexRange {
  std::vector<PetscInt> diag_offsets;   ///< (num_owned + 1)
  std::vector<PetscInt> diag_columns;   ///< owned numbers in [0, num_owned), ascending in each row
  std::vector<PetscInt> ghost_offsets;  ///< (num_owned + 1)
  std::vector<PetscInt> ghost_columns;  ///< positions in ghost_global, ascending in each row

  /// Position of a row's diagonal entry in diag_columns.
  std::size_t diagonal_position(std::int32_t row) const {
    const auto first = diag_columns.begin() + diag_offsets[row], last = diag_columns.begin() + diag_offsets[row + 1];
    return std::lower_bound(first, last, row) - diag_columns.begin();
  }
};

/// Vectors v_m that a matrix A maps to almost nothing, with what A does to them in all digits: its entries may have
/// lost it. Owned parts, shapes (modes)(num_owned), 0 at prescribed unknowns.
struct WeakModes {
  std::vector<std::vector<double>> vectors;   ///< v_m
  std::vector<std::vector<double>> images;    ///< A v_m
  std::vector<std::vector<double>> products;  ///< A^T v_m
  std::vector<std::int32_t> held;  ///< owned unknowns without which no v_m is left: one a mode over all ranks
};

/// Square matrix over a shared pattern; starts with all values zero.
///
///   SparseMatrix A(comm, pattern, 1);
///   A.begin_values();
///   fill(A.diagonal_values(), A.ghost_values());
///   A.end_values();
///
/// It stays where it is made (solvers and PETSc point into it) and must outlive the last solve with it.
class SparseMatrix {
 public:
  /// \param block_size unknowns per node when they are numbered node by node, otherwise 1; divides num_owned
  /// \throws sdk::Error of kind internal when the pattern is inconsistent. *Collective.*
  SparseMatrix(const base::Communicator& comm, std::shared_ptr<const Pattern> pattern, int block_size);
  SparseMatrix(const SparseMatrix&) = delete;
  SparseMatrix& operator=(const SparseMatrix&) = delete;

  /// Values in the order of pattern().diag_columns, writable between begin_values() and end_values(). Not collective.
  std::span<double> diagonal_values() { return diagonal_values_; }
  std::span<const double> diagonal_values() const { return diagonal_values_; }
  /// Values in the order of pattern().ghost_columns, writable like diagonal_values(). Not collective.
  std::span<double> ghost_values() { return ghost_values_; }
  std::span<const double> ghost_values() const { return ghost_values_; }

  /// A := diag(rows) A diag(columns). Shapes (num_owned). Between begin_values() and end_values(). *Collective.*
  void scale(std::span<const double> rows, std::span<const double> columns);

  /// Opens the values for writing; what they were is still there. Not collective.
  void begin_values();
  /// Closes the values: everything that uses the matrix sees the new ones. *Collective.*
  void end_values();

  /// y = A x. Shapes (num_owned), both owned parts; x and y must not overlap. *Collective.*
  void multiply(std::span<const double> x_owned, std::span<double> y_owned) const;

  /// y = |A| |x|, the size of the terms that A x adds up. Shapes as in multiply(). *Collective.*
  void multiply_absolute(std::span<const double> x_owned, std::span<double> y_owned) const;

  /// What the present values lost; forgotten by begin_values(). Not collective.
  void set_weak_modes(std::shared_ptr<const WeakModes> modes) { weak_modes_ = std::move(modes); }
  /// Null where there are none: the same on all ranks.
  const std::shared_ptr<const WeakModes>& weak_modes() const { return weak_modes_; }

  Mat get() const { return matrix_.get(); }
  const Pattern& pattern() const { return *pattern_; }
  const std::shared_ptr<const Pattern>& shared_pattern() const { return pattern_; }
  const base::Communicator& comm() const { return comm_; }
  int block_size() const { return block_size_; }
  /// True between begin_values() and end_values().
  bool is_open() const { return open_; }
  /// Counts the calls of end_values().
  std::int64_t version() const { return version_; }
  /// Number of rows over all ranks.
  std::int64_t num_global() const { return num_global_; }
  /// Number of places of its pattern over all ranks. *Collective.*
  std::int64_t num_nonzeros() const;

 private:
  base::Communicator comm_;
  std::shared_ptr<const Pattern> pattern_;
  int block_size_ = 1;
  std::int64_t num_global_ = 0;
  std::int64_t version_ = 0;
  bool open_ = false;
  std::vector<double> diagonal_values_;
  std::vector<double> ghost_values_;
  std::vector<PetscInt> petsc_columns_;  ///< of the ghost part; PETSc renumbers them in place
  base::MatHandle matrix_;
  base::VecHandle x_, y_;  ///< without storage of their own
  std::shared_ptr<const WeakModes> weak_modes_;
};

}  // namespace ansatz::linear
