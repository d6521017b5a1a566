#include "engine/reduced/algebra/orthonormal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/reduced/algebra/lapack.hpp"
#include "engine/reduced/algebra/lift.hpp"

namespace ansatz::reduced {
namespace {

using sdk::Error;
using sdk::ErrorKind;

constexpr double eps = std::numeric_limits<double>::epsilon();

Block block_of(std::span<const double> v) {
  Block out(v.size());
  out.append(v);
  return out;
}

void require_finite(const base::Communicator& comm, std::span<const double> values) {
  base::agree(comm, [&] {
    const bool finite = std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
    if (!finite) {
      throw Error(ErrorKind::not_finite, "a vector to be orthonormalised has an entry that is not a finite number",
                  "orthonormalise", "look for a snapshot whose solve failed");
    }
  });
}

/// Divides row i of this rank by sqrt(w_i), or multiplies.
void scale_rows(const InnerProduct& X, Block& S, bool divide) {
  if (X.weights().empty()) return;
  for (int j = 0; j < S.num_columns(); ++j) {
    const auto column = S.column(j);
    for (std::size_t i = 0; i < column.size(); ++i) {
      const double root = std::sqrt(X.weights()[i]);
      column[i] = divide ? column[i] / root : column[i] * root;
    }
  }
}

/// R factors of all ranks, one below the other in rank order, and the first row of this rank's.
struct Stack {
  Dense factors;
  int first = 0;
};

Stack stack(const base::Communicator& comm, const Dense& R) {
  const auto rows = comm.all_gather(R.rows);
  const auto values = comm.gather_all(std::span<const double>(R.values));
  int total = 0;
  for (const auto count : rows) total += static_cast<int>(count);
  Stack out{Dense(total, R.columns)};
  int first = 0;
  std::size_t at = 0;
  for (int r = 0; r < comm.size(); ++r) {
    if (r == comm.rank()) out.first = first;
    for (int j = 0; j < R.columns; ++j) {
      for (int i = 0; i < rows[r]; ++i) out.factors(first + i, j) = values[at++];
    }
    first += static_cast<int>(rows[r]);
  }
  return out;
}

Orthonormalised tsqr(const InnerProduct& X, Block S) {
  scale_rows(X, S, false);
  Dense local(static_cast<int>(lapack::blas_int(S.num_rows())), S.num_columns());
  local.values = S.values();
  const Qr mine = qr(std::move(local));
  const auto all = stack(X.comm(), mine.R);
  Qr top = qr(all.factors);
  Dense share(mine.R.rows, top.Q.columns);
  for (int j = 0; j < share.columns; ++j) {
    for (int i = 0; i < share.rows; ++i) share(i, j) = top.Q(all.first + i, j);
  }
  const Dense Q = multiply(mine.Q, share);
  Orthonormalised out{Block(S.num_rows()), std::move(top.R)};
  for (int j = 0; j < Q.columns; ++j) out.Q.append(Q.column(j));
  scale_rows(X, out.Q, true);
  return out;
}

/// Q := Q R^-1.
void divide_right(Block& Q, const Dense& R) {
  if (Q.num_rows() == 0 || R.rows == 0) return;
  const PetscBLASInt rows = lapack::blas_int(Q.num_rows()), n = R.rows;
  const double one = 1.0;
  BLAStrsm_("R", "U", "N", "N", &rows, &n, &one, R.values.data(), &n, Q.column(0).data(), &rows);
}

double distance_from_identity(const Dense& G) {
  double largest = 0.0;
  for (int j = 0; j < G.columns; ++j) {
    for (int i = 0; i < G.rows; ++i) largest = std::max(largest, std::abs(G(i, j) - (i == j ? 1.0 : 0.0)));
  }
  return largest;
}

/// Cholesky factor of G with the smallest of a few multiples of the round-off level added to its diagonal that gives
/// one.
Dense shifted_cholesky(const Dense& G) {
  double largest = 0.0;
  for (int i = 0; i < G.rows; ++i) largest = std::max(largest, G(i, i));
  for (const double factor : {0.0, 10.0, 1e3, 1e5}) {
    Dense shifted = G;
    for (int i = 0; i < G.rows; ++i) shifted(i, i) += factor * G.rows * eps * largest;
    Dense R = cholesky(std::move(shifted));
    if (R.rows == G.rows) return R;
  }
  return {};
}

/// S = Q R by repeated CholeskyQR, or Q without columns where S is rank-deficient to working precision.
Orthonormalised cholesky_qr(const InnerProduct& X, const Block& S) {
  const int n = S.num_columns();
  Orthonormalised out{S, Dense(n, n)};
  for (int j = 0; j < n; ++j) {
    const double norm = X.norm(out.Q.column(j));
    out.R(j, j) = norm > 0.0 ? norm : 1.0;
    for (double& value : out.Q.column(j)) value /= out.R(j, j);
  }
  for (int pass = 0; pass < 6; ++pass) {
    const Dense G = X.gram(out.Q, out.Q);
    const bool last = distance_from_identity(G) < 1e-3;  // the next pass leaves round-off only
    const Dense factor = shifted_cholesky(G);
    if (factor.rows < n) break;
    divide_right(out.Q, factor);
    out.R = multiply(factor, out.R);
    if (last) return out;
  }
  return {Block(S.num_rows()), Dense()};
}

Orthonormalised gram_schmidt(const InnerProduct& X, Block S) {
  const int n = S.num_columns();
  Orthonormalised out{Block(S.num_rows()), Dense()};
  std::vector<std::vector<double>> columns;
  for (int j = 0; j < n; ++j) {
    auto result = orthogonalise(X, out.Q, S.column(j));
    if (!result.dependent) {
      out.Q.append(S.column(j));
      result.coefficients.push_back(result.remainder);
    }
    columns.push_back(std::move(result.coefficients));
  }
  out.R = Dense(out.Q.num_columns(), n);
  for (int j = 0; j < n; ++j) std::copy(columns[j].begin(), columns[j].end(), out.R.column(j).begin());
  return out;
}

}  // namespace

Orthogonalised orthogonalise(const InnerProduct& X, const Block& basis, std::span<double> v, double tolerance) {
  require_finite(X.comm(), v);
  Orthogonalised out;
  out.coefficients.assign(basis.num_columns(), 0.0);
  const double whole = X.norm(v);
  const std::vector<double> original(v.begin(), v.end());
  double before = whole;
  out.remainder = whole;
  for (int pass = 0; pass < 3 && basis.num_columns() > 0; ++pass) {
    const Dense c = X.gram(basis, block_of(v));
    add_lifted(-1.0, basis, c.values, v);
    for (int i = 0; i < basis.num_columns(); ++i) out.coefficients[i] += c.values[i];
    before = out.remainder;
    out.remainder = X.norm(v);
    if (pass == 1 && out.remainder > 0.5 * before) break;
  }
  out.dependent = !(out.remainder > tolerance * whole);
  // Asked for where it can matter only, because it copies the matrix of X.
  if (!out.dependent && out.remainder < 1e-8 * whole) out.dependent = out.remainder <= 4.0 * X.round_off(original);
  for (double& value : v) value = out.dependent ? 0.0 : value / out.remainder;
  return out;
}

Orthonormalised orthonormalise(const InnerProduct& X, Block S) {
  require_finite(X.comm(), S.values());
  if (X.is_diagonal()) return tsqr(X, std::move(S));
  auto out = cholesky_qr(X, S);
  if (out.Q.num_columns() < S.num_columns()) out = gram_schmidt(X, std::move(S));
  return out;
}

}  // namespace ansatz::reduced
