#include "tools/bench_program/conduction.hpp"

#include <ansatz/sdk/physics.hpp>

namespace ansatz::bench {
namespace {

using namespace ansatz::sdk;

/// Steady heat conduction:  - div(k grad u) = q.
struct Conduction {
  Coefficient conductivity{"conductivity", "W/(m K)", positive, "heat conductivity k"};
  Coefficient source{"source", "W/m^3", any, "heat source q", 0.0};
  ScalarField temperature{"temperature", "K"};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    r[temperature].value = -source(p);
    r[temperature].flux = conductivity(p) * p[temperature].grad;
  }
};

}  // namespace

void register_conduction(sdk::Registrar& registrar) {
  registrar.add_physics("test", "heat conduction, written in this program", [] {
    return std::make_unique<sdk::detail::PhysicsOf<Conduction>>("test", "1.0.0", "heat conduction");
  });
}

}  // namespace ansatz::bench
