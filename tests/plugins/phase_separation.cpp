// The equation of Cahn and Hilliard as a system: one field without a rate, which follows from the other.
#define ANSATZ_PLUGIN_AUTHOR "Ada"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include <ansatz/sdk/physics.hpp>

using namespace ansatz::sdk;

/// c' = lap mu,  mu = d/dc (c^2 (1 - c)^2) - gamma lap c.
struct PhaseSeparation {
  Coefficient gamma{"gamma", "J/m", positive, "energy of gradients"};
  ScalarField concentration{"concentration", "1"};
  ScalarField potential{"potential", "J/m^3"};

  static constexpr std::array dimensions{1};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto c = p[concentration];
    const auto mu = p[potential];
    r[concentration].value = c.dt;
    r[concentration].flux = mu.grad;
    r[potential].value = mu.value - 2.0 * c.value * (1.0 - c.value) * (1.0 - 2.0 * c.value);
    r[potential].flux = -(gamma(p) * c.grad);
  }
};

ANSATZ_PHYSICS(PhaseSeparation, "phase_separation", "1.0.0", "Cahn-Hilliard")
