#pragma once
#include <ansatz/sdk/physics.hpp>

using namespace ansatz::sdk;

/// c u_t - div(k grad u) + r u^3 = f, as  int (c u_t + r u^3 - f) v + k grad u : grad v = 0;
/// on the boundary  k grad u . n = inflow.
struct NewPlugin {
  Coefficient diffusivity{"diffusivity", "m^2/s", positive, "diffusivity k"};
  Coefficient capacity{"capacity", "1", positive, "capacity c", 1.0};
  Coefficient reaction{"reaction", "1/s", nonnegative, "reaction rate r", 0.0};
  Coefficient source{"source", "1/s", any, "source f", 0.0};
  BoundaryCoefficient inflow{"inflow", "m/s", any, "flux into the domain"};
  ScalarField concentration{"concentration", "1"};
  DerivedVector flux{"flux", "m/s", "diffusive flux -k grad u"};
  Quantity amount{"amount", "m^3", "integral of c u"};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto u = p[concentration];
    r[concentration].value = capacity(p) * u.dt + reaction(p) * u.value * u.value * u.value - source(p);
    r[concentration].flux = diffusivity(p) * u.grad;
  }

  template <class S, int dim>
  void boundary(const Point<S, dim>& p, Weak<S, dim>& r) const {
    r[concentration].value = -inflow(p);
  }

  template <class S, int dim>
  void derived(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    out[flux] = -(diffusivity(p) * p[concentration].grad);
  }

  template <class S, int dim>
  void quantities(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    out[amount] = capacity(p) * p[concentration].value;
  }
};
