#include "engine/reduced/stability/stability.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ansatz/sdk/error.hpp"

namespace ansatz::reduced {
namespace {

constexpr int most_picks = 24;  // that are constraints at once
constexpr int most_known = 8;

/// The bound by min-theta; none where a factor is not a number, or negative in a term that X does not have.
double min_theta_bound(const StabilityData& data, const std::vector<int>& terms, std::span<const double> values) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double least = infinity, shift = 0.0;
  for (std::size_t k = 0; k < terms.size(); ++k) {
    const double value = values[terms[k]];
    if (std::isnan(value) || (data.reference[k] == 0.0 && value < 0.0)) return -infinity;
    if (data.reference[k] > 0.0) least = std::min(least, value / data.reference[k]);
    shift += data.shifts[k] * std::abs(value);
  }
  return least - shift;
}

}  // namespace

Stability Stability::min_theta(std::vector<int> terms, std::vector<double> reference, std::vector<double> shifts) {
  StabilityData data;
  data.kind = "min-theta";
  data.terms = std::move(terms);
  data.reference = std::move(reference);
  data.shifts = shifts.empty() ? std::vector<double>(data.reference.size(), 0.0) : std::move(shifts);
  return Stability(std::move(data));
}

Stability::Stability(StabilityData data) : data_(std::move(data)) {
  const auto& d = data_;
  const auto fits = [&](const Dense& matrix, std::size_t rows, std::size_t columns) {
    return matrix.columns == static_cast<int>(columns) && (columns == 0 || matrix.rows == static_cast<int>(rows));
  };
  const std::size_t num_terms = d.terms.size(), dimension = d.box.size();
  bool good = d.kind == "none";
  if (d.kind == "min-theta") good = num_terms > 0 && d.reference.size() == num_terms && d.shifts.size() == num_terms;
  if (d.kind == "SCM") {
    good = num_terms > 0 && d.low.size() == num_terms && d.high.size() == num_terms &&
           fits(d.points, dimension, d.eigenvalues.size()) && fits(d.factors, num_terms, d.eigenvalues.size()) &&
           fits(d.minimisers, num_terms, d.eigenvalues.size()) && fits(d.known_points, dimension, d.known.size()) &&
           fits(d.known_factors, num_terms, d.known.size());
  }
  if (d.kind == "inf-sup") {
    good = d.coercive_terms.size() == d.reference.size() && d.shifts.size() == d.reference.size() &&
           fits(d.points, dimension, d.eigenvalues.size()) && fits(d.factors, num_terms, d.eigenvalues.size()) &&
           fits(d.slopes, num_terms, d.eigenvalues.size());
  }
  if (d.kind == "interpolation") {
    good = !d.eigenvalues.empty() && d.safety >= 1.0 && fits(d.points, dimension, d.eigenvalues.size()) &&
           d.weights.size() == d.eigenvalues.size() + 1 + dimension;
  }
  if (good) return;
  throw sdk::Error(sdk::ErrorKind::state, "the stored parts of a stability constant do not fit each other",
                   "reduced::Stability", "train the reduced model again");
}

Stability Stability::without_numbers() const {
  StabilityData data;
  data.inf_sup = data_.inf_sup;
  return Stability(std::move(data));
}

Stability::Workspace::Workspace(const Stability& stability)
    : program_(static_cast<int>(stability.data_.terms.size()), most_picks + most_known),
      cost_(stability.data_.terms.size()) {
  const auto& d = stability.data_;
  distances_.resize(std::max(d.eigenvalues.size(), d.known.size()));
  order_.resize(distances_.size());
}

/// Constraints of the points nearest to mu, distances in units of the box; the first of equally near ones.
void Stability::add_nearest(std::span<const double> mu, const Dense& points, const Dense& factors,
                            std::span<const double> bounds, int most, Workspace& work) const {
  const int count = std::min(most, points.columns);
  for (int k = 0; k < points.columns; ++k) {
    work.distances_[k] = sampling::distance_in_box(data_.box, mu, points.column(k));
    work.order_[k] = k;
  }
  if (count < points.columns) {
    std::partial_sort(
        work.order_.begin(), work.order_.begin() + count, work.order_.begin() + points.columns, [&](int a, int b) {
          return work.distances_[a] != work.distances_[b] ? work.distances_[a] < work.distances_[b] : a < b;
        });
  }
  for (int k = 0; k < count; ++k) work.program_.add(factors.column(work.order_[k]), bounds[work.order_[k]]);
}

double Stability::by_perturbation(std::span<const double> values) const {
  const auto& d = data_;
  double largest = d.coercive_terms.empty() ? -std::numeric_limits<double>::infinity()
                                            : min_theta_bound(d, d.coercive_terms, values);
  for (int k = 0; k < d.points.columns; ++k) {
    const auto factors = d.factors.column(k), slopes = d.slopes.column(k);
    double bound = d.eigenvalues[k];
    for (std::size_t q = 0; q < d.terms.size(); ++q) bound -= std::abs(values[d.terms[q]] - factors[q]) * slopes[q];
    largest = std::max(largest, bound);
  }
  return largest;
}

double Stability::interpolated(std::span<const double> mu) const {
  const auto coordinate = [&](double x, std::size_t p) {
    return (x - data_.box[p].low) / (data_.box[p].high - data_.box[p].low);
  };
  const std::size_t count = data_.eigenvalues.size();
  double sum = data_.weights[count];
  for (std::size_t p = 0; p < mu.size(); ++p) sum += data_.weights[count + 1 + p] * coordinate(mu[p], p);
  for (std::size_t k = 0; k < count; ++k)
    sum += data_.weights[k] * distance_in_box(data_.box, mu, data_.points.column(static_cast<int>(k)));
  return std::exp(sum) / data_.safety;
}

double Stability::lower(std::span<const double> mu, std::span<const double> values, Workspace& work) const {
  const auto& d = data_;
  if (d.kind == "none") return 0.0;
  if (d.kind == "min-theta") return min_theta_bound(d, d.terms, values);
  if (d.kind == "interpolation") return interpolated(mu);
  if (d.kind == "inf-sup") return by_perturbation(values);
  for (std::size_t k = 0; k < d.terms.size(); ++k) work.cost_[k] = values[d.terms[k]];
  work.program_.begin(work.cost_, d.low, d.high);
  add_nearest(mu, d.points, d.factors, d.eigenvalues, most_picks, work);
  add_nearest(mu, d.known_points, d.known_factors, d.known, most_known, work);
  return work.program_.minimum();
}

double Stability::upper(std::span<const double> values) const {
  double least = std::numeric_limits<double>::infinity();
  for (int k = 0; k < data_.minimisers.columns; ++k) {
    double sum = 0.0;
    for (std::size_t q = 0; q < data_.terms.size(); ++q)
      sum += values[data_.terms[q]] * data_.minimisers(static_cast<int>(q), k);
    least = std::min(least, sum);
  }
  return least;
}

}  // namespace ansatz::reduced
