#include "engine/reduced/limits/matrix_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/reduced/interpolation/eim.hpp"

namespace ansatz::reduced {

using sdk::Error;
using sdk::ErrorKind;

namespace {

/// All exponents of sum <= degree in the variables that vary, by degree.
std::vector<std::vector<int>> monomials(const std::vector<double>& half, int degree) {
  std::vector<std::vector<int>> all{std::vector<int>(half.size(), 0)};
  std::size_t first = 0;
  for (int d = 1; d <= degree; ++d) {
    const std::size_t end = all.size();
    for (; first < end; ++first) {
      // Raise no variable before the last that is there: each monomial comes once.
      std::size_t last = 0;
      for (std::size_t p = 0; p < half.size(); ++p) last = all[first][p] > 0 ? p : last;
      for (std::size_t p = last; p < half.size(); ++p) {
        if (half[p] == 0.0) continue;
        all.push_back(all[first]);
        ++all.back()[p];
      }
    }
  }
  return all;
}

double monomial(const std::vector<int>& exponents, std::span<const double> t) {
  double value = 1.0;
  for (std::size_t p = 0; p < exponents.size(); ++p) {
    for (int k = 0; k < exponents[p]; ++k) value *= t[p];
  }
  return value;
}

}  // namespace

double MatrixLimits::num_monomials(int num_variables, int degree) {
  double count = 1.0;
  for (int k = 1; k <= degree; ++k) count *= static_cast<double>(num_variables + k) / k;
  return std::round(count);
}

MatrixLimits::MatrixLimits(const Theta& theta, int num_theta, const Dense& parameters, int degree)
    : theta_(theta), middle_(num_theta, 0.0), half_(num_theta, 1.0) {
  if (degree < 1 || num_theta < 1 || parameters.columns < 1) {
    throw Error(ErrorKind::parameter, "limits of matrix powers need a degree, coefficients and parameters",
                "reduced::MatrixLimits", "take a degree of 1 or more, and points in the parameters' box");
  }
  Dense t(num_theta, parameters.columns);
  for (int j = 0; j < t.columns; ++j) scaled_theta(parameters.column(j), t.column(j));
  if (!std::ranges::all_of(t.values, [](double v) { return std::isfinite(v); })) {
    throw Error(ErrorKind::not_finite, "a coefficient of the matrix is not finite at a parameter",
                "reduced::MatrixLimits", "restrict the parameters to where every coefficient is defined");
  }
  for (int p = 0; p < num_theta; ++p) {
    double low = t(p, 0), high = t(p, 0);
    for (int j = 0; j < t.columns; ++j) {
      low = std::min(low, t(p, j));
      high = std::max(high, t(p, j));
    }
    const double size = std::max(std::abs(low), std::abs(high));
    middle_[p] = 0.5 * (low + high);
    half_[p] = high - low > 1e-14 * size ? 0.5 * (high - low) : 0.0;
  }
  const auto num_varying = std::ranges::count_if(half_, [](double half) { return half > 0.0; });
  const double count = num_monomials(static_cast<int>(num_varying), degree);
  if (count > most_monomials) {
    throw Error(
        ErrorKind::parameter,
        fmt::format("{} coefficients that vary have {:.0f} monomials up to degree {}, each of which needs a value "
                    "of its own; at most {} may",
                    num_varying, count, degree, most_monomials),
        "reduced::MatrixLimits", "lower the degree, or fix some parameters");
  }
  const auto all = monomials(half_, degree);
  if (t.columns < static_cast<int>(all.size())) {
    throw Error(ErrorKind::parameter, fmt::format("{} parameters for {} monomials", t.columns, all.size()),
                "reduced::MatrixLimits", "give more parameters to pick from, or lower the degree");
  }
  std::vector<std::int64_t> keys(all.size());
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<std::int64_t>(i);
  Eim eim(base::Communicator(MPI_COMM_SELF), keys);
  std::vector<double> at(num_theta);
  eim.extend(tabulate(all.size(), t.columns,
                      [&](int j, std::span<double> values) {
                        scaled_theta(parameters.column(j), at);
                        for (std::size_t i = 0; i < all.size(); ++i) values[i] = monomial(all[i], at);
                      }),
             {});
  picks_ = eim.picks();
  for (const MagicPoint& point : eim.magic()) exponents_.push_back(all[point.index]);
  online_ = eim.online();
}

void MatrixLimits::scaled_theta(std::span<const double> mu, std::span<double> t) const {
  theta_(mu, t);
  for (std::size_t p = 0; p < t.size(); ++p) t[p] = half_[p] > 0.0 ? (t[p] - middle_[p]) / half_[p] : 0.0;
}

double MatrixLimits::weights(std::span<const double> mu, std::span<double> lambda, std::span<double> workspace) const {
  const auto t = workspace.first(middle_.size());
  scaled_theta(mu, t);
  for (std::size_t l = 0; l < exponents_.size(); ++l) lambda[l] = monomial(exponents_[l], t);
  online_.weights(lambda.first(exponents_.size()), lambda.first(exponents_.size()));
  double sum = 0.0;
  for (const double v : lambda.first(exponents_.size())) sum += std::abs(v);
  return sum;
}

}  // namespace ansatz::reduced
