#pragma once
/// Functions of the parameters in front of the terms of a separated problem.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/expression.hpp"
#include "engine/reduced/separation/interpolated_function.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::reduced {

/// theta_q(mu), each the product of up to two factors: expressions in the parameters or weights of interpolated
/// functions.
///
/// Factors are numbers: k >= 0 is an expression, -1 is 1, and -2 - w is weight w of all interpolations in their order.
class Thetas {
 public:
  /// \returns the index of the expression, which is added unless one with the same text is there.
  int add_factor(const sdk::Expression& expression);
  /// \returns the factor of its weight 0, that of weight m is m less; added unless it is there.
  int add_interpolation(std::shared_ptr<const InterpolatedFunction> function);
  /// Adds a factor of another list unless it is there.
  int add_factor_of(const Thetas& other, int factor);
  /// Adds a term; factor -1 stands for 1. \returns its index.
  int add_term(int first, int second = -1);

  int num_terms() const { return static_cast<int>(terms_.size()); }
  int num_factors() const { return static_cast<int>(factors_.size()); }
  const std::vector<sdk::Expression>& factors() const { return factors_; }
  const std::vector<std::pair<int, int>>& terms() const { return terms_; }
  const std::vector<std::shared_ptr<const InterpolatedFunction>>& interpolations() const { return interpolations_; }
  /// Text of a factor, for messages.
  std::string text(int factor) const;

  /// Doubles that the functions below work with.
  std::size_t scratch_size() const { return factors_.size() + 2 * num_weights_ + most_scratch_; }
  /// Values of all terms. Allocates nothing.
  /// \param scratch (scratch_size)
  /// \param values (num_terms)
  /// \param corrections what the further terms of the interpolations would add to the values; (num_terms) or none
  void evaluate(std::span<const double> mu, std::span<double> scratch, std::span<double> values,
                std::span<double> corrections = {}) const;
  std::vector<double> operator()(std::span<const double> mu) const;
  /// Largest InterpolatedFunction::change(), 0 without interpolations. Allocates nothing.
  /// \param scratch as above
  double change(std::span<const double> mu, std::span<double> scratch) const;
  /// A term depends on no parameter.
  bool is_constant(int term) const;
  /// Interval that contains all values of a term over a box: all numbers where it has an interpolation's weight.
  std::pair<double, double> range(int term, std::span<const sampling::ParameterRange> box) const;

 private:
  /// The interpolation of a weight, and its number there.
  std::pair<std::size_t, int> weight(int factor) const;

  std::vector<sdk::Expression> factors_;
  std::vector<std::pair<int, int>> terms_;
  std::vector<std::shared_ptr<const InterpolatedFunction>> interpolations_;
  std::size_t num_weights_ = 0;
  std::size_t most_scratch_ = 0;  ///< of one interpolation
};

}  // namespace ansatz::reduced
