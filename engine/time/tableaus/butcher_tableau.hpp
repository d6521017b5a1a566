#pragma once
/// Runge-Kutta methods as data.

#include <span>
#include <string>
#include <vector>

namespace ansatz::time {

/// k_i = f(t + c_i h, y + h sum_j a_ij k_j),  y_new = y + h sum_i b_i k_i,  error estimate h sum_i (b_i - d_i) k_i.
struct ButcherTableau {
  std::string name;
  int order = 0;
  int embedded_order = 0;                   ///< of the weights d; 0 without an estimate
  std::vector<std::vector<double>> a = {};  ///< rows of length i (explicit)
  std::vector<double> b = {}, c = {};
  std::vector<double> d = {};  ///< empty without an estimate
  /// Of the dense output of order 4, where it is better than the cubic through states and rates at both ends:
  ///   y(t + theta h) = cubic + theta^2 (1 - theta)^2 h sum_i dense_i k_i.
  std::vector<double> dense = {};
  bool first_is_last = false;  ///< the last stage is f at the new state: the first one of the next step
  std::string source = {};

  int num_stages() const { return static_cast<int>(b.size()); }
  /// b_i(theta) of  y(t + theta h) = y + h sum_i b_i(theta) k_i,  where there is a dense output of its own.
  double dense_weight(int i, double theta) const;
};

/// All explicit methods, by name.
std::span<const ButcherTableau> explicit_methods();

}  // namespace ansatz::time
