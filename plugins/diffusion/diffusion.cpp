#define ANSATZ_PLUGIN_AUTHOR "Ansatz developers"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include <ansatz/sdk/physics.hpp>

using namespace ansatz::sdk;

/// Heat conduction with convection and reaction:  C u_t + C b . grad u - div(K grad u) + s u = q,
/// with C = rho c; on the boundary  K grad u . n = heat_flux + h (ambient - u).
struct Diffusion {
  TensorCoefficient conductivity{"conductivity", "W/(m K)", positive, "heat conductivity K, isotropic or a tensor"};
  Coefficient capacity{"capacity", "J/(m^3 K)", positive, "heat capacity per volume, rho c", 1.0};
  Coefficient reaction{"reaction", "W/(m^3 K)", any, "reaction (absorption) coefficient s", 0.0};
  VectorCoefficient velocity{"velocity", "m/s", "convecting velocity b", 0.0};
  Coefficient source{"source", "W/m^3", any, "heat source q", 0.0};
  BoundaryCoefficient heat_flux{"heat_flux", "W/m^2", any, "heat flux into the domain"};
  BoundaryCoefficient transfer_coefficient{"transfer_coefficient", "W/(m^2 K)", nonnegative,
                                           "heat transfer coefficient h"};
  BoundaryCoefficient ambient{"ambient", "K", any, "ambient temperature for the heat transfer"};
  ScalarField temperature{"temperature", "K"};
  DerivedVector flux{"flux", "W/m^2", "conductive heat flux -K grad u"};
  Quantity heat{"heat", "J", "heat content, integral of C u"};

  static constexpr NullSpace near_null_space = NullSpace::constant;

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto u = p[temperature];
    r[temperature].value = capacity(p) * (u.dt + dot(velocity(p), u.grad)) + reaction(p) * u.value - source(p);
    r[temperature].flux = conductivity(p) * u.grad;
  }

  template <class S, int dim>
  void boundary(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto u = p[temperature];
    r[temperature].value = transfer_coefficient(p) * (u.value - ambient(p)) - heat_flux(p);
  }

  /// K grad u . grad u / 2 + s u^2 / 2 - q u: for symmetric K and b = 0.
  template <class S, int dim>
  S energy(const Point<S, dim>& p) const {
    const auto u = p[temperature];
    return 0.5 * dot(conductivity(p) * u.grad, u.grad) + 0.5 * reaction(p) * u.value * u.value - source(p) * u.value;
  }

  template <class S, int dim>
  S boundary_energy(const Point<S, dim>& p) const {
    const S& u = p.values[temperature.offset(dim)];
    return transfer_coefficient(p) * (0.5 * u - ambient(p)) * u - heat_flux(p) * u;
  }

  /// SUPG: test operator tau C b . grad v, with the tau of Shakib, Hughes and Johan (1991) for linear elements.
  template <class S, int dim>
  void stabilise(const Point<S, dim>& p, const StrongResidual<S, dim>& residual, Weak<S, dim>& r) const {
    const S convection = 2.0 * capacity(p) * length(velocity(p)) / p.cell_size;
    const S conduction = 4.0 * trace(conductivity(p)) / (dim * p.cell_size * p.cell_size);
    const S tau = 1.0 / sqrt(convection * convection + 9.0 * conduction * conduction + reaction(p) * reaction(p));
    r[temperature].flux = (tau * capacity(p) * residual[temperature]) * velocity(p);
  }

  template <class S, int dim>
  S peclet(const Point<S, dim>& p) const {
    return capacity(p) * length(velocity(p)) * p.cell_size * dim / (2.0 * trace(conductivity(p)));
  }

  template <class S, int dim>
  void derived(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    out[flux] = -(conductivity(p) * p[temperature].grad);
  }

  template <class S, int dim>
  void quantities(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    out[heat] = capacity(p) * p[temperature].value;
  }
};
ANSATZ_PHYSICS(Diffusion, "diffusion", "1.0.0", "heat conduction with convection and reaction")
