#include "engine/reduced/interpolation/interpolation.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"

namespace ansatz::reduced {

namespace {

Dense grown(const Dense& old) {
  Dense out(old.rows + 1, old.columns + 1);
  for (int j = 0; j < old.columns; ++j) std::ranges::copy(old.column(j), out.column(j).begin());
  return out;
}

void check_sizes(int size, std::size_t given, std::size_t wanted) {
  if (given > static_cast<std::size_t>(size) || given != wanted) {
    throw sdk::Error(sdk::ErrorKind::internal,
                     "an interpolation got more values than it has terms, or no room for the result",
                     "reduced::Interpolation", "give as many values as results, at most size()");
  }
}

}  // namespace

void solve_upper(const Dense& U, std::span<double> x) {
  for (int m = static_cast<int>(x.size()) - 1; m >= 0; --m) {
    const auto u = U.column(m);
    const double solved = x[m] /= u[m];
    for (int k = 0; k < m; ++k) x[k] -= u[k] * solved;
  }
}

Interpolation::Interpolation(Dense lower, Dense upper) : lower_(std::move(lower)), upper_(std::move(upper)) {
  bool good = lower_.rows == lower_.columns && upper_.rows == upper_.columns && lower_.rows == upper_.rows;
  for (int k = 0; good && k < size(); ++k) good = lower_(k, k) == 1.0 && upper_(k, k) != 0.0;
  for (const auto* matrix : {&lower_, &upper_}) {
    for (const double v : matrix->values) good = good && std::isfinite(v);
  }
  if (!good) {
    throw sdk::Error(sdk::ErrorKind::state, "the stored factors of an empirical interpolation do not fit each other",
                     "reduced::Interpolation", "train the reduced model again");
  }
}

void Interpolation::interpolate(std::span<const double> values, std::span<double> coefficients) const {
  check_sizes(size(), values.size(), coefficients.size());
  if (values.data() != coefficients.data()) std::ranges::copy(values, coefficients.begin());
  const int n = static_cast<int>(values.size());
  for (int k = 0; k < n; ++k) {
    const double c = coefficients[k];
    const auto q = lower_.column(k);
    for (int l = k + 1; l < n; ++l) coefficients[l] -= q[l] * c;
  }
}

void Interpolation::weights(std::span<const double> values, std::span<double> weights) const {
  interpolate(values, weights);
  solve_upper(upper_, weights);
}

double Interpolation::remainder(std::span<const double> coefficients, int terms) {
  double sum = 0.0;
  for (const double c : coefficients.subspan(std::min<std::size_t>(terms, coefficients.size()))) sum += std::abs(c);
  return sum;
}

void Interpolation::extend(std::span<const double> row, std::span<const double> above,
                           std::span<const double> snapshot) {
  const int n = size();
  lower_ = grown(lower_);
  upper_ = grown(upper_);
  for (int k = 0; k < n; ++k) lower_(n, k) = row[k];
  std::ranges::copy(above, lower_.column(n).begin());
  lower_(n, n) = 1.0;
  std::ranges::copy(snapshot, upper_.column(n).begin());
}

}  // namespace ansatz::reduced
