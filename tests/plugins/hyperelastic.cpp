// Finite strains of an elastic body: its forces vanish by cancellation where nothing is strained, and are not defined
// where a cell is turned inside out.
#define ANSATZ_PLUGIN_AUTHOR "Ada"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include <ansatz/sdk/physics.hpp>

using namespace ansatz::sdk;

/// Compressible neo-Hooke in plane strain or 3-D, mu/2 (I1 - 3 - 2 ln J) + lambda/2 (ln J)^2, or with the isochoric
/// invariant mu/2 (J^(-2/3) I1 - 3) + kappa/4 (J^2 - 1 - 2 ln J).
struct Hyperelastic {
  Coefficient young{"young", "Pa", positive, "Young's modulus"};
  Coefficient poisson{"poisson", "1", Range{-1.0, 0.5, true, true}, "Poisson's ratio"};
  Option energy{"energy", {"plain", "isochoric"}, "stored energy"};
  BoundaryVector traction{"traction", "Pa", "dead load"};
  VectorField displacement{"displacement", "m"};
  DerivedScalar volume_ratio{"volume_ratio", "1", "J"};

  static constexpr std::array dimensions{2, 3};
  static constexpr NullSpace near_null_space = NullSpace::rigid_body;

  /// dJ/dF.
  template <class S, int dim>
  static Mat<S, dim> cofactors(const Mat<S, dim>& F) {
    Mat<S, dim> C;
    if constexpr (dim == 2) {
      C[0][0] = F[1][1], C[0][1] = -F[1][0], C[1][0] = -F[0][1], C[1][1] = F[0][0];
    } else {
      for (int i = 0; i < 3; ++i) {
        const auto &a = F[(i + 1) % 3], &b = F[(i + 2) % 3];
        for (int j = 0; j < 3; ++j) C[i][j] = a[(j + 1) % 3] * b[(j + 2) % 3] - a[(j + 2) % 3] * b[(j + 1) % 3];
      }
    }
    return C;
  }

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const S E = young(p), nu = poisson(p), mu = 0.5 * E / (1.0 + nu), lambda = E * nu / ((1.0 + nu) * (1.0 - 2.0 * nu));
    const auto F = Mat<S, dim>::identity() + p[displacement].grad;
    const auto C = cofactors(F);
    const S J = dot(F[0], C[0]);
    if (energy.chosen() == 0) {
      r[displacement].flux = mu * F + ((lambda * log(J) - mu) / J) * C;
      return;
    }
    S invariant(3.0 - dim);
    for (int i = 0; i < dim; ++i) invariant += dot(F[i], F[i]);
    const S a = mu * pow(J, -2.0 / 3.0), bulk = lambda + 2.0 / 3.0 * mu;
    r[displacement].flux = a * F + ((0.5 * bulk * (J * J - 1.0) - a * invariant / 3.0) / J) * C;
  }

  template <class S, int dim>
  void boundary(const Point<S, dim>& p, Weak<S, dim>& r) const {
    r[displacement].value = -traction(p);
  }

  template <class S, int dim>
  void derived(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    const auto F = Mat<S, dim>::identity() + p[displacement].grad;
    out[volume_ratio] = dot(F[0], cofactors(F)[0]);
  }
};

ANSATZ_PHYSICS(Hyperelastic, "hyperelastic", "1.0.0", "neo-Hooke at finite strains")
