#pragma once
/// A nonlinear physics with a vector and a scalar field for tests. It models nothing; every hook and every kind of
/// dependence occurs.

#include "ansatz/sdk/physics.hpp"

namespace ansatz::test {

struct Coupled {
  sdk::Coefficient viscosity{"viscosity", "Pa s", sdk::positive, "viscosity", 1.0};
  sdk::TensorCoefficient permeability{"permeability", "m^2", sdk::positive, "permeability", 1.0};
  sdk::Coefficient coupling{"coupling", "1", sdk::any, "strength of the nonlinear coupling", 1.0};
  sdk::VectorCoefficient force{"force", "N", "body force", 0.0};
  sdk::BoundaryCoefficient friction{"friction", "1", sdk::nonnegative, "friction on a boundary"};
  sdk::BoundaryVector load{"load", "Pa", "force on a boundary"};
  sdk::ScalarField pressure{"pressure", "Pa", -1};
  sdk::VectorField velocity{"velocity", "m/s"};
  sdk::DerivedScalar speed2{"speed2", "m^2/s^2", "square of the speed"};
  sdk::DerivedVector seepage{"seepage", "m/s", "K grad p"};
  sdk::DerivedTensor rate{"rate", "1/s", "sym(grad u)"};
  sdk::Quantity energy{"energy", "J", "u . u / 2"};
  sdk::Quantity mass{"mass", "kg", "p"};

  static constexpr std::array<int, 2> dimensions{2, 3};

  template <class S, int dim>
  void operator()(const sdk::Point<S, dim>& p, sdk::Weak<S, dim>& r) const {
    const auto u = p[velocity];
    const auto q = p[pressure];
    const S c = coupling(p);
    r[velocity].value = u.dt + c * (u.grad * u.value) + (c * q.value) * u.value - force(p);
    r[velocity].flux =
        (viscosity(p) * (1.0 + c * q.value * q.value)) * symmetric(u.grad) - q.value * sdk::Mat<S, dim>::identity();
    r[pressure].value = trace(u.grad) + 0.3 * c * q.value * q.dt;
    r[pressure].flux = exp(c * 0.2 * q.value) * (permeability(p) * q.grad);
    r.nonstiff[velocity].value += (0.7 * c * q.value) * q.grad;
    r.nonstiff[pressure].value = c * dot(u.value, u.value) + 0.1 * q.value;
  }

  template <class S, int dim>
  void boundary(const sdk::Point<S, dim>& p, sdk::Weak<S, dim>& r) const {
    const auto u = p[velocity];
    r[velocity].value = (friction(p) * dot(u.value, u.value)) * u.value - load(p) + p[pressure].value * p.normal;
    r[pressure].value = dot(u.value, p.normal);
    r.nonstiff[pressure].value = 0.2 * dot(p[pressure].grad, p.normal) * p[pressure].value;
    r[pressure].flux = p[pressure].value * p.normal;
  }

  /// tau (u . grad v) . R with tau of the speed and the cell's size.
  template <class S, int dim>
  void stabilise(const sdk::Point<S, dim>& p, const sdk::StrongResidual<S, dim>& R, sdk::Weak<S, dim>& r) const {
    const auto u = p[velocity];
    const S tau = p.cell_size / sqrt(1.0 + dot(u.value, u.value));
    const auto residual = R[velocity];
    for (int i = 0; i < dim; ++i) {
      for (int j = 0; j < dim; ++j) r[velocity].flux[i][j] = tau * residual[i] * u.value[j];
    }
    r.nonstiff[pressure].value = tau * R[pressure] * p[pressure].value;
  }

  template <class S, int dim>
  S peclet(const sdk::Point<S, dim>& p) const {
    return p.cell_size * sqrt(dot(p[velocity].value, p[velocity].value)) / viscosity(p);
  }

  template <class S, int dim>
  void derived(const sdk::Point<S, dim>& p, sdk::Outputs<S, dim>& out) const {
    const auto u = p[velocity];
    out[speed2] = dot(u.value, u.value);
    out[seepage] = permeability(p) * p[pressure].grad;
    const auto e = symmetric(u.grad);
    const auto target = out[rate];
    for (int i = 0; i < dim; ++i) target[i] = e[i][i];
    target[3] = e[0][1];
  }

  template <class S, int dim>
  void quantities(const sdk::Point<S, dim>& p, sdk::Outputs<S, dim>& out) const {
    out[energy] = 0.5 * dot(p[velocity].value, p[velocity].value);
    out[mass] = p[pressure].value;
  }
};

inline std::unique_ptr<sdk::Physics> make_coupled() {
  return std::make_unique<sdk::detail::PhysicsOf<Coupled>>("coupled", "1.0.0", "a physics of the tests");
}

}  // namespace ansatz::test
