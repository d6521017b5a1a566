#include "engine/reduced/separation/thetas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "ansatz/sdk/error.hpp"

namespace ansatz::reduced {

int Thetas::add_factor(const sdk::Expression& expression) {
  const auto found = std::ranges::find(factors_, expression.text(), &sdk::Expression::text);
  if (found != factors_.end()) return static_cast<int>(found - factors_.begin());
  factors_.push_back(expression);
  return num_factors() - 1;
}

int Thetas::add_interpolation(std::shared_ptr<const InterpolatedFunction> function) {
  int first = -2;
  for (const auto& present : interpolations_) {
    if (present->text == function->text) return first;
    first -= present->size();
  }
  num_weights_ += static_cast<std::size_t>(function->size());
  most_scratch_ = std::max(most_scratch_, function->scratch_size());
  interpolations_.push_back(std::move(function));
  return first;
}

int Thetas::add_factor_of(const Thetas& other, int factor) {
  if (factor == -1) return -1;
  if (factor >= 0) return add_factor(other.factors_[factor]);
  const auto [k, m] = other.weight(factor);
  return add_interpolation(other.interpolations_[k]) - m;
}

int Thetas::add_term(int first, int second) {
  terms_.emplace_back(first, second);
  return num_terms() - 1;
}

std::pair<std::size_t, int> Thetas::weight(int factor) const {
  int m = -2 - factor;
  std::size_t k = 0;
  for (; k < interpolations_.size() && m >= interpolations_[k]->size(); ++k) m -= interpolations_[k]->size();
  return {k, m};
}

std::string Thetas::text(int factor) const {
  if (factor == -1) return "1";
  if (factor >= 0) return factors_[factor].text();
  const auto [k, m] = weight(factor);
  return fmt::format("weight {} of the interpolation of \"{}\"", m, interpolations_[k]->text);
}

void Thetas::evaluate(std::span<const double> mu, std::span<double> scratch, std::span<double> values,
                      std::span<double> corrections) const {
  if (scratch.size() < scratch_size()) {
    throw sdk::Error(sdk::ErrorKind::internal, "the workspace of functions of parameters is too small",
                     "reduced::Thetas", "give scratch_size() doubles");
  }
  for (std::size_t k = 0; k < factors_.size(); ++k) {
    scratch[k] = factors_[k].evaluate<double>({.parameters = mu.data()});
  }
  const auto few = scratch.subspan(factors_.size(), num_weights_),
             all = scratch.subspan(factors_.size() + num_weights_, num_weights_),
             work = scratch.subspan(factors_.size() + 2 * num_weights_, most_scratch_);
  std::size_t at = 0;
  for (const auto& function : interpolations_) {
    const auto count = static_cast<std::size_t>(function->size());
    function->weights(mu, work, few.subspan(at, count), all.subspan(at, count));
    at += count;
  }
  const auto value = [&](int factor, std::span<double> weights) {
    return factor == -1 ? 1.0 : factor >= 0 ? scratch[factor] : weights[-2 - factor];
  };
  for (std::size_t q = 0; q < terms_.size(); ++q) {
    const auto [first, second] = terms_[q];
    values[q] = value(first, few) * value(second, few);
    if (!corrections.empty()) corrections[q] = value(first, all) * value(second, all) - values[q];
  }
}

std::vector<double> Thetas::operator()(std::span<const double> mu) const {
  std::vector<double> scratch(scratch_size()), values(terms_.size());
  evaluate(mu, scratch, values);
  return values;
}

double Thetas::change(std::span<const double> mu, std::span<double> scratch) const {
  double largest = 0.0;
  for (const auto& function : interpolations_) largest = std::max(largest, function->change(mu, scratch));
  return largest;
}

bool Thetas::is_constant(int term) const {
  const auto constant = [&](int factor) { return factor == -1 || (factor >= 0 && factors_[factor].is_constant()); };
  return constant(terms_[term].first) && constant(terms_[term].second);
}

std::pair<double, double> Thetas::range(int term, std::span<const sampling::ParameterRange> box) const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (terms_[term].first < -1 || terms_[term].second < -1) return {-infinity, infinity};
  std::vector<double> low, high;
  for (const auto& parameter : box) {
    low.push_back(parameter.low);
    high.push_back(parameter.high);
  }
  const auto of = [&](int factor) {
    return factor < 0 ? std::pair(1.0, 1.0) : sdk::interval(factors_[factor], low, high);
  };
  const auto [a, b] = of(terms_[term].first);
  const auto [c, d] = of(terms_[term].second);
  return std::minmax({a * c, a * d, b * c, b * d});
}

}  // namespace ansatz::reduced
