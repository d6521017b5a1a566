#include "engine/linear/matrices/transposed_product.hpp"

#include <algorithm>

namespace ansatz::linear {

using base::petsc_check;

namespace {

/// Adds the entries `columns` of a row, global numbers, where the pattern has them. \returns whether it has all that
/// are not 0.
bool write_row(std::int32_t row, std::span<const PetscInt> columns, const PetscScalar* values, SparseMatrix& out) {
  const auto& pattern = out.pattern();
  const auto write = [&](const auto& of, const auto& offsets, PetscInt wanted, std::span<double> into, double value) {
    const auto first = of.begin() + offsets[row], last = of.begin() + offsets[row + 1];
    const auto at = std::lower_bound(first, last, wanted);
    if (at == last || *at != wanted) return value == 0.0;
    into[static_cast<std::size_t>(at - of.begin())] = value;
    return true;
  };
  bool complete = true;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const std::int64_t column = columns[k], own = column - pattern.first_global;
    if (own >= 0 && own < pattern.num_owned) {
      complete &= write(pattern.diag_columns, pattern.diag_offsets, static_cast<PetscInt>(own), out.diagonal_values(),
                        values[k]);
      continue;
    }
    const auto at = std::ranges::lower_bound(pattern.ghost_global, column);
    complete &= at != pattern.ghost_global.end() && *at == column
                    ? write(pattern.ghost_columns, pattern.ghost_offsets,
                            static_cast<PetscInt>(at - pattern.ghost_global.begin()), out.ghost_values(), values[k])
                    : values[k] == 0.0;
  }
  return complete;
}

}  // namespace

std::unique_ptr<SparseMatrix> transposed(const SparseMatrix& A) {
  base::MatHandle transpose;
  petsc_check(MatTranspose(A.get(), MAT_INITIAL_MATRIX, transpose.put()), "transposing a matrix");
  auto out = std::make_unique<SparseMatrix>(A.comm(), A.shared_pattern(), A.block_size());
  out->begin_values();
  base::agree(A.comm(), [&] {
    bool complete = true;
    for (std::int32_t row = 0; row < A.pattern().num_owned; ++row) {
      const auto global = static_cast<PetscInt>(A.pattern().first_global + row);
      PetscInt count = 0;
      const PetscInt* columns = nullptr;
      const PetscScalar* values = nullptr;
      petsc_check(MatGetRow(transpose.get(), global, &count, &columns, &values), "reading a row of a matrix");
      complete &= write_row(row, {columns, static_cast<std::size_t>(count)}, values, *out);
      petsc_check(MatRestoreRow(transpose.get(), global, &count, &columns, &values), "reading a row of a matrix");
    }
    if (!complete) throw sdk::Error(sdk::ErrorKind::internal, "the pattern of a matrix is not symmetric", "transposed");
  });
  out->end_values();
  return out;
}

void multiply_transposed(const SparseMatrix& A, std::span<const double> x, std::span<double> y) {
  if (A.is_open())
    throw sdk::Error(sdk::ErrorKind::internal, "the matrix is used while its values are being written", "SparseMatrix");
  const auto from = base::vector_without_storage(A.comm().get(), A.pattern().num_owned);
  const auto to = base::vector_without_storage(A.comm().get(), A.pattern().num_owned);
  const base::PlacedArray given(from.get(), x.data()), result(to.get(), y.data());
  petsc_check(MatMultTranspose(A.get(), from.get(), to.get()), "multiplying with a transposed matrix");
}

}  // namespace ansatz::linear
