#include "engine/reduced/basis/residual_norms.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace ansatz::reduced {

using sdk::Error;
using sdk::ErrorKind;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

double factor(std::span<const double> x, int i) { return i < 0 ? 1.0 : x[i]; }

bool is_square(double value) { return value >= 0.0 && std::isfinite(value); }

void check_shape(std::size_t x, int num_terms, bool room) {
  if (x != static_cast<std::size_t>(num_terms) || !room) {
    throw Error(ErrorKind::internal, "coordinates or workspace of a residual norm have the wrong length",
                "reduced::residual norms", "x has one entry for each operator term and mode");
  }
}

}  // namespace

ResidualBasis::ResidualBasis(Dense B, double accuracy) : B_(std::move(B)), accuracy_(accuracy) {
  if (B_.columns < 1) {
    throw Error(ErrorKind::internal, "a residual basis without a source", "reduced::ResidualBasis",
                "column 0 belongs to G_0");
  }
  for (int j = 0; j < B_.columns; ++j) {
    double square = 0.0;
    for (const double v : B_.column(j)) square += v * v;
    lengths_.push_back(std::sqrt(square));
  }
}

ResidualNorm ResidualBasis::norm(std::span<const double> x, std::span<double> workspace) const {
  check_shape(x.size(), num_terms(), workspace.size() >= workspace_size());
  const auto r = workspace.first(workspace_size());
  std::ranges::copy(B_.column(0), r.begin());
  double size = lengths_[0];
  for (int j = 0; j < num_terms(); ++j) {
    const auto column = B_.column(j + 1);
    const double factor = x[j];
    for (std::size_t i = 0; i < r.size(); ++i) r[i] += column[i] * factor;
    size += std::abs(factor) * lengths_[j + 1];
  }
  double square = 0.0;
  for (const double v : r) square += v * v;
  return {std::sqrt(square), accuracy_ * std::sqrt(static_cast<double>(B_.columns)) * size};
}

double InterpolatedSquare::estimate() const {
  return std::sqrt((value < 0.0 ? 0.0 : value) + round_off + remainder);  // keeps not-a-number
}

ResidualInterpolation::ResidualInterpolation(const base::Communicator& comm, const Dense& x,
                                             const std::function<double(int parameter)>& squared_norm,
                                             const EimOptions& options) {
  parts_.num_terms = x.rows;
  // Each rank looks at its share of the components of Y.
  const std::int64_t first = full_size() * comm.rank() / comm.size(),
                     last = full_size() * (comm.rank() + 1) / comm.size();
  std::vector<std::int64_t> keys;
  std::vector<std::array<int, 2>> mine;
  std::int64_t key = 0;
  for (int i = -1; i < num_terms(); ++i) {
    for (int j = i; j < num_terms(); ++j, ++key) {
      if (key < first || key >= last) continue;
      keys.push_back(key);
      mine.push_back({i, j});
    }
  }
  Eim eim(comm, keys);
  eim.extend(tabulate(keys.size(), x.columns,
                      [&](int parameter, std::span<double> Y) {
                        const auto at = x.column(parameter);
                        for (std::size_t p = 0; p < Y.size(); ++p)
                          Y[p] = factor(at, mine[p][0]) * factor(at, mine[p][1]);
                      }),
             options);
  parts_.online = eim.online();
  parts_.picks = eim.picks();
  for (const MagicPoint& point : eim.magic()) {
    std::array<int, 2> component{};
    if (point.rank == comm.rank()) component = mine[point.index];
    comm.broadcast(&component, sizeof component, point.rank);
    parts_.components.insert(parts_.components.end(), component.begin(), component.end());
  }
  for (const int parameter : picks()) {
    parts_.squares.push_back(squared_norm(parameter));
    if (!is_square(parts_.squares.back())) {
      throw Error(
          ErrorKind::solver,
          "the squared residual norm of training parameter " + std::to_string(parameter) + " is not a number >= 0",
          "reduced::ResidualInterpolation", "compute the residual first and its norm from it");
    }
  }
}

ResidualInterpolation::ResidualInterpolation(Parts parts) : parts_(std::move(parts)) {
  const auto n = static_cast<std::size_t>(size());
  const bool fits = parts_.picks.size() == n && parts_.squares.size() == n && parts_.components.size() == 2 * n &&
                    std::ranges::all_of(parts_.squares, is_square) &&
                    std::ranges::all_of(parts_.components, [&](int i) { return i >= -1 && i < num_terms(); });
  if (!fits) {
    throw Error(ErrorKind::state, "the stored parts of an interpolated residual norm do not fit each other",
                "reduced::ResidualInterpolation", "train the reduced model again");
  }
}

std::int64_t ResidualInterpolation::full_size() const {
  const std::int64_t n = num_terms();
  return 1 + n + n * (n + 1) / 2;
}

InterpolatedSquare ResidualInterpolation::square(std::span<const double> x, std::span<double> workspace) const {
  const auto n = static_cast<std::size_t>(size());
  check_shape(x.size(), num_terms(), workspace.size() >= 2 * n);
  const auto values = workspace.first(n), weights = workspace.subspan(n, n);
  for (std::size_t l = 0; l < n; ++l) {
    values[l] = factor(x, parts_.components[2 * l]) * factor(x, parts_.components[2 * l + 1]);
  }
  InterpolatedSquare out;
  if (n > 0) {
    parts_.online.weights(values.first(n - 1), weights.first(n - 1));
    for (std::size_t r = 0; r + 1 < n; ++r) out.remainder -= weights[r] * parts_.squares[r];
  }
  parts_.online.weights(values, weights);
  for (std::size_t r = 0; r < n; ++r) {
    out.value += weights[r] * parts_.squares[r];
    out.round_off += 10.0 * epsilon * std::abs(weights[r]) * parts_.squares[r];
  }
  out.remainder = std::abs(out.value + out.remainder);
  return out;
}

}  // namespace ansatz::reduced
