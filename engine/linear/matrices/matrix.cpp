#include "engine/linear/matrices/matrix.hpp"

#include <algorithm>
#include <cmath>

#include "engine/base/narrow.hpp"

namespace ansatz::linear {
namespace {

using base::petsc_check;

constexpr const char* entries = "entries of the matrix on one rank";

void require(bool condition, const char* what) {
  if (!condition) throw sdk::Error(sdk::ErrorKind::internal, what, "SparseMatrix");
}

void check_rows(const std::vector<PetscInt>& offsets, const std::vector<PetscInt>& columns, std::int64_t num_rows,
                std::int64_t num_columns) {
  require(static_cast<std::int64_t>(offsets.size()) == num_rows + 1, "a pattern needs one offset more than rows");
  require(offsets.front() == 0 && offsets.back() == base::narrow<PetscInt>(columns.size(), entries),
          "a pattern's offsets do not match its columns");
  bool good = true;
  for (std::int64_t row = 0; row < num_rows; ++row) {
    require(offsets[row] <= offsets[row + 1], "a pattern's offsets decrease");
    PetscInt last = -1;
    for (PetscInt k = offsets[row]; k < offsets[row + 1]; ++k) {
      good &= columns[k] > last && columns[k] < num_columns;
      last = columns[k];
    }
  }
  require(good, "the columns of a pattern's row are out of range or do not ascend");
}

void check_pattern(const Pattern& pattern, std::int64_t first_global, std::int64_t num_global, int num_ranks,
                   int block_size) {
  require(pattern.first_global == first_global, "the ranks' rows are not numbered one rank after the other");
  require(block_size >= 1 && pattern.num_owned % block_size == 0, "the block size does not divide the number of rows");
  const auto& ghosts = pattern.ghost_global;
  require(num_ranks > 1 || ghosts.empty(), "ghosts on a single rank");
  for (std::size_t g = 0; g < ghosts.size(); ++g) {
    const bool owned = ghosts[g] >= first_global && ghosts[g] < first_global + pattern.num_owned;
    require(ghosts[g] >= 0 && ghosts[g] < num_global && !owned, "a ghost is owned or out of range");
    require(g == 0 || ghosts[g - 1] < ghosts[g], "the ghosts are not in ascending global order");
  }
  check_rows(pattern.diag_offsets, pattern.diag_columns, pattern.num_owned, pattern.num_owned);
  check_rows(pattern.ghost_offsets, pattern.ghost_columns, pattern.num_owned, static_cast<std::int64_t>(ghosts.size()));
}

/// The one or two sequential matrices a distributed one is made of; `ghost` may be null.
struct Parts {
  Mat diagonal = nullptr;
  Mat ghost = nullptr;
};

Parts parts(Mat matrix, int num_ranks) {
  Parts out;
  if (num_ranks == 1) {
    out.diagonal = matrix;
  } else {
    petsc_check(MatMPIAIJGetSeqAIJ(matrix, &out.diagonal, &out.ghost, nullptr), "reading the parts of a matrix");
  }
  return out;
}

template <class Change>
void change_values(Mat part, std::size_t count, const Change& change) {
  if (part == nullptr) return;
  PetscScalar* values = nullptr;
  petsc_check(MatSeqAIJGetArray(part, &values), "opening matrix values");
  change(std::span<double>(values, count));
  petsc_check(MatSeqAIJRestoreArray(part, &values), "closing matrix values");
}

void assemble(Mat matrix) {
  petsc_check(MatAssemblyBegin(matrix, MAT_FINAL_ASSEMBLY), "assembling a matrix");
  petsc_check(MatAssemblyEnd(matrix, MAT_FINAL_ASSEMBLY), "assembling a matrix");
}

}  // namespace

SparseMatrix::SparseMatrix(const base::Communicator& comm, std::shared_ptr<const Pattern> pattern, int block_size)
    : comm_(comm), pattern_(std::move(pattern)), block_size_(block_size) {
  const PetscInt num_owned = pattern_->num_owned;
  num_global_ = comm_.sum(std::int64_t{num_owned});
  const auto first_global = comm_.exclusive_scan(num_owned);
  const auto size =
      base::narrow<PetscInt>(num_global_, "unknowns", "this build of PETSc has 32-bit integers: use a coarser mesh");
  base::agree(comm_, [&] {
    check_pattern(*pattern_, first_global, num_global_, comm_.size(), block_size_);
    diagonal_values_.resize(pattern_->diag_columns.size());
    ghost_values_.resize(pattern_->ghost_columns.size());
    petsc_columns_.reserve(pattern_->ghost_columns.size() + 1);
    for (const PetscInt ghost : pattern_->ghost_columns) {
      petsc_columns_.push_back(static_cast<PetscInt>(pattern_->ghost_global[ghost]));
    }
  });
  // PETSc's interface is not const, but it never writes to these; it does write to petsc_columns_.
  auto* offsets = const_cast<PetscInt*>(pattern_->diag_offsets.data());
  auto* columns = const_cast<PetscInt*>(pattern_->diag_columns.data());
  auto* ghost_offsets = const_cast<PetscInt*>(pattern_->ghost_offsets.data());
  if (comm_.size() == 1) {
    petsc_check(MatCreateSeqAIJWithArrays(comm_.get(), num_owned, num_owned, offsets, columns, diagonal_values_.data(),
                                          matrix_.put()),
                "creating a matrix");
  } else {
    petsc_check(MatCreateMPIAIJWithSplitArrays(comm_.get(), num_owned, num_owned, size, size, offsets, columns,
                                               diagonal_values_.data(), ghost_offsets, petsc_columns_.data(),
                                               ghost_values_.data(), matrix_.put()),
                "creating a matrix");
  }
  petsc_check(MatSetBlockSize(matrix_.get(), block_size_), "setting the block size of a matrix");
  petsc_check(MatSetOption(matrix_.get(), MAT_NO_OFF_PROC_ENTRIES, PETSC_TRUE), "setting a matrix option");
  x_ = base::vector_without_storage(comm_.get(), num_owned);
  y_ = base::vector_without_storage(comm_.get(), num_owned);
}

std::int64_t SparseMatrix::num_nonzeros() const {
  return comm_.sum(static_cast<std::int64_t>(pattern_->diag_columns.size() + pattern_->ghost_columns.size()));
}

void SparseMatrix::begin_values() {
  open_ = true;
  weak_modes_.reset();
}

void SparseMatrix::end_values() {
  open_ = false;
  ++version_;
  // Opening and closing tells each part that derived data, such as inverted diagonals, is out of date.
  const Parts part = parts(matrix_.get(), comm_.size());
  change_values(part.diagonal, diagonal_values_.size(), [](std::span<double>) {});
  change_values(part.ghost, ghost_values_.size(), [](std::span<double>) {});
  assemble(matrix_.get());
}

void SparseMatrix::scale(std::span<const double> rows, std::span<const double> columns) {
  const base::PlacedArray left(y_.get(), rows.data()), right(x_.get(), columns.data());
  petsc_check(MatDiagonalScale(matrix_.get(), y_.get(), x_.get()), "scaling a matrix");
}

void SparseMatrix::multiply(std::span<const double> x_owned, std::span<double> y_owned) const {
  require(!open_, "the matrix is used while its values are being written");
  const base::PlacedArray x(x_.get(), x_owned.data()), y(y_.get(), y_owned.data());
  petsc_check(MatMult(matrix_.get(), x_.get(), y_.get()), "multiplying with a matrix");
}

void SparseMatrix::multiply_absolute(std::span<const double> x_owned, std::span<double> y_owned) const {
  base::MatHandle copy;
  petsc_check(MatDuplicate(matrix_.get(), MAT_COPY_VALUES, copy.put()), "copying a matrix");
  const auto to_absolute = [](std::span<double> values) {
    for (double& value : values) value = std::abs(value);
  };
  const Parts part = parts(copy.get(), comm_.size());
  change_values(part.diagonal, diagonal_values_.size(), to_absolute);
  change_values(part.ghost, ghost_values_.size(), to_absolute);
  std::vector<double> absolute(x_owned.begin(), x_owned.end());
  to_absolute(absolute);
  const base::PlacedArray x(x_.get(), absolute.data()), y(y_.get(), y_owned.data());
  petsc_check(MatMult(copy.get(), x_.get(), y_.get()), "multiplying with a matrix");
}

}  // namespace ansatz::linear
