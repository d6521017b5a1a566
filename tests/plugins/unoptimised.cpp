// A system that works, built with -O0: the doctor and runs name it.
#define ANSATZ_PLUGIN_AUTHOR "Ada"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include "ansatz/sdk/ode.hpp"

using namespace ansatz::sdk;

namespace {
struct Decay {
  static OdeInfo info(const ParameterSet&) { return {.components = {{"amount", "kg"}}, .initial = {1.0}}; }
  explicit Decay(const ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = -y[0];
  }
};
}  // namespace

ANSATZ_ODE_SYSTEM(Decay, "unoptimised", "1.0.0", "is slow")
