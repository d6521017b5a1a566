#pragma once
/// Families of integrations on which learned step controllers are trained, and others on which they are tested.

#include <array>
#include <cmath>
#include <random>
#include <string>

#include "engine/time/learning/step_environment.hpp"
#include "tests/support/ode_support.hpp"

namespace ansatz::test {

/// y' = f(t, y) with parameters, for explicit methods.
class ParametricSystem final : public sdk::TimeSystem {
 public:
  using Right = void (*)(const std::array<double, 3>& p, double t, std::span<const double> y, std::span<double> out);
  ParametricSystem(std::size_t size, const std::array<double, 3>& p, Right f) : size_(size), p_(p), f_(f) {}

  std::size_t size() const override { return size_; }
  const sdk::TimeTraits& traits() const override { return traits_; }
  void f(double t, std::span<const double> y, sdk::Part, std::span<double> out) override {
    f_(p_, t, y, out);
    ++evaluations;
  }
  void time_derivative(double, std::span<const double>, std::span<double>) override {}
  void linearise(double, std::span<const double>, sdk::Part) override {}
  void linearise_linear_part(double, std::span<const double>) override {}
  void solve_shifted(double, std::span<double>) override {}
  void apply_mass(std::span<const double> x, std::span<double> out) override {
    std::copy(x.begin(), x.end(), out.begin());
  }
  void apply_jacobian(std::span<const double>, std::span<double>) override {}
  StageResult solve_stage(const Stage&, std::span<double>) override { return {}; }

  std::int64_t evaluations = 0;

 private:
  std::size_t size_;
  std::array<double, 3> p_;
  Right f_;
  sdk::TimeTraits traits_;
};

/// y' = f with parameters drawn evenly from `low` to `high`, initial values within `spread` of `y0`.
struct Family {
  const char* name;
  std::array<double, 3> low, high;
  std::vector<double> y0;
  double spread, end;
  ParametricSystem::Right f;

