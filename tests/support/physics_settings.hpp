#pragma once
/// The physics of the plugins and of the tests at points, with coefficients of every kind.

#include <catch2/catch.hpp>

#include "tests/support/coupled_physics.hpp"
#include "tests/support/fem_physics.hpp"
#include "tests/support/point_batches.hpp"

namespace ansatz::test {

/// A physics at points with coefficients of every kind.
struct Setting {
  std::string name;
  const sdk::Physics& physics;
  Points points;
  bool linear = false;
  const sdk::PointKernels& kernels() const { return physics.kernels(points.dim); }
};

inline const std::vector<std::string> parameter_names{"a", "b"};
inline const std::vector<double> parameter_values{0.7, 1.3};

inline Setting setting(const std::string& name, const sdk::Physics& physics, int dim, const Texts& texts,
                       bool linear = false) {
  return {name + " " + std::to_string(dim), physics,
          Points(physics, dim, coefficients(physics, dim, texts, parameter_names), parameter_values), linear};
}

inline Texts diffusion_texts(int dim) {
  Texts t{{"conductivity", "(1 + a*x^2)*(2 + sin(temperature)*t)"},
          {"capacity", "b*(1.5 + 0.2*temperature)*exp(-t*x)"},
          {"reaction", "a*t*x - temperature"},
          {"velocity", "b*cos(temperature) + x*t"},
          {"source", "sin(a*x)*temperature^2 + t^2*b"},
          {"heat_flux", "a*x*temperature"},
          {"transfer_coefficient", "b + temperature^2"},
          {"ambient", "1 + t*x*a"}};
  if (dim > 1) t["conductivity_xy"] = "0.3*temperature*y*a";
  return t;
}

inline Texts elasticity_texts() {
  return {{"youngs_modulus", "100*(1 + a*x*y)"},
          {"poisson_ratio", "0.3 + 0.1*sin(b*y*t)"},
          {"expansion", "0.1*a"},
          {"temperature", "20*x*t"},
          {"reference_temperature", "b"},
          {"body_force", "x*a*t"},
          {"body_force_y", "y^2*b"},
          {"traction", "a*x*t"},
          {"pressure", "b*y"}};
}

inline Texts coupled_texts() {
  return {{"viscosity", "(1 + a*x^2*t)*(2 + tanh(velocity_x*pressure))"},
          {"permeability", "1 + b*pressure^2*y"},
          {"permeability_xy", "0.2*a*x*velocity_y"},
          {"coupling", "b + 0.5*t*a*x"},
          {"force_x", "sin(a*x*t)*pressure"},
          {"friction", "b*(1 + y*t)"},
          {"load_y", "a*pressure*velocity_x"}};
}

/// Every physics in each of its dimensions.
struct All {
  LoadedPhysics diffusion{"diffusion"}, elasticity{"elasticity"}, plane_stress{"elasticity", "model", "plane_stress"};
  std::unique_ptr<sdk::Physics> coupled = make_coupled();
  std::vector<Setting> settings;

  All() {
    for (int dim : {1, 2, 3}) settings.push_back(setting("diffusion", *diffusion, dim, diffusion_texts(dim)));
    for (int dim : {2, 3}) {
      settings.push_back(setting("elasticity", *elasticity, dim, elasticity_texts(), true));
      settings.push_back(setting("coupled", *coupled, dim, coupled_texts()));
    }
    settings.push_back(setting("plane stress", *plane_stress, 2, elasticity_texts(), true));
  }
};

inline Kernel residual_of(const Setting& s, sdk::Part part = sdk::Part::all) {
  return
      [&s, part](const auto& batch, sdk::Lanes* f) { CHECK(s.kernels().residual(batch, part, f).coefficient == -1); };
}
inline Kernel boundary_residual_of(const Setting& s) {
  return [&s](const auto& batch, sdk::Lanes* f) { CHECK(s.kernels().boundary_residual(batch, f).coefficient == -1); };
}

}  // namespace ansatz::test
