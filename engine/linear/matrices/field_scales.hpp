#pragma once
/// Scales of equations and unknowns of several fields, so that no linear solve depends on the units of these.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/linear/matrices/field_norms.hpp"
#include "engine/linear/matrices/matrix.hpp"

namespace ansatz::linear {

/// diag(rows) A diag(columns), which keeps every bit of A.
struct FieldScales {
  std::vector<double> of_equations;   ///< (count) by field
  std::vector<double> rows, columns;  ///< (num_owned)
  std::vector<int> parts;             ///< (count) of each field the first one that blocks connect it with

  /// Where blocks do not connect all fields the matrix does not know what one unit is beside another: scales the part
  /// of each right-hand side to a size in [1, 2), and its unknowns back, so that the scaled matrix stays. *Collective.*
  void level(const base::Communicator& comm, const FieldsOfUnknowns& fields, std::span<const double> rhs);
};

/// Powers of two 2^a_f for equations and 2^c_f for unknowns of a field. With the largest row sums N_fg of |A| over the
/// block of the fields f and g, c minimises sum_fg (a_f + log2 N_fg + c_g)^2 over the blocks that are not zero, and a
/// brings the largest block in the equations of each field to about 1; where A is symmetric a = c by the same sum.
/// Other units, by powers of two, give the same scaled matrix bit for bit, up to a factor of all of it.
/// \param lone_rows that hold their diagonal alone: only scaled to size 1
/// \param fields `prescribed` is not used. *Collective.*
FieldScales field_scales(const SparseMatrix& A, const FieldsOfUnknowns& fields, std::span<const std::int32_t> lone_rows,
                         bool symmetric);

}  // namespace ansatz::linear
