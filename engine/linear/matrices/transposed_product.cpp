#include "engine/linear/matrices/transposed_product.hpp"

namespace ansatz::linear {

using base::petsc_check;

void multiply_transposed(const SparseMatrix& A, std::span<const double> x, std::span<double> y) {
  if (A.is_open())
    throw sdk::Error(sdk::ErrorKind::internal, "the matrix is used while its values are being written", "SparseMatrix");
  const auto from = base::vector_without_storage(A.comm().get(), A.pattern().num_owned);
  const auto to = base::vector_without_storage(A.comm().get(), A.pattern().num_owned);
  const base::PlacedArray given(from.get(), x.data()), result(to.get(), y.data());
  petsc_check(MatMultTranspose(A.get(), from.get(), to.get()), "multiplying with a transposed matrix");
}

}  // namespace ansatz::linear
