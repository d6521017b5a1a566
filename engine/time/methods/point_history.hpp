#pragma once
/// States at some times, and polynomials through them.

#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/time.hpp"

namespace ansatz::time {

/// w with p(x) = sum_i w_i p(points_i) for polynomials of degree < size. The points differ.
std::vector<double> value_weights(std::span<const double> points, double x);

/// w with p'(points_0) = sum_i w_i p(points_i) for polynomials of degree < size. The points differ.
std::vector<double> rate_weights(std::span<const double> points);

/// w with the divided difference of p over all points = sum_i w_i p(points_i). The points differ.
std::vector<double> difference_weights(std::span<const double> points);

/// out = sum_i weights_i states_i.
void combine(std::span<const double> weights, std::span<const std::vector<double>> states, std::span<double> out);

/// The last states of a run, the newest first, with the times between them.
class PointHistory {
 public:
  explicit PointHistory(std::size_t capacity) : capacity_(capacity) {}

  void clear();
  /// \param spacing time from the newest state so far; of no meaning for the first one
  void add(std::span<const double> state, double spacing);

  int size() const { return static_cast<int>(states_.size()); }
  std::span<const std::vector<double>> states() const { return states_; }
  /// Time from the state i + 1 to the state i.
  double spacing(int i) const { return spacing_[i]; }
  /// Times of the `count` newest states, where that of the newest is `newest`.
  std::vector<double> times(double newest, int count) const;
  /// The polynomial through the `count` newest states, `ahead` after the newest.
  void value(int count, double ahead, std::span<double> out) const;
  /// Its rate at the newest.
  void rate(int count, std::span<double> out) const;
  /// \param size of the states. *Collective.*
  void exchange(sdk::StateArchive& archive, const std::string& name, std::size_t size);

 private:
  std::size_t capacity_;
  std::vector<std::vector<double>> states_;
  std::vector<double> spacing_;
};

}  // namespace ansatz::time
