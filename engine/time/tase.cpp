#include "engine/time/tase.hpp"

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"

namespace ansatz::time {
namespace {

const std::vector<std::vector<double>> midpoint{{}, {0.5}}, kutta{{}, {0.5}, {-1.0, 2.0}};

const std::vector<TaseMethod>& methods() {
  // gamma of ms2a: 1 - sqrt(1/2). Those of third order are roots of
  // gamma^3 - 3 gamma^2 + (b2 a21 s1 s2 + b3 (a31 s1 s3 + a32 s2 s3)) gamma - s1 s2 s3 / 6 = 0 with s_i = 2 - e_i.
  static const std::vector<TaseMethod> table{
      {"singly2", 2, midpoint, {0.0, 1.0}, {0.0, 0.5}, {-1.0, -1.0}, 1.0, {1.0, 0.0}, 1.0},
      {"ms2a", 2, midpoint, {0.0, 1.0}, {0.0, 0.5}, {0.5, -1.0}, 0.292893218813452476, {1.0, 0.0}},
      {"ms2b", 2, midpoint, {0.0, 1.0}, {0.0, 0.5}, {0.0, -1.0}, 1.0, {1.0, 0.0}},
      {"singly3", 3, kutta, {1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0}, {0.0, 0.5, 1.0}, {-1.0, -1.0, -1.0}, 1.879614879812401, {0.0, 1.0, 0.0}},
      {"ms3a", 3, kutta, {1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0}, {0.0, 0.5, 1.0}, {1.15, -2.2, 1.65}, 0.468414894597094, {0.0, 1.0, 0.0}},
      {"ms3b",
       3,
       {{}, {0.5}, {0.36, 0.24}},
       {5.0 / 18.0, -2.0 / 3.0, 25.0 / 18.0},
       {0.0, 0.5, 0.6},
       {2.5, 0.45, -1.004},
       0.701553034650720,
       {0.0, 1.0, 0.0}},
  };
  return table;
}

}  // namespace

std::vector<double> TaseMethod::powers(int stage) const {
  const double x = e[stage];
  return order == 2 ? std::vector{1.0 - x, x} : std::vector{2.0 - x, 2.0 * x - 1.0, -x};
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
