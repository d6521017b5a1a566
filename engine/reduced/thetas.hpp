#pragma once
/// Functions of the parameters in front of the terms of a separated problem.

#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/expression.hpp"
#include "engine/reduced/training_set.hpp"

namespace ansatz::reduced {

/// theta_q(mu), each the product of up to two of a list of distinct expressions in the parameters.
class Thetas {
 public:
  /// \returns the index of the expression, which is added unless one with the same text is there.
  int add_factor(const sdk::Expression& expression);
  /// Adds a term; factor -1 stands for 1. \returns its index.
  int add_term(int first, int second = -1);

  int num_terms() const { return static_cast<int>(terms_.size()); }
  int num_factors() const { return static_cast<int>(factors_.size()); }
  const std::vector<sdk::Expression>& factors() const { return factors_; }
  const std::vector<std::pair<int, int>>& terms() const { return terms_; }

  /// Values of all terms. Allocates nothing. \param scratch (num_factors) \param values (num_terms)
  void evaluate(std::span<const double> mu, std::span<double> scratch, std::span<double> values) const;
  std::vector<double> operator()(std::span<const double> mu) const;
  /// Interval that contains all values of a term over a box.
  std::pair<double, double> range(int term, std::span<const ParameterRange> box) const;

 private:
  std::vector<sdk::Expression> factors_;
  std::vector<std::pair<int, int>> terms_;
};

}  // namespace ansatz::reduced
