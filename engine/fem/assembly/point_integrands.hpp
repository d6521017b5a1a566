#pragma once
/// The integrands of forms and their derivatives at the quadrature points of a batch.

#include <vector>

#include "engine/fem/assembly/batches.hpp"
#include "engine/fem/assembly/form_definition.hpp"
#include "engine/fem/assembly/form_integrals.hpp"

namespace ansatz::fem {

/// Kernels since API 4.2. \throws sdk::Error of kind plugin where the physics was built before.
const sdk::SlopeKernels& slope_kernels(const FormDefinition& definition, const sdk::PointKernels& kernels);

/// Calls a physics' kernels for one batch after the other, with the place of what they throw, into its own arrays. A
/// slot is the value or one component of the gradient of one component: (components * (1 + dim)) of them.
class PointIntegrands {
 public:
  PointIntegrands(const FormDefinition& definition, const sdk::PointKernels& kernels);

  /// From now on only this part of f0 and f1 is evaluated.
  void set_part(sdk::Part part) { part_ = part; }
  bool stabilises(const Integral& integral) const {
    return definition_.stabilise && !integral.on_boundary && part_ != sdk::Part::nonstiff;
  }
  bool in_part(const Integral& integral) const { return part_ != sdk::Part::nonstiff || !integral.on_boundary; }
  /// u, grad u and the second derivatives of one component.
  int stabilised_entries() const { return 1 + dim_ + dim_ * (dim_ + 1) / 2; }

  /// f0 and f1 into values(). \throws sdk::Error where a coefficient is out of its range. Not collective.
  void residual(const Integral& integral, const Batch& batch, const sdk::PointBatch& points);
  /// Their derivatives into derivatives(), and those of the stabilisation into stabilisation(). Not collective.
  void jacobian(const Integral& integral, const Batch& batch, const sdk::PointBatch& points,
                sdk::JacobianWeights weights);
  /// d/dt of f0 and f1 into values().
  /// \param moves what slots, rates and hessians change by; null: nothing. Not collective.
  void rate(const Integral& integral, const Batch& batch, const sdk::PointBatch& points, const sdk::PointBatch* moves);
  /// A coefficient of the integral depends on this parameter.
  static bool uses(const Integral& integral, int parameter);
  /// d/d(parameter) of f0 and f1 into values(). Not collective.
  void parameter_slope(const Integral& integral, const Batch& batch, const sdk::PointBatch& points, int parameter);
  /// values() := derivatives(), or their transposed, times values and gradients. Not collective.
  /// \param slots (num_points, num_slots)
  /// \param scales factors by pairs of fields
  /// \param field_of by component
  void multiply(int num_points, const Lanes* slots, bool transposed, const std::vector<double>& scales,
                const std::vector<int>& field_of);
  /// \throws sdk::Error of kind not_finite where the values or the derivatives are not. Not collective.
  void explain_not_finite(const Integral& integral, const Batch& batch, const sdk::PointBatch& points);

  const std::vector<Lanes>& values() const { return f_; }       ///< (num_points, num_slots)
  const std::vector<Lanes>& derivatives() const { return d_; }  ///< (num_points, num_slots, num_slots)
  /// (num_points, num_slots, components, stabilised_entries())
  const std::vector<Lanes>& stabilisation() const { return extra_; }

 private:
  void derivative_by_coefficients(const Integral& integral, const sdk::PointBatch& points);
  template <class Kernel>
  void differentiate(const Integral& integral, sdk::PointBatch points, const Kernel& kernel);
  void evaluate_rate(const Integral& integral, const sdk::PointBatch& points, const sdk::PointBatch* moves);
  void add_extra();
  void add_products(const sdk::PointBatch& moves, sdk::JacobianWeights weights, int entries);
  std::size_t size_of_stabilisation(int num_points) const;

  const FormDefinition& definition_;
  const sdk::PointKernels& kernels_;
  int dim_, components_, slots_;
  sdk::Part part_ = sdk::Part::all;
  std::vector<Lanes> f_, d_, extra_, base_;
};

}  // namespace ansatz::fem
