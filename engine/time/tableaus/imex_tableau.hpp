#pragma once
/// Additive Runge-Kutta methods as data: a stiff part is implicit, the rest explicit.

#include "engine/time/tableaus/implicit_tableau.hpp"

namespace ansatz::time {

/// For y' = f(t, y) + g(t, y) with g stiff:
/// Y_i = y + h sum_{j<i} explicit_a_ij f(t + c_j h, Y_j) + h sum_{j<=i} a_ij g(t + c_j h, Y_j),
/// y_new = y + h sum_i b_i (f + g)(Y_i), error estimate h sum_i (b_i - d_i) (f + g)(Y_i),
/// with a, b, c of the implicit method. Errors by f do not fall with the stiffness of g: nothing is damped.
struct ImexTableau {
  std::string name;
  std::string implicit_name;                    ///< of the method for g, in the table of the implicit ones
  std::vector<std::vector<double>> explicit_a;  ///< rows of length i
  std::vector<double> d;
  std::string source;

  const ImplicitTableau& implicit() const { return implicit_method(implicit_name); }
};

/// All additive methods, by name.
std::span<const ImexTableau> imex_methods();
/// \throws sdk::Error of kind case_file with a suggestion.
const ImexTableau& imex_method(const std::string& name);

}  // namespace ansatz::time
