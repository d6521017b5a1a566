#include "engine/reduced/thetas.hpp"

#include <algorithm>

namespace ansatz::reduced {

int Thetas::add_factor(const sdk::Expression& expression) {
  const auto found = std::ranges::find(factors_, expression.text(), &sdk::Expression::text);
  if (found != factors_.end()) return static_cast<int>(found - factors_.begin());
  factors_.push_back(expression);
  return num_factors() - 1;
}

int Thetas::add_term(int first, int second) {
  terms_.emplace_back(first, second);
  return num_terms() - 1;
}

void Thetas::evaluate(std::span<const double> mu, std::span<double> scratch, std::span<double> values) const {
  for (std::size_t k = 0; k < factors_.size(); ++k) {
    scratch[k] = factors_[k].evaluate<double>({.parameters = mu.data()});
  }
  for (std::size_t q = 0; q < terms_.size(); ++q) {
    const auto [first, second] = terms_[q];
    values[q] = (first < 0 ? 1.0 : scratch[first]) * (second < 0 ? 1.0 : scratch[second]);
  }
}

std::vector<double> Thetas::operator()(std::span<const double> mu) const {
  std::vector<double> scratch(factors_.size()), values(terms_.size());
  evaluate(mu, scratch, values);
  return values;
}

std::pair<double, double> Thetas::range(int term, std::span<const ParameterRange> box) const {
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
