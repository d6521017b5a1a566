// Conduction in a box that fails in one way, chosen by the option `fault`, where x > 0.9.
#define ANSATZ_PLUGIN_AUTHOR "Ada"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include <ansatz/sdk/physics.hpp>

using namespace ansatz::sdk;

struct Faulty {
  Option fault{"fault",
               {"none", "residual", "jacobian", "sdk_error", "unknown", "boundary", "everywhere", "value", "derivative",
                "later", "search", "derived", "quantity"},
               "what goes wrong"};
  BoundaryCoefficient heat_flux{"heat_flux", "W/m^2", any, "heat flux"};
  ScalarField temperature{"temperature", "K"};
  DerivedScalar glow{"glow", "K", "what glows"};
  Quantity heat{"heat", "J", "heat content"};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto u = p[temperature];
    r[temperature].value = u.dt - 1.0;
    r[temperature].flux = u.grad;
    const int f = fault.chosen();
    if (f == 6) throw std::runtime_error("the table is empty");
    const auto inside = p.x[0] > S(0.9);
    constexpr bool plain = std::is_same_v<S, Lanes>;
    if (plain && f == 1 && holds(inside)) throw std::runtime_error("the table ends at 0.9");
    if (!plain && f == 2 && holds(inside)) throw std::runtime_error("no derivative beyond 0.9");
    if (f == 3 && holds(inside)) throw Error(ErrorKind::state, "the law has no state", "law.cpp", "give it one");
    if (f == 4 && holds(inside)) throw 7;
    // A Jacobian that varies, so that it is evaluated in all cells.
    if (f == 2) r[temperature].value = r[temperature].value + 0.0 * u.value * u.value + 1e-3 * p.x[0] * u.value;
    if (f == 7) r[temperature].value = r[temperature].value + select(inside, u.value / S(0.0), S(0.0));
    if (f == 8) r[temperature].value = r[temperature].value + sqrt(u.value);
    if (f == 9)
      r[temperature].value = r[temperature].value + select(p.t > S(0.35), sqrt(-1.0 - u.value * u.value), S(0.0));
    if (f == 10)
      r[temperature].value = r[temperature].value + select(u.value > S(1e-9), sqrt(-1.0 - u.value * u.value), S(0.0));
  }

  template <class S, int dim>
  void boundary(const Point<S, dim>& p, Weak<S, dim>& r) const {
    if (fault.chosen() == 5 && holds(p.x[0] > S(0.9))) throw std::runtime_error("no wall there");
    r[temperature].value = -heat_flux(p);
  }

  template <class S, int dim>
  void derived(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    if (fault.chosen() == 11 && holds(p.x[0] > S(0.9))) throw std::runtime_error("nothing glows there");
    out[glow] = p[temperature].value;
  }

  template <class S, int dim>
  void quantities(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    if (fault.chosen() == 12 && holds(p.x[0] > S(0.9))) throw std::runtime_error("no heat there");
    out[heat] = p[temperature].value;
  }

 private:
  template <class M>
  static bool holds(const M& mask) {
    if constexpr (requires { any_of(mask); }) return any_of(mask);
    return false;
  }
};
ANSATZ_PHYSICS(Faulty, "faulty", "1.0.0", "fails where x > 0.9")
