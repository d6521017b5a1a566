#include "engine/linear/matrices/field_norms.hpp"

#include <cmath>

namespace ansatz::linear {

std::vector<double> FieldNorms::sums(std::span<const double> x, bool skip) const {
  std::vector<double> squares(fields_.count, 0.0);
  const bool has_fields = !fields_.of.empty();
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (skip && fields_.prescribed[i] != 0) continue;
    squares[has_fields ? fields_.of[i] : 0] += x[i] * x[i];
  }
  auto norms = comm_.sum(std::span<const double>(squares));
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

std::vector<double> FieldNorms::of(std::span<const double> x) const { return sums(x, false); }

std::vector<double> FieldNorms::of_equations(std::span<const double> x) const {
  return sums(x, !fields_.prescribed.empty());
}

std::vector<double> FieldNorms::of_ones(std::size_t num_owned) const { return of(std::vector<double>(num_owned, 1.0)); }

std::vector<double> FieldNorms::spread(std::span<const double> by_field, std::size_t num_owned) const {
  std::vector<double> values(num_owned, by_field.front());
  for (std::size_t i = 0; i < fields_.of.size(); ++i) values[i] = by_field[fields_.of[i]];
  return values;
}

double scaled_norm(std::span<const double> norms, std::span<const double> scales) {
  double sum = 0.0;
  for (std::size_t f = 0; f < norms.size(); ++f) {
    if (norms[f] == 0.0) continue;
    const double ratio = norms[f] / scales[f];
    sum += ratio * ratio;
  }
  return std::sqrt(sum);
}

bool all_within(std::span<const double> norms, std::span<const double> scales, double factor) {
  for (std::size_t f = 0; f < norms.size(); ++f) {
    if (!(norms[f] <= factor * scales[f])) return false;
  }
  return true;
}

}  // namespace ansatz::linear
