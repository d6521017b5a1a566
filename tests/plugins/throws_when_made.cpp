#define ANSATZ_PLUGIN_AUTHOR "Ada"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include <ansatz/sdk/physics.hpp>

using namespace ansatz::sdk;

/// Needs a file that it does not find.
struct ThrowsWhenMade {
  ThrowsWhenMade() { throw std::runtime_error("no file steam.tab"); }
  ScalarField temperature{"temperature", "K"};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    r[temperature].flux = p[temperature].grad;
  }
};
ANSATZ_PHYSICS(ThrowsWhenMade, "throws_when_made", "1.0.0", "cannot be made")
