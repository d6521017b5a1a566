#include "ansatz/sdk/physics_interface.hpp"

#include <array>

#include "ansatz/sdk/error.hpp"

namespace ansatz::sdk {

PointKernels::~PointKernels() = default;
SlopeKernels::~SlopeKernels() = default;
Physics::~Physics() = default;

int num_components(Shape shape, int dim) {
  switch (shape) {
    case Shape::scalar:
      return 1;
    case Shape::vector:
      return dim;
    case Shape::tensor:
      return dim * dim;
    case Shape::symmetric_tensor:
      return 6;
  }
  throw Error(ErrorKind::internal, "unknown shape", "num_components");
}

std::string component_name(Shape shape, int dim, int component) {
  constexpr std::array axes{'x', 'y', 'z'};
  constexpr std::array symmetric{"xx", "yy", "zz", "xy", "yz", "xz"};
  if (component < 0 || component >= num_components(shape, dim)) {
    throw Error(ErrorKind::internal, "component " + std::to_string(component) + " does not exist", "component_name");
  }
  switch (shape) {
    case Shape::scalar:
      return "";
    case Shape::vector:
      return {axes[component]};
    case Shape::tensor:
      return {axes[component / dim], axes[component % dim]};
    case Shape::symmetric_tensor:
      return symmetric[component];
  }
  return "";
}

int PhysicsInfo::num_field_components(int dim) const {
  int sum = 0;
  for (const auto& field : fields) sum += num_components(field.shape, dim);
  return sum;
}

int PhysicsInfo::num_coefficient_components(int dim) const {
  int sum = 0;
  for (const auto& coefficient : coefficients) sum += num_components(coefficient.shape, dim);
  return sum;
}

}  // namespace ansatz::sdk
