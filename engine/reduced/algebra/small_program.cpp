#include "engine/reduced/algebra/small_program.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ansatz/sdk/error.hpp"

namespace ansatz::reduced {
namespace {

constexpr double feasible = 1e-12;        // violation of a constraint; its coefficients and the variables are about 1
constexpr double smallest_pivot = 1e-11;  // the same
constexpr double infinity = std::numeric_limits<double>::infinity();

/// The power of two at or below a positive number; 1 where there is none.
double power_of_two(double size) { return size > 0.0 && std::isfinite(size) ? std::exp2(std::ilogb(size)) : 1.0; }

}  // namespace

SmallProgram::SmallProgram(int most_variables, int most_constraints)
    : most_variables_(most_variables),
      most_constraints_(most_constraints),
      low_(most_variables),
      high_(most_variables),
      cost_(most_variables),
      unit_(most_variables),
      constraints_(static_cast<std::size_t>(most_variables) * most_constraints),
      h_(most_constraints),
      table_(static_cast<std::size_t>(most_variables) * most_constraints),
      reduced_costs_(most_variables),
      multipliers_(most_constraints),
      rest_(most_variables),
      basic_(most_constraints),
      nonbasic_(most_variables),
      at_high_(most_variables) {}

void SmallProgram::begin(std::span<const double> cost, std::span<const double> low, std::span<const double> high) {
  num_variables_ = static_cast<int>(cost.size());
  num_constraints_ = 0;
  if (num_variables_ > most_variables_) {
    throw sdk::Error(sdk::ErrorKind::internal, "more variables than there is room for", "SmallProgram");
  }
  for (int j = 0; j < num_variables_; ++j) {
    unit_[j] = power_of_two(std::max(std::abs(low[j]), std::abs(high[j])));
    cost_[j] = cost[j] * unit_[j];
    low_[j] = low[j] / unit_[j];
    high_[j] = high[j] / unit_[j];
  }
}

void SmallProgram::add(std::span<const double> g, double h) {
  if (num_constraints_ >= most_constraints_) {
    throw sdk::Error(sdk::ErrorKind::internal, "more constraints than there is room for", "SmallProgram");
  }
  double* row = &coefficient(num_constraints_, 0);
  double largest = 0.0;
  for (int j = 0; j < num_variables_; ++j) {
    row[j] = g[j] * unit_[j];
    largest = std::max(largest, std::abs(row[j]));
  }
  const double unit = power_of_two(largest);
  for (int j = 0; j < num_variables_; ++j) row[j] /= unit;
  h_[num_constraints_++] = h / unit;
}

/// Of a nonbasic variable its bound, of a basic one what the dictionary says.
double SmallProgram::value_of_row(int row) const {
  double value = 0.0;
  for (int j = 0; j < num_variables_; ++j) {
    const int v = nonbasic_[j];
    const double at = v >= num_variables_ ? h_[v - num_variables_] : (at_high_[j] != 0 ? high_[v] : low_[v]);
    value += table_[static_cast<std::size_t>(row) * most_variables_ + j] * at;
  }
  return value;
}

/// The row whose variable is furthest out of its bounds, -1 if none is.
int SmallProgram::violated_row() const {
  int worst = -1;
  double most = 0.0;
  for (int i = 0; i < num_constraints_; ++i) {
    const int v = basic_[i];
    const double value = value_of_row(i);
    const double low = v >= num_variables_ ? h_[v - num_variables_] : low_[v],
                 high = v >= num_variables_ ? infinity : high_[v];
    const double violation = std::max(low - value, value - high);
    if (violation > most && violation > feasible * (1.0 + std::abs(value))) {
      worst = i;
      most = violation;
    }
  }
  return worst;
}

/// Takes the variable of a row out of the basis, to the bound that it violates. \returns false where no other can come
/// in.
bool SmallProgram::pivot(int row) {
  const int leaving = basic_[row];
  const bool is_sum = leaving >= num_variables_;
  const bool is_low = value_of_row(row) < (is_sum ? h_[leaving - num_variables_] : low_[leaving]);
  int column = -1;
  double least = infinity;
  for (int j = 0; j < num_variables_; ++j) {
    const double slope = is_low ? entry(row, j) : -entry(row, j);
    if (at_high_[j] != 0 ? slope >= -smallest_pivot : slope <= smallest_pivot) continue;
    const double ratio = std::abs(reduced_costs_[j] / slope);
    if (ratio < least || (ratio == least && nonbasic_[j] < nonbasic_[column])) {
      least = ratio;
      column = j;
    }
  }
  if (column < 0) return false;
  const double p = entry(row, column);
  for (int j = 0; j < num_variables_; ++j) entry(row, j) = j == column ? 1.0 / p : -entry(row, j) / p;
  for (int i = 0; i < num_constraints_; ++i) {
    if (i == row) continue;
    const double factor = std::exchange(entry(i, column), 0.0);
    for (int j = 0; j < num_variables_; ++j) entry(i, j) += factor * entry(row, j);
  }
  const double factor = std::exchange(reduced_costs_[column], 0.0);
  for (int j = 0; j < num_variables_; ++j) reduced_costs_[j] += factor * entry(row, j);
  std::swap(basic_[row], nonbasic_[column]);
  at_high_[column] = is_low ? 0 : 1;
  return true;
}

double SmallProgram::dual_value() {
  std::ranges::fill(multipliers_, 0.0);
  for (int j = 0; j < num_variables_; ++j) {
    if (nonbasic_[j] >= num_variables_) multipliers_[nonbasic_[j] - num_variables_] = std::max(0.0, reduced_costs_[j]);
  }
  std::copy_n(cost_.begin(), num_variables_, rest_.begin());
  double value = 0.0;
  for (int i = 0; i < num_constraints_; ++i) {
    if (multipliers_[i] == 0.0) continue;
    value += multipliers_[i] * h_[i];
    for (int q = 0; q < num_variables_; ++q) rest_[q] -= multipliers_[i] * coefficient(i, q);
  }
  for (int q = 0; q < num_variables_; ++q) value += std::min(rest_[q] * low_[q], rest_[q] * high_[q]);
  return value;
}

double SmallProgram::minimum() {
  for (int j = 0; j < num_variables_; ++j) {
    nonbasic_[j] = j;
    reduced_costs_[j] = cost_[j];
    at_high_[j] = cost_[j] < 0.0 ? 1 : 0;
  }
  for (int i = 0; i < num_constraints_; ++i) {
    basic_[i] = num_variables_ + i;
    for (int j = 0; j < num_variables_; ++j) entry(i, j) = coefficient(i, j);
  }
  double best = dual_value();
  const int most_pivots = 20 * (num_variables_ + num_constraints_);
  for (int k = 0; k < most_pivots; ++k) {
    const int row = violated_row();
    if (row < 0 || !pivot(row)) break;
    best = std::max(best, dual_value());
  }
  return best;
}

}  // namespace ansatz::reduced
