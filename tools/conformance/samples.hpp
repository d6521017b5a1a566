#pragma once
/// Points with smooth states and coefficients that stay in their ranges, to evaluate the kernels of a physics at.

#include <span>
#include <vector>

#include "ansatz/sdk/physics_interface.hpp"

namespace ansatz::conformance {

using sdk::Lanes;
using Values = std::vector<Lanes>;

/// Fields u_c(x) = 1 + 0.3 sin(a_c . x + b_c) with their derivatives, at points of the unit cube, one a lane.
class Samples {
 public:
  Samples(const sdk::PhysicsInfo& info, int dim);

  /// Takes other points, shape (n, dim), the last one repeated in what is left of the lanes; the fields stay.
  void place(std::span<const double> positions);
  /// Slots move to the fields at points that are moved by `step` along `axis`.
  void move(int axis, double step);
  /// Everything that a kernel may ask for; pointers are into this object.
  sdk::PointBatch batch() const;
  /// Width of the residual: components times (1 + dim).
  int num_slots() const { return components * (1 + dim); }
  int num_hessian() const { return dim * (dim + 1) / 2; }

  int dim, components, num_points = 0;
  double time = 0.4;
  double parameter = 0.3;
  std::vector<sdk::Expression> coefficients;  ///< vary with position, time and the one parameter
  Values position, slots, rates, hessians, normal, cell_size;

 private:
  void fill();
};

/// Largest difference relative to the largest value of `expected`, at least 1e-300; infinite where one is not finite.
double distance(const Values& actual, const Values& expected);
double largest(const Values& values);

/// Position of d^2/dx_i dx_j among the second derivatives of a component, see PointBatch.
int hessian_entry(int dim, int i, int j);

}  // namespace ansatz::conformance
