#define ANSATZ_PLUGIN_AUTHOR "Ansatz developers"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include <ansatz/sdk/physics.hpp>

using namespace ansatz::sdk;

/// Viscous Burgers equation:  u_t + (u . grad) u - div(nu grad u) = f;  on the boundary  nu grad u . n = flux.
///
/// Advective form: in one dimension it equals the conservative u_t + (u^2 / 2)_x, and in two it is the equation that
/// Cole and Hopf's transformation solves, which div(u u) = (u . grad) u + u div u is not.
struct Burgers {
  Coefficient viscosity{"viscosity", "m^2/s", positive, "kinematic viscosity nu"};
  VectorCoefficient source{"source", "m/s^2", "force per mass f", 0.0};
  BoundaryVector flux{"flux", "m^2/s^2", "viscous flux into the domain, nu grad u . n"};
  VectorField velocity{"velocity", "m/s"};

  static constexpr std::array<int, 2> dimensions{1, 2};
  static constexpr bool has_nonstiff_terms = true;  ///< convection, for IMEX integrators

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto u = p[velocity];
    r[velocity].value = u.dt - source(p);
    r.nonstiff[velocity].value = u.grad * u.value;
    r[velocity].flux = viscosity(p) * u.grad;
  }

  template <class S, int dim>
  void boundary(const Point<S, dim>& p, Weak<S, dim>& r) const {
    r[velocity].value = -flux(p);
  }

  /// SUPG: test operator tau (u . grad) v, with the tau of Shakib, Hughes and Johan (1991) for linear elements.
  template <class S, int dim>
  void stabilise(const Point<S, dim>& p, const StrongResidual<S, dim>& residual, Weak<S, dim>& r) const {
    const auto u = p[velocity].value;
    const S convection = 2.0 * length(u) / p.cell_size;
    const S diffusion = 4.0 * viscosity(p) / (p.cell_size * p.cell_size);
    const S tau = 1.0 / sqrt(convection * convection + 9.0 * diffusion * diffusion);
    r[velocity].flux = tau * outer(residual[velocity], u);
  }

  template <class S, int dim>
  S peclet(const Point<S, dim>& p) const {
    return length(p[velocity].value) * p.cell_size / (2.0 * viscosity(p));
  }
};
ANSATZ_PHYSICS(Burgers, "burgers", "1.0.0", "viscous Burgers equation")
