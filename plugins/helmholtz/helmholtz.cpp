#define ANSATZ_PLUGIN_AUTHOR "Ansatz developers"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include <ansatz/sdk/physics.hpp>

using namespace ansatz::sdk;

/// Time-harmonic waves, u = u_re + i u_im with time factor exp(-i omega t):  -div(c grad u) - k^2 n u = f;
/// on the boundary  c grad u . n - i k beta u = g: with beta = sqrt(c n) plane waves leave at right angles without
/// reflection, with beta = 0 the wall is hard, and u = 0 prescribed makes it soft.
struct Helmholtz {
  Coefficient stiffness{"stiffness", "1", positive, "c: inverse of the relative density or permeability", 1.0};
  Coefficient wave_number{"wave_number", "1/m", nonnegative, "k = omega / (wave speed where c = n = 1)"};
  Coefficient index{"index", "1", any, "n: square of the refractive index times c", 1.0};
  Coefficient source_re{"source_re", "1/m^2", any, "real part of the source f", 0.0};
  Coefficient source_im{"source_im", "1/m^2", any, "imaginary part of the source f", 0.0};
  BoundaryCoefficient impedance{"impedance", "1", any, "beta of the impedance condition"};
  BoundaryCoefficient flux_re{"flux_re", "1/m", any, "real part of g"};
  BoundaryCoefficient flux_im{"flux_im", "1/m", any, "imaginary part of g"};
  ScalarField u_re{"u_re", "1"};
  ScalarField u_im{"u_im", "1"};
  DerivedScalar amplitude{"amplitude", "1", "|u|"};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const S square = wave_number(p) * wave_number(p) * index(p);
    r[u_re].value = -square * p[u_re].value - source_re(p);
    r[u_re].flux = stiffness(p) * p[u_re].grad;
    r[u_im].value = -square * p[u_im].value - source_im(p);
    r[u_im].flux = stiffness(p) * p[u_im].grad;
  }

  /// -(i k beta u + g) in parts.
  template <class S, int dim>
  void boundary(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const S rate = wave_number(p) * impedance(p);
    r[u_re].value = rate * p[u_im].value - flux_re(p);
    r[u_im].value = -rate * p[u_re].value - flux_im(p);
  }

  template <class S, int dim>
  void derived(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    const S re = p[u_re].value, im = p[u_im].value;
    out[amplitude] = sqrt(re * re + im * im);
  }
};
ANSATZ_PHYSICS(Helmholtz, "helmholtz", "1.0.0", "time-harmonic waves (Helmholtz equation)")
