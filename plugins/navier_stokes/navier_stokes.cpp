#define ANSATZ_PLUGIN_AUTHOR "Ansatz developers"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include <ansatz/sdk/physics.hpp>

using namespace ansatz::sdk;

namespace {

/// Incompressible flow:  rho (u_t + u . grad u) - div(mu grad u - p I) = body_force,  div u = 0.
///
/// On boundaries without prescribed velocity  mu du/dn - p n = traction; zero is the do-nothing outflow. Order 2 is
/// Taylor-Hood (P2/P1, Q2/Q1). Order 1 has equal degrees and needs the stabilisation.
struct NavierStokes {
  Coefficient density{"density", "kg/m^3", positive, "density rho", 1.0};
  Coefficient viscosity{"viscosity", "Pa s", positive, "dynamic viscosity mu"};
  VectorCoefficient body_force{"body_force", "N/m^3", "force per volume", 0.0};
  BoundaryVector traction{"traction", "Pa", "mu du/dn - p n on boundaries without prescribed velocity"};
  VectorField velocity{"velocity", "m/s"};
  ScalarField pressure{"pressure", "Pa", -1};
  DerivedScalar vorticity{"vorticity", "1/s", "dv/dx - du/dy in 2-D, |curl u| in 3-D"};
  Quantity kinetic_energy{"kinetic_energy", "J", "integral of rho u . u / 2"};

  static constexpr std::array<int, 2> dimensions{2, 3};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto u = p[velocity];
    r[velocity].value = density(p) * (u.dt + u.grad * u.value) - body_force(p);
    r[velocity].flux = viscosity(p) * u.grad - p[pressure].value * Mat<S, dim>::identity();
    r[pressure].value = trace(u.grad);
  }

  template <class S, int dim>
  void boundary(const Point<S, dim>& p, Weak<S, dim>& r) const {
    r[velocity].value = -traction(p);
  }

  /// SUPG and PSPG with test operator tau (rho u . grad v + grad q), and grad-div with rho |u| h / 2 (Tezduyar and
  /// Osawa, Computer Methods in Applied Mechanics and Engineering 190, 2000; tau of linear elements).
  template <class S, int dim>
  void stabilise(const Point<S, dim>& p, const StrongResidual<S, dim>& residual, Weak<S, dim>& r) const {
    const auto u = p[velocity].value;
    const auto R = residual[velocity];
    const S t = tau(p);
    r[velocity].flux = (t * density(p)) * outer(R, u) +
                       (0.5 * density(p) * length(u) * p.cell_size * residual[pressure]) * Mat<S, dim>::identity();
    r[pressure].flux = t * R;
  }

  template <class S, int dim>
  S peclet(const Point<S, dim>& p) const {
    return density(p) * length(p[velocity].value) * p.cell_size / (2.0 * viscosity(p));
  }

  template <class S, int dim>
  void derived(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    const auto g = p[velocity].grad;
    if constexpr (dim == 2) {
      out[vorticity] = g[1][0] - g[0][1];
    } else {
      out[vorticity] = length(Vec<S, 3>{{g[2][1] - g[1][2], g[0][2] - g[2][0], g[1][0] - g[0][1]}});
    }
  }

  template <class S, int dim>
  void quantities(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    const auto u = p[velocity].value;
    out[kinetic_energy] = 0.5 * density(p) * dot(u, u);
  }

 private:
  template <class S, int dim>
  S tau(const Point<S, dim>& p) const {
    const S convection = 2.0 * density(p) * length(p[velocity].value) / p.cell_size;
    const S diffusion = 12.0 * viscosity(p) / (p.cell_size * p.cell_size);
    return 1.0 / sqrt(convection * convection + diffusion * diffusion);
  }
};

/// Flow driven by temperature in the Boussinesq approximation: the flow of NavierStokes with the further force
/// -rho beta (T - T0) g, and  rho c (T_t + u . grad T) - div(k grad T) = q;  on boundaries  k dT/dn = heat_flux.
struct Boussinesq : NavierStokes {
  Coefficient expansion{"expansion", "1/K", any, "coefficient of thermal expansion beta"};
  Coefficient reference_temperature{"reference_temperature", "K", any, "temperature T0 without buoyancy", 0.0};
  VectorCoefficient gravity{"gravity", "m/s^2", "acceleration of gravity g"};
  Coefficient heat_capacity{"heat_capacity", "J/(kg K)", positive, "heat capacity per mass c", 1.0};
  Coefficient conductivity{"conductivity", "W/(m K)", positive, "heat conductivity k"};
  Coefficient heat_source{"heat_source", "W/m^3", any, "heat source q", 0.0};
  BoundaryCoefficient heat_flux{"heat_flux", "W/m^2", any, "heat flux into the domain"};
  ScalarField temperature{"temperature", "K"};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    NavierStokes::operator()(p, r);
    const auto T = p[temperature];
    r[velocity].value += (density(p) * expansion(p) * (T.value - reference_temperature(p))) * gravity(p);
    r[temperature].value = capacity(p) * (T.dt + dot(p[velocity].value, T.grad)) - heat_source(p);
    r[temperature].flux = conductivity(p) * T.grad;
  }

  template <class S, int dim>
  void boundary(const Point<S, dim>& p, Weak<S, dim>& r) const {
    NavierStokes::boundary(p, r);
    r[temperature].value = -heat_flux(p);
  }

  template <class S, int dim>
  void stabilise(const Point<S, dim>& p, const StrongResidual<S, dim>& residual, Weak<S, dim>& r) const {
    NavierStokes::stabilise(p, residual, r);
    const auto u = p[velocity].value;
    const S convection = 2.0 * capacity(p) * length(u) / p.cell_size;
    const S conduction = 12.0 * conductivity(p) / (p.cell_size * p.cell_size);
    const S t = 1.0 / sqrt(convection * convection + conduction * conduction);
    r[temperature].flux = (t * capacity(p) * residual[temperature]) * u;
  }

 private:
  template <class S, int dim>
  S capacity(const Point<S, dim>& p) const {
    return density(p) * heat_capacity(p);
  }
};

void register_all(Registrar& registrar) {
  add_physics<NavierStokes>(registrar, "navier_stokes", "1.0.0", "incompressible flow");
  add_physics<Boussinesq>(registrar, "boussinesq", "1.0.0", "incompressible flow driven by temperature");
}

}  // namespace

ANSATZ_PLUGIN("navier_stokes", "1.0.0", ANSATZ_PLUGIN_AUTHOR, ANSATZ_PLUGIN_LICENCE,
              "incompressible flow, with buoyancy as an option", register_all)
