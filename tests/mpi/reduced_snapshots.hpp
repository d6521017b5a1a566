#pragma once
/// Snapshots with known singular values, and inner products, for the tests of reduced models.

#include <cmath>
#include <functional>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "engine/reduced/algebra/inner_product.hpp"
#include "rows.hpp"

namespace ansatz::test {

/// Entry (i, k) of the orthonormal cosine basis of R^n (DCT-II).
inline double cosine(std::int64_t n, std::int64_t i, std::int64_t k) {
  return std::sqrt((k == 0 ? 1.0 : 2.0) / double(n)) *
         std::cos(std::numbers::pi * (double(i) + 0.5) * double(k) / double(n));
}

/// sum_k s_k u_k v_k^T with u, v cosine vectors of R^n, R^m: its singular values are s.
inline reduced::Block with_singular_values(Share mine, std::int64_t n, int m, const std::vector<double>& s) {
  reduced::Block out(mine.count);
  for (int j = 0; j < m; ++j) {
    out.append(fill(mine, [&](std::int64_t i) {
      double sum = 0.0;
      for (std::size_t k = s.size(); k-- > 0;)
        sum += s[k] * cosine(n, i, std::int64_t(k)) * cosine(m, j, std::int64_t(k));
      return sum;
    }));
  }
  return out;
}

/// 1, 1/10, 1/100, ...
inline std::vector<double> powers_of_ten(int count) {
  std::vector<double> out;
  for (int k = 0; k < count; ++k) out.push_back(std::pow(10.0, -k));
  return out;
}

inline reduced::Block hilbert(Share mine, int columns) {
  reduced::Block out(mine.count);
  for (int j = 0; j < columns; ++j) out.append(fill(mine, [&](std::int64_t i) { return 1.0 / (double(i) + j + 1.0); }));
  return out;
}

/// The identity, a diagonal, and a matrix as inner products of R^n.
inline std::vector<reduced::InnerProduct> inner_products(const base::Communicator& comm, Share mine, std::int64_t n) {
  const auto weight = [](std::int64_t i) { return 1.0 + 0.5 * std::sin(double(i)); };
  return {reduced::InnerProduct::euclidean(comm), reduced::InnerProduct::weighted(comm, fill(mine, weight)),
          reduced::InnerProduct::matrix(
              comm, std::shared_ptr<const linear::SparseMatrix>(make_matrix(comm, mine, line_laplacian(n))))};
}

/// Stiffness of a bar of n points, `contrast` times stiffer in its second half, both ends held by springs.
inline RowFunction stiff_half(std::int64_t n, double contrast) {
  return [=](std::int64_t i) {
    const auto spring = [&](std::int64_t k) { return 2 * k > n ? contrast : 1.0; };  // between points k - 1 and k
    Row row;
    row[i] = spring(i) + spring(i + 1);
    if (i > 0) row[i - 1] = -spring(i);
    if (i < n - 1) row[i + 1] = -spring(i + 1);
    if (i == n - 1) row[i] -= contrast - 1.0;
    return row;
  };
}

/// max |Q^T X Q - I|.
inline double orthogonality_error(const reduced::InnerProduct& X, const reduced::Block& Q) {
  const auto G = X.gram(Q, Q);
  double largest = 0.0;
  for (int j = 0; j < G.columns; ++j) {
    for (int i = 0; i < G.rows; ++i) largest = std::max(largest, std::abs(G(i, j) - (i == j ? 1.0 : 0.0)));
  }
  return largest;
}

/// Largest difference of entries over all ranks. *Collective.*
inline double largest_difference(const base::Communicator& comm, const reduced::Block& a, const reduced::Block& b) {
  return largest_difference(comm, a.values(), b.values());
}

/// This rank's rows of a block that one rank holds whole.
inline reduced::Block rows_of(const reduced::Block& whole, Share mine) {
  reduced::Block out(mine.count);
  for (int j = 0; j < whole.num_columns(); ++j) out.append(whole.column(j).subspan(mine.first, mine.count));
  return out;
}

}  // namespace ansatz::test
