#pragma once
/// Explicit Runge-Kutta methods made stable for stiff problems by operators on their stages: the TASE family.

#include <span>
#include <string>
#include <vector>

namespace ansatz::time {

/// Stages k_i = T_i f(t + c_i h, y + h sum_j a_ij k_j) with T_i = sum_l beta_il X^l, X = (I - gamma h W)^-1, where W
/// approximates df/dy: any W keeps the order, as these are W-methods. One factorisation a step.
///
/// The first methods of the family have poles of their own in each operator, T = sum_l g_l (I - alpha_l h W)^-1, with
/// g_l = alpha_l^(1-p) / prod_(k != l) (1 / alpha_l - 1 / alpha_k), so that T = I + O(h^p) (Calvo, Montijano, Randez,
/// JCP 436, 2021): p factorisations. Singly methods have T = I - (I - X)^p for all stages (Calvo, Montijano, Randez,
/// arXiv 2407.01785); the modified ones have operators of their own for each stage, I - (I - X)^(p-1) (I + e_i X) with
/// sum b_i e_i = -1, and gamma so that R(inf) = 0.
///
/// Error estimates of order p - 1 are differences of rates over the step, h (sum_i error_i k_i + sum_l error_at_end_l
/// X^l f_*) with f_* = f(t + h, y_new): stages alone do not see what a stiff unknown is off at the new state, and
/// nothing that jumps after the last of them.
struct TaseMethod {
  std::string name;
  int order = 0;
  std::vector<std::vector<double>> a;
  std::vector<double> b, c, e;  ///< e_i = -1 for all stages: singly
  double gamma = 0.0;
  std::vector<double> error = {}, error_at_end = {};  ///< empty: no estimate
  double r_infinity = 0.0;                            ///< |R(inf)|
  std::vector<double> poles = {};                     ///< alpha_1 ... alpha_p; empty: powers of X

  int num_stages() const { return static_cast<int>(b.size()); }
  /// beta_i1 ... beta_ip.
  std::vector<double> powers(int stage) const;
  /// g_1 ... g_p.
  std::vector<double> pole_weights() const;
};

/// All of them, by name.
std::span<const TaseMethod> tase_methods();
/// \throws sdk::Error of kind case_file with a suggestion.
const TaseMethod& tase_method(const std::string& name);

}  // namespace ansatz::time
