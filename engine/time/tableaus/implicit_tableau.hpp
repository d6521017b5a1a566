#pragma once
/// Diagonally implicit Runge-Kutta methods as data.

#include <span>
#include <string>
#include <vector>

namespace ansatz::time {

/// Y_i = y + h sum_{j<=i} a_ij k_j,  k_i = f(t + c_i h, Y_i),  y_new = y + h sum_i b_i k_i,
/// error estimate h sum_i (b_i - d_i) k_i, of some methods damped: times (M - gamma h df/dy)^-1 M.
/// All are L-stable, with R(inf) = 0, and stiffly accurate: b is the last row of a, the last stage the new state.
struct ImplicitTableau {
  std::string name;
  int order = 0;
  int embedded_order = 0;                   ///< of the weights d, may be above the order
  int stage_order = 1;                      ///< of all stages: bounds the order on stiff problems
  std::vector<std::vector<double>> a = {};  ///< row i of length i + 1
  std::vector<double> d = {};
  /// Whether the estimate is: its sum grows with the stiffness, which errors do not.
  bool damped = false;
  /// Where no stage is at the start: e_0, e_1, ... of the damped estimate h (e_0 f(t, y) + sum_i e_i k_i), which sees
  /// what jumps before the first stage, too. It takes the place of the other one where the rate at the start is known.
  std::vector<double> e_from_start = {};
  std::string source = {};
  std::vector<double> b = {}, c = {};  ///< follow: the last row, the sums of the rows

  int num_stages() const { return static_cast<int>(b.size()); }
  /// a_ii of all stages that are implicit: one matrix M - gamma h J serves them all.
  double gamma() const { return a.back().back(); }
  /// The first stage is the state itself (ESDIRK).
  bool explicit_first_stage() const { return a.front().front() == 0.0; }
};

/// All diagonally implicit methods, by name.
std::span<const ImplicitTableau> implicit_methods();
/// \throws sdk::Error of kind case_file with a suggestion.
const ImplicitTableau& implicit_method(const std::string& name);

}  // namespace ansatz::time
