#include "engine/reduced/algebra/lift.hpp"

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/algebra/lapack.hpp"

namespace ansatz::reduced {
namespace {

void require_shape(bool good) {
  if (!good) throw sdk::Error(sdk::ErrorKind::internal, "reduced coordinates do not fit the basis", "lift");
}

}  // namespace

Block lift(const Block& basis, const Dense& C) {
  require_shape(basis.num_columns() == C.rows);
  Block out(basis.num_rows());
  const std::vector<double> zero_column(basis.num_rows(), 0.0);
  for (int j = 0; j < C.columns; ++j) out.append(zero_column);
  if (C.columns == 0 || C.rows == 0 || basis.num_rows() == 0) return out;
  const PetscBLASInt m = lapack::blas_int(basis.num_rows()), n = C.columns, k = C.rows;
  const double one = 1.0, zero = 0.0;
  BLASgemm_("N", "N", &m, &n, &k, &one, basis.values().data(), &m, C.values.data(), &k, &zero, out.column(0).data(),
            &m);
  return out;
}

void add_lifted(double scale, const Block& basis, std::span<const double> c, std::span<double> v) {
  require_shape(basis.num_columns() >= static_cast<int>(c.size()) && basis.num_rows() == v.size());
  for (int j = 0; j < static_cast<int>(c.size()); ++j) {
    const auto column = basis.column(j);
    const double factor = scale * c[j];
    for (std::size_t i = 0; i < v.size(); ++i) v[i] += factor * column[i];
  }
}

}  // namespace ansatz::reduced
