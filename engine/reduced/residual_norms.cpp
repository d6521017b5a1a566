#include "engine/reduced/residual_norms.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ansatz::reduced {

using sdk::Error;
using sdk::ErrorKind;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

double factor(std::span<const double> x, int i) { return i < 0 ? 1.0 : x[i]; }

void check_shape(std::size_t x, int num_terms, bool room) {
  if (x != static_cast<std::size_t>(num_terms) || !room) {
    throw Error(ErrorKind::internal, "coordinates or workspace of a residual norm have the wrong length",
                "reduced::residual norms", "x has one entry for each operator term and mode");
  }
}

}  // namespace

ResidualBasis::ResidualBasis(Dense B) : B_(std::move(B)) {
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
  return {std::sqrt(square), epsilon * std::sqrt(static_cast<double>(B_.columns)) * size};
}

double InterpolatedSquare::estimate() const { return std::sqrt(std::max(0.0, value) + round_off + remainder); }

ResidualInterpolation::ResidualInterpolation(const base::Communicator& comm, const Dense& x,
                                             const std::function<double(int parameter)>& squared_norm,
                                             const EimOptions& options)
    : num_terms_(x.rows) {
  // Each rank looks at its share of the components of Y.
  const std::int64_t first = full_size() * comm.rank() / comm.size(),
                     last = full_size() * (comm.rank() + 1) / comm.size();
  std::vector<std::int64_t> keys;
  std::vector<Component> mine;
  std::int64_t key = 0;
  for (int i = -1; i < num_terms_; ++i) {
    for (int j = i; j < num_terms_; ++j, ++key) {
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
                          Y[p] = factor(at, mine[p].first) * factor(at, mine[p].second);
                      }),
             options);
  online_ = eim.online();
  picks_ = eim.picks();
  for (const MagicPoint& point : eim.magic()) {
    Component component{};
    if (point.rank == comm.rank()) component = mine[point.index];
    comm.broadcast(&component, sizeof component, point.rank);
    components_.push_back(component);
  }
  for (const int parameter : picks_) {
    squares_.push_back(squared_norm(parameter));
    if (!(squares_.back() >= 0.0) || !std::isfinite(squares_.back())) {
      throw Error(
          ErrorKind::solver,
          "the squared residual norm of training parameter " + std::to_string(parameter) + " is not a number >= 0",
          "reduced::ResidualInterpolation", "compute the residual first and its norm from it");
    }
  }
}

std::int64_t ResidualInterpolation::full_size() const {
  const std::int64_t n = num_terms_;
  return 1 + n + n * (n + 1) / 2;
}

InterpolatedSquare ResidualInterpolation::square(std::span<const double> x, std::span<double> workspace) const {
  const std::size_t n = components_.size();
  check_shape(x.size(), num_terms_, workspace.size() >= 2 * n);
  const auto values = workspace.first(n), weights = workspace.subspan(n, n);
  for (std::size_t l = 0; l < n; ++l) values[l] = factor(x, components_[l].first) * factor(x, components_[l].second);

  InterpolatedSquare out;
  const auto sum = [&](std::size_t terms) {
    online_.weights(values.first(terms), weights.first(terms));
    double total = 0.0;
    out.round_off = 0.0;
    for (std::size_t r = 0; r < terms; ++r) {
      total += weights[r] * squares_[r];
      out.round_off += 10.0 * epsilon * std::abs(weights[r]) * squares_[r];
    }
    return total;
  };
  const double before = n > 0 ? sum(n - 1) : 0.0;
  out.value = sum(n);
  out.remainder = std::abs(out.value - before);
  return out;
}

}  // namespace ansatz::reduced
