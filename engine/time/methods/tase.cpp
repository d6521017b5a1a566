#include "engine/time/methods/tase.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"

namespace ansatz::time {
namespace {

const std::vector<std::vector<double>> midpoint{{}, {0.5}}, kutta{{}, {0.5}, {-1.0, 2.0}};

// (k_1 - 2 k_2 + (2 X - X^2) f_*) / 6 with c_2 = 1/2.
const std::vector<double> curvature{1.0 / 6.0, -1.0 / 3.0, 0.0}, curvature_at_end{1.0 / 3.0, -1.0 / 6.0};

/// With |R(inf)|: T z tends to s = -sum_l g_l / alpha_l, so that stages are those of the explicit method at s.
TaseMethod with_poles(TaseMethod m) {
  const auto g = m.pole_weights();
  double s = 0.0, R = 1.0;
  for (std::size_t l = 0; l < g.size(); ++l) s -= g[l] / m.poles[l];
  std::vector<double> k;
  for (int i = 0; i < m.num_stages(); ++i) {
    double y = 1.0;
    for (int j = 0; j < i; ++j) y += m.a[i][j] * k[j];
    k.push_back(s * y);
    R += m.b[i] * k.back();
  }
  m.r_infinity = std::abs(R);
  return m;
}

const std::vector<TaseMethod>& methods() {
  // Singly methods have no estimate: on stiff problems their errors are in all stages alike, and differences of stages
  // are smaller by any factor. Those of ms2a and ms2b vanish nowhere on y' = lambda (y - g(t)).
  // gamma of ms2a: 1 - sqrt(1/2). Those of third order are roots of
  // gamma^3 - 3 gamma^2 + (b2 a21 s1 s2 + b3 (a31 s1 s3 + a32 s2 s3)) gamma - s1 s2 s3 / 6 = 0 with s_i = 2 - e_i.
  static const std::vector<TaseMethod> table{
      {"singly2", 2, midpoint, {0.0, 1.0}, {0.0, 0.5}, {-1.0, -1.0}, 1.0, {}, {}, 1.0},
      {"ms2a", 2, midpoint, {0.0, 1.0}, {0.0, 0.5}, {0.5, -1.0}, 0.292893218813452476, {1.0, -0.5}, {0.0, -0.5}},
      {"ms2b", 2, midpoint, {0.0, 1.0}, {0.0, 0.5}, {0.0, -1.0}, 1.0, {0.5, 0.5}, {-1.0}},
      {"singly3", 3, kutta, {1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0}, {0.0, 0.5, 1.0}, {-1.0, -1.0, -1.0}, 1.879614879812401},
      {"ms3a",
       3,
       kutta,
       {1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0},
       {0.0, 0.5, 1.0},
       {1.15, -2.2, 1.65},
       0.468414894597094,
       curvature,
       curvature_at_end},
      {"ms3b",
       3,
       {{}, {0.5}, {0.36, 0.24}},
       {5.0 / 18.0, -2.0 / 3.0, 25.0 / 18.0},
       {0.0, 0.5, 0.6},
       {2.5, 0.45, -1.004},
       0.701553034650720,
       curvature,
       curvature_at_end},
      with_poles({"rktase2", 2, midpoint, {0.0, 1.0}, {0.0, 0.5}, {}, 0.0, {}, {}, 0.0, {3.0, 1.5}}),
      with_poles({"rktase3",
                  3,
                  {{}, {0.5}, {0.0, 0.75}},
                  {2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0},
                  {0.0, 0.5, 0.75},
                  {},
                  0.0,
                  {},
                  {},
                  0.0,
                  {2.31469, 1.87961, 1.58222}}),
      with_poles({"rktase4",
                  4,
                  {{}, {0.5}, {0.0, 0.5}, {0.0, 0.0, 1.0}},
                  {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0},
                  {0.0, 0.5, 0.5, 1.0},
                  {},
                  0.0,
                  {},
                  {},
                  0.0,
                  {3.939556, 2.450558, 2.227083, 2.061235}}),
  };
  return table;
}

}  // namespace

std::vector<double> TaseMethod::powers(int stage) const {
  const double x = e[stage];
  return order == 2 ? std::vector{1.0 - x, x} : std::vector{2.0 - x, 2.0 * x - 1.0, -x};
}

std::vector<double> TaseMethod::pole_weights() const {
  std::vector<double> g;
  for (std::size_t l = 0; l < poles.size(); ++l) {
    double value = std::pow(1.0 / poles[l], order - 1);
    for (std::size_t k = 0; k < poles.size(); ++k) {
      if (k != l) value /= 1.0 / poles[l] - 1.0 / poles[k];
    }
    g.push_back(value);
  }
  return g;
}

std::span<const TaseMethod> tase_methods() { return methods(); }

const TaseMethod& tase_method(const std::string& name) {
  const auto found = std::ranges::find(methods(), name, &TaseMethod::name);
  if (found != methods().end()) return *found;
  std::vector<std::string> names;
  for (const auto& method : methods()) names.push_back(method.name);
  throw sdk::Error(sdk::ErrorKind::case_file, "there is no TASE method \"" + name + "\"", {},
                   sdk::did_you_mean(name, names));
}

}  // namespace ansatz::time
