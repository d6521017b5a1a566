#include "engine/time/tableaus/rosenbrock_tableau.hpp"

#include <cmath>
#include <numeric>

#include "engine/time/tableaus/named_table.hpp"

namespace ansatz::time {
namespace {

using Rows = std::vector<std::vector<double>>;

/// The inverse of a lower triangular matrix.
Rows inverse(const Rows& lower) {
  Rows out;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    auto& row = out.emplace_back(i + 1, 0.0);
    for (std::size_t j = 0; j < i; ++j) {
      for (std::size_t k = j; k < i; ++k) row[j] -= lower[i][k] * out[k][j] / lower[i][i];
    }
    row[i] = 1.0 / lower[i][i];
  }
  return out;
}

/// row times lower, of the length of the row.
std::vector<double> times(const std::vector<double>& row, const Rows& lower) {
  std::vector<double> out(row.size(), 0.0);
  for (std::size_t k = 0; k < row.size(); ++k) {
    for (std::size_t j = 0; j <= k; ++j) out[j] += row[k] * lower[k][j];
  }
  return out;
}

double sum(const std::vector<double>& row) { return std::accumulate(row.begin(), row.end(), 0.0); }

bool is_stiffly_accurate(const RosenbrockTableau& method) {
  auto last = method.gamma_ij.back();
  for (std::size_t j = 0; j + 1 < last.size(); ++j) last[j] += method.alpha_ij.back()[j];
  for (std::size_t j = 0; j < last.size(); ++j) {
    if (std::abs(last[j] - method.b[j]) > 1e-14) return false;
  }
  return std::abs(method.alpha.back() - 1.0) < 1e-14;
}

/// Fills in the sums and the form without products: a = alpha gamma^-1, c = 1 / gamma - gamma^-1, m = b gamma^-1.
RosenbrockTableau completed(RosenbrockTableau method) {
  const auto inverted = inverse(method.gamma_ij);
  for (std::size_t i = 0; i < method.b.size(); ++i) {
    method.alpha.push_back(sum(method.alpha_ij[i]));
    method.gamma_i.push_back(sum(method.gamma_ij[i]));
    method.a.push_back(times(method.alpha_ij[i], inverted));
    auto& row = method.c.emplace_back(inverted[i].begin(), inverted[i].end() - 1);
    for (double& value : row) value = -value;
    method.e.push_back(method.b[i] - method.d[i]);
  }
  method.m = times(method.b, inverted);
  method.e = times(method.e, inverted);
  method.stiffly_accurate = is_stiffly_accurate(method);
  return method;
}

RosenbrockTableau ros2() {
  const double g = 1.0 - 1.0 / std::sqrt(2.0);
  return {.name = "ros2",
          .order = 2,
          .embedded_order = 1,
          .w_method = true,
          .alpha_ij = {{}, {1.0}},
          .gamma_ij = {{g}, {-2.0 * g, g}},
          .b = {0.5, 0.5},
          .d = {1.0, 0.0},
          .source = "Verwer, Spee, Blom, Hundsdorfer, SIAM J. Sci. Comput. 20, 1999"};
}

/// Within its three stages every estimate of order 2 vanishes on y' = L y, where k_1 = k_2. The fourth, at the new
/// state (alpha_4j = b_j), makes the solution of order 2 stiffly accurate (beta_4j = d_j): the estimate is what stiff
/// unknowns of the new state are off, up to a step of Newton, and that is less than a tolerance when the next step
/// carries it on by R(inf). d_2 is free: the estimate has the error of the authors' for y' = g(t), h^3 g'' / 6.
RosenbrockTableau ros3p() {
  const double g = 0.5 + std::sqrt(3.0) / 6.0, third = 1.0 / 3.0;
  const double d3 = (third - g) / (1.5 - 3.0 * g), d2 = 2.0 * third - g - d3;
  return {.name = "ros3p",
          .order = 3,
          .embedded_order = 2,
          .r_infinity = 1.0 - std::sqrt(3.0),
          .alpha_ij = {{}, {1.0}, {1.0, 0.0}, {2.0 * third, 0.0, third}},
          .gamma_ij = {{g}, {-1.0, g}, {-g, 0.5 - 2.0 * g, g}, {-third, d2, d3 - third, g}},
          .b = {2.0 * third, 0.0, third, 0.0},
          .d = {third, d2, d3, g},
          .source = "Lang and Verwer, BIT 41, 2001; fourth stage, for the estimate, chosen here"};
}

/// The authors' estimate vanishes on y' = lambda (y - g(t)) near h lambda = -18, where errors under control were 25
/// tolerances. No other is of order 2 with any W: it is taken 1.5 times.
RosenbrockTableau ros34pw2() {
  const double g = 4.3586652150845900e-01;
  RosenbrockTableau method{
      .name = "ros34pw2",
      .order = 3,
      .embedded_order = 2,
      .w_method = true,
      .alpha_ij = {{}, {8.7173304301691801e-01}, {8.4457060015369423e-01, -1.1299064236484185e-01}, {0.0, 0.0, 1.0}},
      .gamma_ij = {{g},
                   {-8.7173304301691801e-01, g},
                   {-9.0338057013044082e-01, 5.4180672388095326e-02, g},
                   {2.4212380706095346e-01, -1.2232505839045147e+00, 5.4526025533510214e-01, g}},
      .b = {2.4212380706095346e-01, -1.2232505839045147e+00, 1.5452602553351020e+00, g},
      .d = {3.7810903145819369e-01, -9.6042292212423178e-02, 0.5, 2.1793326075422950e-01},
      .source = "Rang and Angermann, BIT 45, 2005; 1.5 times their estimate"};
  for (std::size_t i = 0; i < method.b.size(); ++i) method.d[i] = method.b[i] + 1.5 * (method.d[i] - method.b[i]);
  return method;
}

RosenbrockTableau rodas3() {
  const double g = 0.5;
  return {.name = "rodas3",
          .order = 3,
          .embedded_order = 2,
          .alpha_ij = {{}, {0.0}, {1.0, 0.0}, {0.75, -0.25, 0.5}},
          .gamma_ij = {{g}, {1.0, g}, {-0.25, -0.25, g}, {1.0 / 12.0, 1.0 / 12.0, -2.0 / 3.0, g}},
          .b = {5.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0, g},
          .d = {0.75, -0.25, 0.5, 0.0},
          .source = "Sandu and others, Atmos. Environ. 31, 1997"};
}

RosenbrockTableau rodas4() {
  const double g = 0.25;
  const std::vector<double> estimate{
      2.4286337654669878007, -0.38274873376478460739, -1.8557203309295803538, 0.55983529922737625, g, 0.0};
  return {.name = "rodas4",
          .order = 4,
          .embedded_order = 3,
          .alpha_ij = {{},
                       {0.386},
                       {0.14607470752541789788, 0.0639252924745821},
                       {-0.33081150366773010879, 0.71115102516828475633, 0.249660478499445425},
                       {-4.5525571863180309759, 1.7101813632413319438, 4.0143473321031723376, -0.17197150902647375},
                       {estimate.begin(), estimate.end() - 1}},
          .gamma_ij = {{g},
                       {-0.3543, g},
                       {-0.13360250526817555039, -0.01289749473182446875, g},
                       {1.5268491730064671282, -0.53365628875045728237, -1.27939288425601, g},
                       {6.9811909517850187766, -2.0929300970061165512, -5.8700676630327526913, 0.73180680825385, g},
                       {-2.080189494180936268, 0.5957623556766833068, 1.7016177982672618968, -0.088514519835880427342,
                        -0.378676139927128375, g}},
          .b = {0.34844427128605153266, 0.21301362191189869941, -0.154102532662318457, 0.47132077939149582266,
                -0.128676139927128375, g},
          .d = estimate,
          .source = "Hairer and Wanner, Solving ODEs II, VI.4"};
}

const std::vector<RosenbrockTableau>& methods() {
  static const auto table = [] {
    std::vector<RosenbrockTableau> all{ros2(), ros3p(), ros34pw2(), rodas3(), rodas4()};
    std::ranges::transform(all, all.begin(), completed);
    return all;
  }();
  return table;
}

}  // namespace

std::span<const RosenbrockTableau> rosenbrock_methods() { return methods(); }

const RosenbrockTableau& rosenbrock_method(const std::string& name) {
  return named_entry(rosenbrock_methods(), name, "Rosenbrock method");
}

}  // namespace ansatz::time
