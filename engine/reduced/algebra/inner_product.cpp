#include "engine/reduced/algebra/inner_product.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/reduced/algebra/lapack.hpp"

namespace ansatz::reduced {
namespace {

using sdk::Error;
using sdk::ErrorKind;

constexpr double eps = std::numeric_limits<double>::epsilon();

void require_rows(bool good, const char* where) {
  if (!good)
    throw Error(ErrorKind::internal, "a vector does not have the rows of the inner product on this rank", where);
}

double local_dot(std::span<const double> u, std::span<const double> v) {
  double sum = 0.0;
  for (std::size_t i = 0; i < u.size(); ++i) sum += u[i] * v[i];
  return sum;
}

/// U^T V of this rank's rows, shape (V columns, U columns).
std::vector<double> local_products(const Block& U, const Block& V) {
  std::vector<double> out(static_cast<std::size_t>(U.num_columns()) * V.num_columns(), 0.0);
  if (out.empty() || U.num_rows() == 0) return out;
  const PetscBLASInt m = U.num_columns(), n = V.num_columns(), rows = lapack::blas_int(U.num_rows());
  const double one = 1.0, zero = 0.0;
  BLASgemm_("T", "N", &m, &n, &rows, &one, U.values().data(), &rows, V.values().data(), &rows, &zero, out.data(), &m);
  return out;
}

}  // namespace

InnerProduct InnerProduct::euclidean(base::Communicator comm) { return InnerProduct(std::move(comm)); }

InnerProduct InnerProduct::weighted(base::Communicator comm, std::vector<double> weights) {
  InnerProduct out(std::move(comm));
  base::agree(out.comm_, [&] {
    const bool positive =
        std::all_of(weights.begin(), weights.end(), [](double w) { return w > 0.0 && std::isfinite(w); });
    if (!positive) {
      throw Error(ErrorKind::parameter, "the weights of an inner product are not all positive and finite",
                  "InnerProduct::weighted", "leave out the rows that must not count");
    }
  });
  out.weights_ = std::move(weights);
  return out;
}

InnerProduct InnerProduct::matrix(base::Communicator comm, std::shared_ptr<const linear::SparseMatrix> X) {
  InnerProduct out(std::move(comm));
  out.matrix_ = std::move(X);
  return out;
}

void InnerProduct::apply(std::span<const double> v, std::span<double> Xv) const {
  require_rows(v.size() == Xv.size(), "InnerProduct::apply");
  if (matrix_ != nullptr) {
    require_rows(static_cast<std::int64_t>(v.size()) == matrix_->pattern().num_owned, "InnerProduct::apply");
    matrix_->multiply(v, Xv);
  } else if (weights_.empty()) {
    std::copy(v.begin(), v.end(), Xv.begin());
  } else {
    require_rows(v.size() == weights_.size(), "InnerProduct::apply");
    for (std::size_t i = 0; i < v.size(); ++i) Xv[i] = weights_[i] * v[i];
  }
}

double InnerProduct::dot(std::span<const double> u, std::span<const double> v) const {
  std::vector<double> Xv(v.size());
  apply(v, Xv);
  return comm_.sum(local_dot(u, Xv));
}

double InnerProduct::norm(std::span<const double> u) const {
  const double square = dot(u, u);
  if (!(square < 0.0)) return std::sqrt(square);
  // Only a matrix can give a negative square.
  const double level = round_off(u);
  if (square * eps < -100.0 * level * level) {
    throw Error(
        ErrorKind::solver,
        "the matrix of an inner product is not positive: a vector has the squared norm " + std::to_string(square),
        "InnerProduct::norm",
        "use the symmetric part of a coercive operator, or a mass or stiffness matrix on free unknowns");
  }
  return 0.0;
}

double InnerProduct::round_off(std::span<const double> u) const {
  if (matrix_ == nullptr) return eps * norm(u);
  std::vector<double> absolute(u.size()), terms(u.size());
  for (std::size_t i = 0; i < u.size(); ++i) absolute[i] = std::abs(u[i]);
  matrix_->multiply_absolute(absolute, terms);
  return eps * std::sqrt(comm_.sum(local_dot(absolute, terms)));
}

Dense InnerProduct::gram(const Block& U, const Block& V) const {
  Block XV(V.num_rows());
  if (matrix_ != nullptr || !weights_.empty()) {
    std::vector<double> column(V.num_rows());
    for (int j = 0; j < V.num_columns(); ++j) {
      apply(V.column(j), column);
      XV.append(column);
    }
  }
  Dense out(U.num_columns(), V.num_columns());
  out.values = comm_.sum(local_products(U, XV.num_columns() == V.num_columns() ? XV : V));
  return out;
}

}  // namespace ansatz::reduced
