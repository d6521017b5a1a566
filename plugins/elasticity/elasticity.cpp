#define ANSATZ_PLUGIN_AUTHOR "Ansatz developers"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include <ansatz/sdk/physics.hpp>

using namespace ansatz::sdk;

/// Small-strain linear elasticity:  rho u_tt is not included;  -div sigma = body_force,
/// sigma = lambda tr(e) I + 2 mu e,  e = sym(grad u) - alpha (T - T0) I.
struct Elasticity {
  Option model{"model",
               {"automatic", "plane_strain", "plane_stress"},
               "automatic: three-dimensional in 3-D, plane strain in 2-D"};
  Coefficient youngs_modulus{"youngs_modulus", "Pa", positive, "Young's modulus E"};
  Coefficient poisson_ratio{"poisson_ratio", "1", Range{-1.0, 0.5, true, true}, "Poisson's ratio nu"};
  Coefficient expansion{"expansion", "1/K", any, "coefficient of thermal expansion alpha", 0.0};
  Coefficient temperature{"temperature", "K", any, "temperature T", 0.0};
  Coefficient reference_temperature{"reference_temperature", "K", any, "temperature T0 without thermal strain", 0.0};
  VectorCoefficient body_force{"body_force", "N/m^3", "force per volume", 0.0};
  BoundaryVector traction{"traction", "Pa", "force per area"};
  BoundaryCoefficient pressure{"pressure", "Pa", any, "pressure, positive against the outward normal"};
  VectorField displacement{"displacement", "m"};
  DerivedTensor stress{"stress", "Pa", "Cauchy stress"};
  DerivedTensor strain{"strain", "1", "total strain sym(grad u)"};
  DerivedScalar von_mises{"von_mises", "Pa", "von Mises stress"};
  Quantity strain_energy{"strain_energy", "J", "elastic energy, integral of sigma : (e - e_thermal) / 2"};

  static constexpr std::array<int, 2> dimensions{2, 3};
  static constexpr NullSpace near_null_space = NullSpace::rigid_body;

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto s = stresses(p);
    const auto f = body_force(p);
    for (int i = 0; i < dim; ++i) {
      r[displacement].value[i] = -f[i];
      for (int j = 0; j < dim; ++j) r[displacement].flux[i][j] = s.in_plane[i][j];
    }
  }

  template <class S, int dim>
  void boundary(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto t = traction(p);
    for (int i = 0; i < dim; ++i) r[displacement].value[i] = pressure(p) * p.normal[i] - t[i];
  }

  template <class S, int dim>
  void derived(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    const auto s = stresses(p);
    const auto e = symmetric(p[displacement].grad);
    write(out[stress], s.in_plane, s.out_of_plane);
    write(out[strain], e, s.strain_out_of_plane);
    const auto t = out[stress];
    const S a = t[0] - t[1], b = t[1] - t[2], c = t[2] - t[0];
    out[von_mises] = sqrt(0.5 * (a * a + b * b + c * c) + 3.0 * (t[3] * t[3] + t[4] * t[4] + t[5] * t[5]));
  }

  template <class S, int dim>
  void quantities(const Point<S, dim>& p, Outputs<S, dim>& out) const {
    out[strain_energy] = elastic_energy(p);
  }

  /// Potential energy: sigma : (e - e_thermal) / 2 - f . u.
  template <class S, int dim>
  S energy(const Point<S, dim>& p) const {
    return elastic_energy(p) - dot(body_force(p), p[displacement].value);
  }

  template <class S, int dim>
  S boundary_energy(const Point<S, dim>& p) const {
    const auto u = p[displacement].value;
    return pressure(p) * dot(p.normal, u) - dot(traction(p), u);
  }

 private:
  template <class S, int dim>
  S elastic_energy(const Point<S, dim>& p) const {
    const auto s = stresses(p);
    const auto e = symmetric(p[displacement].grad);
    S sum = s.out_of_plane * (s.strain_out_of_plane - s.thermal);
    for (int i = 0; i < dim; ++i) {
      for (int j = 0; j < dim; ++j) sum += s.in_plane[i][j] * (i == j ? e[i][j] - s.thermal : e[i][j]);
    }
    return 0.5 * sum;
  }

  template <class S, int dim>
  struct Stresses {
    Mat<S, dim> in_plane;
    S out_of_plane;         ///< sigma_zz in 2-D
    S strain_out_of_plane;  ///< e_zz in 2-D
    S thermal;              ///< alpha (T - T0)
  };

  /// Hooke's law. Plane stress: sigma_zz = 0 gives e_zz - a = -lambda / (lambda + 2 mu) (e_xx + e_yy - 2 a).
  template <class S, int dim>
  Stresses<S, dim> stresses(const Point<S, dim>& p) const {
    const S& E = youngs_modulus(p);
    const S& nu = poisson_ratio(p);
    const S mu = E / (2.0 * (1.0 + nu));
    const S lambda = E * nu / ((1.0 + nu) * (1.0 - 2.0 * nu));
    Stresses<S, dim> s;
    s.thermal = expansion(p) * (temperature(p) - reference_temperature(p));
    const auto e = symmetric(p[displacement].grad);
    const S in_plane = trace(e) - dim * s.thermal;
    const bool plane_stress = dim == 2 && model.chosen() == 2;
    S out_of_plane = S(0.0);  // elastic strain e_zz - a
    if (plane_stress) out_of_plane = -(lambda / (lambda + 2.0 * mu)) * in_plane;
    if (dim == 2 && !plane_stress) out_of_plane = -s.thermal;
    const S pressure_part = lambda * (in_plane + out_of_plane);
    for (int i = 0; i < dim; ++i) {
      for (int j = 0; j < dim; ++j) {
        s.in_plane[i][j] = 2.0 * mu * e[i][j];
        if (i == j) s.in_plane[i][j] += pressure_part - 2.0 * mu * s.thermal;
      }
    }
    s.strain_out_of_plane = out_of_plane + s.thermal;
    s.out_of_plane = plane_stress || dim == 3 ? S(0.0) : S(pressure_part + 2.0 * mu * out_of_plane);
    return s;
  }

  /// Writes a tensor of dimension dim as xx yy zz xy yz xz.
  template <class S, int dim>
  static void write(VecRef<S, 6> out, const Mat<S, dim>& m, const S& zz) {
    out[0] = m[0][0];
    out[1] = m[1][1];
    out[2] = dim == 3 ? m[dim - 1][dim - 1] : zz;
    out[3] = m[0][1];
    if constexpr (dim == 3) {
      out[4] = m[1][2];
      out[5] = m[0][2];
    }
  }
};
ANSATZ_PHYSICS(Elasticity, "elasticity", "1.0.0", "small-strain linear elasticity")
