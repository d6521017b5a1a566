#pragma once
/// Where an ansatz has learned, and how far a query is from there.

#include <span>
#include <vector>

#include "engine/sampling/training_set.hpp"

namespace ansatz::certify {

/// Distances in the unit cube that the box of parameters is mapped to, logarithms of logarithmic parameters.
///
/// Points that are spread evenly in d dimensions have nearest neighbours within r with probability 1 - exp(-c r^d). The
/// ninth decile of the distances of the learned points to each other thus tells the 99th percentile, 2^(1/d) times as
/// far, also where there are few of them; a tenth of them may lie anywhere. What is farther from all of them is in a
/// gap. Points drawn over the whole box would not tell: they lie in the gaps as well.
class LearnedPlaces {
 public:
  /// \param box of all parameters, those without a range with low = high
  /// \param at (n, parameters), may have points twice; fewer than 3 different ones: distances are not known
  LearnedPlaces(std::vector<sampling::ParameterRange> box, std::span<const double> at);

  /// Parameters that have a range and were not the same in all of `at`.
  const std::vector<int>& varied() const { return varied_; }
  std::size_t size() const { return points_.size(); }
  bool knows() const { return threshold_ > 0.0; }
  /// Not a number where distances are not known.
  double distance(std::span<const double> mu) const;
  double threshold() const { return threshold_; }
  /// Parameters that vary are within their ranges, the others where all of `at` were. \param mu of all parameters
  bool is_inside(std::span<const double> mu) const;
  bool is_near(std::span<const double> mu) const { return is_inside(mu) && (!knows() || distance(mu) <= threshold_); }

  /// Where `at` had those that do not vary, nothing known of them: `others`. \param at of the varied ones
  std::vector<double> whole(std::span<const double> at, std::span<const double> others) const;

 private:
  std::vector<double> unit(std::span<const double> mu) const;

  std::vector<sampling::ParameterRange> box_;
  std::vector<int> varied_;
  std::vector<double> fixed_;  ///< (parameters) the first of `at`; empty: none
  std::vector<std::vector<double>> points_;
  double threshold_ = 0.0;
};

}  // namespace ansatz::certify
