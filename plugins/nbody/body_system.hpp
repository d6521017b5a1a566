#pragma once
/// Systems of bodies that attract each other. Components: x1, y1, (z1,) x2, ..., then the velocities vx1, vy1, ...

#include <ansatz/sdk/ode.hpp>

#include "gravity.hpp"

namespace ansatz::nbody {

/// What makes one system differ from another.
struct Setup {
  std::vector<double> masses;
  std::vector<double> positions, velocities;  ///< shapes (bodies, dimension)
  double end = 1.0;
  std::string length_unit = "1", velocity_unit = "1";
  double constant = 1.0;  ///< G
  int dimension = 2;
};

/// The components and invariants of these bodies.
inline sdk::OdeInfo describe(const Setup& setup) {
  sdk::OdeInfo info;
  const std::string axes = "xyz";
  const auto dimension = static_cast<std::size_t>(setup.dimension);
  for (const char* prefix : {"", "v"}) {
    for (std::size_t i = 0; i < setup.masses.size(); ++i) {
      for (std::size_t c = 0; c < dimension; ++c) {
        info.components.push_back({std::string(prefix) + axes[c] + std::to_string(i + 1),
                                   prefix[0] == 'v' ? setup.velocity_unit : setup.length_unit});
      }
    }
  }
  info.initial = setup.positions;
  info.initial.insert(info.initial.end(), setup.velocities.begin(), setup.velocities.end());
  info.end = setup.end;
  info.invariants = {"energy"};
  for (std::size_t c = 0; c < dimension; ++c) info.invariants.push_back(std::string("momentum_") + axes[c]);
  if (dimension == 2) info.invariants.push_back("angular_momentum");
  for (std::size_t c = 0; dimension == 3 && c < dimension; ++c) {
    info.invariants.push_back(std::string("angular_momentum_") + axes[c]);
  }
  info.second_order = true;
  return info;
}

/// The system of a class with static Setup setup(const ParameterSet&).
template <class Problem>
class BodySystem {
 public:
  static sdk::OdeInfo info(const sdk::ParameterSet& parameters) { return describe(Problem::setup(parameters)); }
  explicit BodySystem(const sdk::ParameterSet& parameters) : BodySystem(Problem::setup(parameters)) {}

  template <class S>
  void acceleration(const S&, std::span<const S> q, std::span<const S>, std::span<S> a) const {
    gravity_.accelerations(q, a);
  }

  void invariants(std::span<const double> y, std::span<double> out) const {
    const auto q = y.first(y.size() / 2), v = y.subspan(y.size() / 2);
    const auto dimension = gravity_.dimension();
    std::size_t k = 0;
    out[k++] = gravity_.energy(q, v);
    for (std::size_t c = 0; c < dimension; ++c) out[k++] = gravity_.momentum(v, c);
    if (dimension == 2) out[k] = gravity_.angular_momentum(q, v, 0, 1);
    for (std::size_t c = 0; dimension == 3 && c < dimension; ++c) {
      out[k++] = gravity_.angular_momentum(q, v, (c + 1) % 3, (c + 2) % 3);
    }
  }

 private:
  explicit BodySystem(Setup setup) : gravity_(std::move(setup.masses), setup.constant, setup.dimension) {}
  Gravity gravity_;
};

}  // namespace ansatz::nbody
