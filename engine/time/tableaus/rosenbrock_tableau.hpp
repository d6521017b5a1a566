#pragma once
/// Rosenbrock and W-methods as data.

#include <span>
#include <string>
#include <vector>

namespace ansatz::time {

/// For M y' = f(t, y), with W for df/dy and gamma = gamma_ii. As the methods are defined,
///
///   (M - gamma h W) k_i = f(t + alpha_i h, y + h sum_{j<i} alpha_ij k_j) + h W sum_{j<i} gamma_ij k_j
///                         + gamma_i h df/dt,
///   y_new = y + h sum_i b_i k_i,  error estimate h sum_i (b_i - d_i) k_i,
///
/// and as they are computed, without products with W, by u_i = h sum_{j<=i} gamma_ij k_j,
///
///   (M - gamma h W) u_i = gamma h (f(t + alpha_i h, y + sum_{j<i} a_ij u_j) + gamma_i h df/dt)
///                         + gamma M sum_{j<i} c_ij u_j,
///   y_new = y + sum_i m_i u_i,  error estimate sum_i e_i u_i
///
/// (Hairer and Wanner, Solving ODEs II, IV.7).
struct RosenbrockTableau {
  std::string name;
  int order = 0;
  int embedded_order = 0;
  bool w_method = false;    ///< keeps its orders with any W, and without df/dt; others need the exact ones
  double r_infinity = 0.0;  ///< limit of the stability function at -infinity, with W = df/dy
  std::vector<std::vector<double>> alpha_ij = {};  ///< rows of length i
  std::vector<std::vector<double>> gamma_ij = {};  ///< rows of length i + 1
  std::vector<double> b = {}, d = {};
  std::string source = {};

  std::vector<double> alpha = {}, gamma_i = {};     ///< sums of the rows
  std::vector<std::vector<double>> a = {}, c = {};  ///< rows of length i
  std::vector<double> m = {}, e = {};
  bool stiffly_accurate = false;  ///< alpha_sj + gamma_sj = b_j, alpha_s = 1 in the last stage s

  int num_stages() const { return static_cast<int>(b.size()); }
  double gamma() const { return gamma_ij.front().front(); }
};

/// All Rosenbrock and W-methods, by name.
std::span<const RosenbrockTableau> rosenbrock_methods();
/// \throws sdk::Error of kind case_file with a suggestion.
const RosenbrockTableau& rosenbrock_method(const std::string& name);

}  // namespace ansatz::time
