#include "engine/time/tase.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"
#include "engine/base/small_lu.hpp"

namespace ansatz::time {
namespace {

const std::vector<std::vector<double>> midpoint{{}, {0.5}}, kutta{{}, {0.5}, {-1.0, 2.0}};

const std::vector<TaseMethod>& methods() {
  // gamma of ms2a: 1 - sqrt(1/2). Those of third order are roots of
  // gamma^3 - 3 gamma^2 + (b2 a21 s1 s2 + b3 (a31 s1 s3 + a32 s2 s3)) gamma - s1 s2 s3 / 6 = 0 with s_i = 2 - e_i.
  static const std::vector<TaseMethod> table{
      {"singly2", 2, midpoint, {0.0, 1.0}, {0.0, 0.5}, {-1.0, -1.0}, 1.0},
      {"ms2a", 2, midpoint, {0.0, 1.0}, {0.0, 0.5}, {0.5, -1.0}, 0.292893218813452476},
      {"ms2b", 2, midpoint, {0.0, 1.0}, {0.0, 0.5}, {0.0, -1.0}, 1.0},
      {"singly3", 3, kutta, {1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0}, {0.0, 0.5, 1.0}, {-1.0, -1.0, -1.0}, 1.879614879812401},
      {"ms3a", 3, kutta, {1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0}, {0.0, 0.5, 1.0}, {1.15, -2.2, 1.65}, 0.468414894597094},
      {"ms3b",
       3,
       {{}, {0.5}, {0.36, 0.24}},
       {5.0 / 18.0, -2.0 / 3.0, 25.0 / 18.0},
       {0.0, 0.5, 0.6},
       {2.5, 0.45, -1.004},
       0.701553034650720},
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

Tase::Tase(const TaseMethod& method, OdeFunction& f, Operator W, double start, std::vector<double> y0)
    : method_(method),
      f_(f),
      operator_(std::move(W)),
      time_(start),
      y_(std::move(y0)),
      stage_(y_.size()),
      power_(y_.size()),
      matrix_(y_.size() * y_.size()),
      pivots_(y_.size()),
      k_(method.num_stages(), std::vector<double>(y_.size())) {
  for (int i = 0; i < method_.num_stages(); ++i) powers_.push_back(method_.powers(i));
}

void Tase::step(double h) {
  const std::size_t n = y_.size();
  operator_(time_, y_, matrix_);
  for (double& value : matrix_) value *= -method_.gamma * h;
  for (std::size_t i = 0; i < n; ++i) matrix_[i * n + i] += 1.0;
  if (!base::factorise(matrix_, pivots_)) {
    throw sdk::Error(sdk::ErrorKind::solver, fmt::format("the matrix I - gamma h W of {} is singular at t = {}, h = {}",
                                                         method_.name, time_, h));
  }
  for (int i = 0; i < method_.num_stages(); ++i) {
    std::ranges::copy(y_, stage_.begin());
    for (int j = 0; j < i; ++j) {
      for (std::size_t m = 0; m < n; ++m) stage_[m] += h * method_.a[i][j] * k_[j][m];
    }
    f_.evaluate(time_ + method_.c[i] * h, stage_, power_);
    std::ranges::fill(k_[i], 0.0);
    for (const double beta : powers_[i]) {
      base::solve_factorised(matrix_, pivots_, power_);
      for (std::size_t m = 0; m < n; ++m) k_[i][m] += beta * power_[m];
    }
  }
  for (int i = 0; i < method_.num_stages(); ++i) {
    for (std::size_t m = 0; m < n; ++m) y_[m] += h * method_.b[i] * k_[i][m];
  }
  time_ += h;
}

}  // namespace ansatz::time
