#pragma once
/// A physics that declares one of everything and computes nothing, for tests of whatever reads declarations.

#include <limits>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/plugin.hpp"
#include "tests/support/errors.hpp"

namespace ansatz::test {

class FakePhysics final : public sdk::Physics {
 public:
  FakePhysics() {
    using enum sdk::Shape;
    const sdk::Range fraction{0.0, 1.0, false, true};
    info_.name = "heat";
    info_.version = "1.2";
    info_.purpose = "heat and deformation, for tests";
    info_.fields = {{"temperature", "K", scalar, 0}, {"displacement", "m", vector, 0}};
    info_.coefficients = {{"conductivity", "W/(m K)", tensor, sdk::positive, "heat conductivity", {}, false},
                          {"capacity", "J/(m^3 K)", scalar, sdk::positive, "heat capacity", {1.5}, false},
                          {"porosity", "1", scalar, fraction, "share of voids", {0.0}, false},
                          {"body_force", "N/m^3", vector, sdk::any, "force", {0.0}, false},
                          {"expansion", "1/K", symmetric_tensor, sdk::nonnegative, "thermal expansion", {0.0}, false},
                          {"flux", "W/m^2", scalar, sdk::any, "heat flux into the body", {0.0}, true},
                          {"film", "W/(m^2 K)", scalar, sdk::nonnegative, "film coefficient", {0.0}, true},
                          {"traction", "Pa", vector, sdk::any, "surface force", {0.0}, true}};
    info_.options = {{"assumption", {"plane_strain", "plane_stress"}, "what a plane body is"}};
    info_.derived = {{"stress", "Pa", symmetric_tensor, "stress"}, {"heat_flux", "W/m^2", vector, "heat flux"}};
    info_.quantities = {{"energy", "J", scalar, "energy"}};
    info_.dimensions = {2, 3};
  }
  const sdk::PhysicsInfo& info() const override { return info_; }
  void set_option(const std::string&, const std::string&) override {}
  const sdk::PointKernels& kernels(int) const override {
    throw sdk::Error(sdk::ErrorKind::internal, "the physics of the tests has no kernels");
  }

 private:
  sdk::PhysicsInfo info_;
};

inline void register_fake_physics(sdk::Registrar& registrar) {
  registrar.add_physics("heat", "for tests", [] { return std::make_unique<FakePhysics>(); });
}

}  // namespace ansatz::test
