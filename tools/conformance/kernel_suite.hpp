#pragma once
/// The kernels of a physics against each other and against differences. Private to the kernel checks.

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "ansatz/sdk/physics_interface.hpp"
#include "samples.hpp"

namespace ansatz::conformance {

using sdk::PointBatch;
using sdk::PointKernels;
using Kernel = std::function<void(const PointBatch&, Lanes*)>;
using Move = std::function<void(Samples&, double)>;

inline constexpr double rate_weight = 0.7;

Values evaluate(const Kernel& kernel, const Samples& at, int width);
/// Fourth-order central difference of a kernel along `move`.
Values difference(const Kernel& kernel, const Samples& at, int width, const Move& move);

/// A direction in the inputs of a kernel: entries of value, gradient (and second derivatives) of each component.
class Direction {
 public:
  Direction(const Samples& samples, bool second)
      : second_(second), width_(1 + samples.dim + (second ? samples.num_hessian() : 0)) {
    for (int k = 0; k < samples.components * width_; ++k) entries_.push_back(std::cos(1.0 + 2.3 * k));
  }
  int width() const { return width_; }

  /// Rates move with the values, weighted.
  void operator()(Samples& s, double step) const {
    for (int q = 0; q < s.num_points; ++q) {
      for (int c = 0; c < s.components; ++c) {
        const double* d = &entries_[c * width_];
        for (int k = 0; k <= s.dim; ++k) s.slots[(q * s.components + c) * (1 + s.dim) + k] += Lanes(step * d[k]);
        s.rates[q * s.components + c] += Lanes(rate_weight * step * d[0]);
        for (int k = 0; second_ && k < s.num_hessian(); ++k)
          s.hessians[(q * s.components + c) * s.num_hessian() + k] += Lanes(step * d[1 + s.dim + k]);
      }
    }
  }

  /// A Jacobian of shape (num_points, outputs, components * width()) times this direction.
  Values times(const Values& jacobian, int outputs, int num_points) const {
    const int n = static_cast<int>(entries_.size());
    Values out(num_points * outputs, Lanes(0.0));
    for (std::size_t row = 0; row < out.size(); ++row) {
      for (int k = 0; k < n; ++k) out[row] += jacobian[row * n + k] * entries_[k];
    }
    return out;
  }
  Values slots(const Samples& s) const {
    Samples moved = s;
    (*this)(moved, 1.0);
    for (std::size_t i = 0; i < moved.slots.size(); ++i) moved.slots[i] -= s.slots[i];
    return moved.slots;
  }

 private:
  bool second_;
  int width_;
  std::vector<double> entries_;
};

/// All kernels of one physics, with its options set, in one dimension. Each check throws a Failure.
class Suite {
 public:
  Suite(const sdk::Physics& physics, int dim);
  /// Then there is no strong form.
  bool fluxes_have_rates() const;
  void finite() const;
  void jacobian() const;
  void boundary_jacobian() const;
  void jacobian_vector() const;
  void parameter_and_time() const;
  /// f0 - div f1, the divergence by differences of f1 along the smooth fields.
  void strong() const;
  /// A point gives what it gives alone, at its own time and parameters.
  void own_times() const;
  /// Of each coefficient by itself: as along a direction.
  void coefficient_slopes() const;
  /// The derivatives of the energy are the steady form, for some coefficients at least: those that differ from their
  /// defaults are reset one by one.
  void energy() const;
  void stabilisation() const;
  /// What the form says of itself holds for its derivatives: where they are 0, and where they are constant.
  void structure() const;
  /// Terms for explicit methods are there only where the physics says so: it would be integrated without them.
  void nonstiff() const;
  /// Coefficients that are not finite or out of their range are found and named.
  void faults() const;
  /// States that are not finite may give anything but an exception of another kind, or a crash.
  void not_finite() const;

 private:
  /// The remainder R(u + h w) - R(u) - h J w falls with h^2.
  void taylor(const Kernel& residual, const Kernel& jacobian) const;
  void strong_by_rate(const Kernel& strong) const;
  void gradient(const char* what, const Kernel& energy, const Kernel& form, const Samples& at) const;
  static void accept(const sdk::CoefficientFault& fault);
  int fault(const std::string& text, int component) const;
  void agree(const std::string& what, const Kernel& derivative, int width, const Kernel& of, const Move& move) const;
  /// Equal up to the error of a difference, relative to the values or to `scale`, what was differenced.
  static void close(const std::string& what, const Values& actual, const Values& expected, double scale);
  /// Entry k of each component's slots.
  Values column(const Values& slots, int k) const;

  const sdk::PhysicsInfo& info_;
  const PointKernels& kernels_;
  Samples at_;
  int n_;
  Kernel residual_, boundary_;
};

}  // namespace ansatz::conformance
