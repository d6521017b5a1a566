#include "input_map.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"

namespace pod_regression {

using ansatz::sdk::Error;
using ansatz::sdk::ErrorKind;

namespace {

bool holds(const std::vector<int>& list, int entry) { return std::find(list.begin(), list.end(), entry) != list.end(); }

double logarithm(double x) {
  if (x > 0.0) return std::log(x);
  throw Error(ErrorKind::parameter, "the logarithm of a parameter that is not positive", "pod_regression",
              "give it a positive range, or let its input be linear (logarithmic = false)");
}

}  // namespace

InputMap::InputMap(const Matrix& samples, std::vector<char> logarithmic, Scaling scaling)
    : logarithmic_(std::move(logarithmic)), scaling_(std::move(scaling)) {
  for (const int k : scaling_.parameters) logarithmic_.at(k) = 1;
  const int dim = std::max(1, num_parameters() - (scaling_.parameters.empty() ? 0 : 1));
  centre_.assign(dim, 0.0);
  half_.assign(dim, 1.0);
  const auto x = map(samples);
  for (int k = 0; k < dim && x.rows > 0; ++k) {
    const auto [low, high] = std::minmax_element(x.column(k).begin(), x.column(k).end());
    centre_[k] = 0.5 * (*low + *high);
    if (*high > *low) half_[k] = 0.5 * (*high - *low);
  }
  // Ratios are told apart by a rotation only: one unit for all.
  const int first = dim + 1 - static_cast<int>(scaling_.parameters.size());
  if (scaling_.parameters.empty() || first >= dim) return;
  const double largest = *std::max_element(half_.begin() + first, half_.end());
  std::fill(half_.begin() + first, half_.end(), largest);
}

void InputMap::raw(std::span<const double> mu, std::span<double> x) const {
  std::size_t at = 0;
  for (int k = 0; k < num_parameters(); ++k) {
    if (holds(scaling_.parameters, k)) continue;
    x[at++] = logarithmic_[k] ? logarithm(mu[k]) : mu[k];
  }
  // Helmert's basis: (x_0 + ... + x_(j-1) - j x_j) / sqrt(j (j + 1)) is orthogonal to (1, ..., 1).
  double sum = 0.0;
  for (std::size_t j = 0; j < scaling_.parameters.size(); ++j) {
    const double next = logarithm(mu[scaling_.parameters[j]]);
    if (j > 0) x[at++] = (sum - j * next) / std::sqrt(j * (j + 1.0));
    sum += next;
  }
  if (at == 0) x[0] = 0.0;  // all is in the amplitude
}

void InputMap::map(std::span<const double> mu, std::span<double> x) const {
  raw(mu, x);
  for (int k = 0; k < dim(); ++k) x[k] = (x[k] - centre_[k]) / half_[k];
}

Matrix InputMap::map(const Matrix& samples) const {
  Matrix X(samples.rows, dim());
  std::vector<double> mu(samples.columns), x(dim());
  for (int i = 0; i < samples.rows; ++i) {
    for (int k = 0; k < samples.columns; ++k) mu[k] = samples(i, k);
    map(mu, x);
    for (int k = 0; k < dim(); ++k) X(i, k) = x[k];
  }
  return X;
}

double InputMap::amplitude(std::span<const double> mu) const {
  if (scaling_.parameters.empty()) return 1.0;
  double sum = 0.0;
  for (const int k : scaling_.parameters) sum += logarithm(mu[k]);
  return std::exp(scaling_.power * sum / scaling_.parameters.size());
}

Matrix InputMap::save() const {
  std::vector<double> values{double(num_parameters()), scaling_.power, double(scaling_.parameters.size()),
                             double(dim())};
  values.insert(values.end(), logarithmic_.begin(), logarithmic_.end());
  values.insert(values.end(), scaling_.parameters.begin(), scaling_.parameters.end());
  values.insert(values.end(), centre_.begin(), centre_.end());
  values.insert(values.end(), half_.begin(), half_.end());
  Matrix out(static_cast<int>(values.size()), 1);
  out.values = std::move(values);
  return out;
}

InputMap InputMap::load(const Matrix& array) {
  const auto& v = array.values;
  const auto fail = [] {
    throw Error(ErrorKind::state, "the map of the inputs is damaged", "pod_regression", "train anew");
  };
  if (v.size() < 4) fail();
  const auto count = [&](int at) { return v[at] >= 0.0 && v[at] < 1e6 ? static_cast<std::size_t>(v[at]) : 1000000; };
  const std::size_t parameters = count(0), scaled = count(2), dim = count(3);
  if (v.size() != 4 + parameters + scaled + 2 * dim || dim == 0) fail();
  InputMap out;
  auto at = v.begin() + 4;
  out.scaling_.power = v[1];
  for (std::size_t k = 0; k < parameters; ++k) out.logarithmic_.push_back(*at++ != 0.0);
  for (std::size_t k = 0; k < scaled; ++k, ++at) {
    if (!(*at >= 0.0 && *at < double(parameters))) fail();
    out.scaling_.parameters.push_back(static_cast<int>(*at));
  }
  out.centre_.assign(at, at + dim);
  out.half_.assign(at + dim, at + 2 * dim);
  return out;
}

}  // namespace pod_regression