  /// \param uniform gives numbers from 0 to 1
  template <class Uniform>
  std::array<double, 3> draw_parameters(const Uniform& uniform) const {
    std::array<double, 3> p{};
    for (std::size_t i = 0; i < 3; ++i) p[i] = low[i] + (high[i] - low[i]) * uniform();
    return p;
  }
  template <class Uniform>
  std::vector<double> draw_start(const Uniform& uniform) const {
    auto drawn = y0;
    for (double& y : drawn) y += spread * (2 * uniform() - 1);
    return drawn;
  }
};

inline const std::vector<Family>& training_families() {
  using P = const std::array<double, 3>&;
  using In = std::span<const double>;
  using Out = std::span<double>;
  static const std::vector<Family> families{
      {"van der pol",
       {1, 0, 0},
       {12, 0, 0},
       {2, 0},
       0.3,
       60,
       [](P p, double, In y, Out f) { f[0] = y[1], f[1] = p[0] * (1 - y[0] * y[0]) * y[1] - y[0]; }},
      {"lorenz",
       {20, 8, 2},
       {35, 12, 3},
       {1, 1, 20},
       3,
       20,
       [](P p, double, In y, Out f) {
         f[0] = p[1] * (y[1] - y[0]), f[1] = y[0] * (p[0] - y[2]) - y[1], f[2] = y[0] * y[1] - p[2] * y[2];
       }},
      {"duffing",
       {0.05, 0.2, 0.8},
       {0.3, 0.6, 1.4},
       {1, 0},
       0.5,
       60,
       [](P p, double t, In y, Out f) {
         f[0] = y[1], f[1] = y[0] - y[0] * y[0] * y[0] - p[0] * y[1] + p[1] * std::cos(p[2] * t);
       }},
      {"henon-heiles",
       {0.8, 0.8, 0},
       {1, 1, 0},
       {0.1, 0.1, 0.2, 0.2},
       0.1,
       100,
       [](P p, double, In y, Out f) {
         f[0] = y[2], f[1] = y[3], f[2] = -y[0] - 2 * p[0] * y[0] * y[1];
         f[3] = -y[1] - p[1] * (y[0] * y[0] - y[1] * y[1]);
       }},
      {"brusselator",
       {0.8, 2.2, 0},
       {1.2, 3.6, 0},
       {1, 2},
       0.5,
       40,
       [](P p, double, In y, Out f) {
         f[0] = p[0] + y[0] * y[0] * y[1] - (p[1] + 1) * y[0], f[1] = p[1] * y[0] - y[0] * y[0] * y[1];
       }},
      {"fitzhugh-nagumo",
       {0.4, 0.05, 0.6},
       {0.8, 0.1, 0.9},
       {0, 0},
       0.5,
       150,
       [](P p, double, In y, Out f) {
         f[0] = y[0] - y[0] * y[0] * y[0] / 3 - y[1] + p[0], f[1] = p[1] * (y[0] + 0.7 - p[2] * y[1]);
       }},
      {"lotka-volterra",
       {0.8, 0.8, 0.5},
       {1.5, 1.5, 1.5},
       {2, 1},
       0.8,
       40,
       [](P p, double, In y, Out f) {
         f[0] = p[0] * y[0] - p[1] * y[0] * y[1], f[1] = p[1] * y[0] * y[1] - p[2] * y[1];
       }},
      {"kicked oscillator", {1, 5, 0.02}, {3, 20, 0.1}, {1, 0}, 0.5, 40, [](P p, double t, In y, Out f) {
         f[0] = y[1], f[1] = -p[0] * y[0] + p[1] * std::exp((std::cos(t) - 1) / p[2]);
       }}};
  return families;
}

/// No training sees these.
inline const std::vector<Family>& unseen_families() {
  using P = const std::array<double, 3>&;
  using In = std::span<const double>;
  using Out = std::span<double>;
  static const std::vector<Family> families{
      {"double pendulum",
       {1, 0, 0},
       {1, 0, 0},
       {1.5, 1.5, 0, 0},
       0.5,
       20,
       [](P, double, In y, Out f) {
         const double d = y[0] - y[1], c = std::cos(d), s = std::sin(d), g = 9.81, m = 2 - c * c;
         f[0] = y[2], f[1] = y[3];
         f[2] = (-y[3] * y[3] * s - y[2] * y[2] * s * c - 2 * g * std::sin(y[0]) + g * c * std::sin(y[1])) / m;
         f[3] = (2 * y[2] * y[2] * s + y[3] * y[3] * s * c - 2 * g * std::sin(y[1]) + 2 * g * c * std::sin(y[0])) / m;
       }},
      {"eccentric orbit",
       {0.3, 0, 0},
       {0.7, 0, 0},
       {1, 0, 0, 1},
       0,
       30,
       [](P p, double, In y, Out f) {
         // Time runs so that an orbit of eccentricity p starts from its apocentre with these initial values.
         const double r2 = y[0] * y[0] + y[1] * y[1], k = 1 / ((1 - p[0]) * r2 * std::sqrt(r2));
         f[0] = y[2], f[1] = y[3], f[2] = -k * y[0], f[3] = -k * y[1];
       }},
      {"roessler",
       {0.1, 0.1, 8},
       {0.3, 0.3, 16},
       {1, 1, 0},
       0.5,
       100,
       [](P p, double, In y, Out f) {
         f[0] = -y[1] - y[2], f[1] = y[0] + p[0] * y[1], f[2] = p[1] + y[2] * (y[0] - p[2]);
       }},
      {"switched force", {1, 0.5, 1}, {4, 2, 4}, {1, 0}, 0.5, 40, [](P p, double t, In y, Out f) {
         f[0] = y[1], f[1] = -p[0] * y[0] - 0.1 * y[1] + (std::sin(p[1] * t) > 0 ? p[2] : -p[2]);
       }}};
  return families;
}

/// The integration of a seed: family, method and tolerance take turns, everything else is drawn.
inline time::StepProblem problem_of(const std::vector<Family>& families, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  const auto uniform = [&] { return static_cast<double>(generator() >> 11) * 0x1p-53; };
  const auto& family = families[generator() % families.size()];
  const auto p = family.draw_parameters(uniform);
  time::StepProblem problem;
  problem.system = std::make_shared<ParametricSystem>(family.y0.size(), p, family.f);
  problem.method = generator() % 2 == 0 ? "dormand_prince54" : "bogacki_shampine32";
  problem.end = family.end;
  problem.y0 = family.draw_start(uniform);
  const double digits = 3.0 + 5.0 * uniform();
  problem.tolerances = {std::pow(10.0, -digits), {std::pow(10.0, -digits - 1.0)}};
  return problem;
}

}  // namespace ansatz::test
