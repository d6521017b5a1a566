#include "engine/fem/assembly/point_integrands.hpp"

#include <algorithm>
#include <cmath>

#include "engine/fem/assembly/kernel_faults.hpp"

namespace ansatz::fem {

const sdk::SlopeKernels& slope_kernels(const FormDefinition& definition, const sdk::PointKernels& kernels) {
  if (const auto* slopes = dynamic_cast<const sdk::SlopeKernels*>(&kernels)) return *slopes;
  throw sdk::Error(sdk::ErrorKind::plugin,
                   "the physics " + definition.physics->info().name + " has no derivatives of outputs", {},
                   "build its plugin with the SDK of API 4.2 or later");
}

PointIntegrands::PointIntegrands(const FormDefinition& definition, const sdk::PointKernels& kernels)
    : definition_(definition),
      kernels_(kernels),
      dim_(definition.dofs->mesh().dim),
      components_(definition.dofs->num_components()),
      slots_(components_ * (1 + dim_)) {}

std::size_t PointIntegrands::size_of_stabilisation(int num_points) const {
  return std::size_t(num_points) * slots_ * components_ * stabilised_entries();
}

void PointIntegrands::residual(const Integral& integral, const Batch& batch, const sdk::PointBatch& points) {
  f_.resize(points.num_points * slots_);
  const KernelCall call{definition_, integral.name, batch, points};
  sdk::CoefficientFault fault;
  guarded(call, [&](const sdk::PointBatch& p) {
    if (integral.directions != nullptr) return derivative_by_coefficients(integral, p);
    fault = integral.on_boundary ? kernels_.boundary_residual(p, f_.data()) : kernels_.residual(p, part_, f_.data());
    if (!stabilises(integral) || fault.coefficient >= 0) return;
    extra_.resize(f_.size());
    kernels_.stabilisation_residual(p, extra_.data());
    add_extra();
  });
  if (integral.directions != nullptr) require_finite(call, f_, 1, "the value");
  const bool is_fault = fault.coefficient >= 0 && (definition_.check_ranges || !std::isfinite(fault.value));
  if (is_fault) throw_fault(call, fault);
}

void PointIntegrands::jacobian(const Integral& integral, const Batch& batch, const sdk::PointBatch& points,
                               sdk::JacobianWeights weights) {
  const bool stabilise = stabilises(integral);
  d_.resize(std::size_t(points.num_points) * slots_ * slots_);
  if (stabilise) extra_.resize(size_of_stabilisation(points.num_points));
  guarded({definition_, integral.name, batch, points}, [&](const sdk::PointBatch& p) {
    if (integral.directions != nullptr && integral.on_boundary) {
      kernels_.boundary_coefficient_jacobian(p, *integral.directions, weights, d_.data());
    } else if (integral.directions != nullptr) {
      kernels_.coefficient_jacobian(p, *integral.directions, weights, d_.data());
    } else if (integral.on_boundary) {
      kernels_.boundary_jacobian(p, weights, d_.data());
    } else {
      kernels_.jacobian(p, part_, weights, d_.data());
    }
    if (!stabilise) return;
    const auto kernel = [&](const sdk::PointBatch& at, Lanes* out) {
      kernels_.stabilisation_jacobian(at, weights, out);
    };
    integral.directions == nullptr ? kernel(p, extra_.data()) : differentiate(integral, p, kernel);
  });
}

/// f_ of the derivative in the direction of coefficients.
void PointIntegrands::derivative_by_coefficients(const Integral& integral, const sdk::PointBatch& points) {
  if (integral.on_boundary) return kernels_.boundary_coefficient_derivative(points, *integral.directions, f_.data());
  kernels_.coefficient_derivative(points, *integral.directions, f_.data());
  if (!stabilises(integral)) return;
  extra_.resize(f_.size());
  differentiate(integral, points,
                [&](const sdk::PointBatch& at, Lanes* out) { kernels_.stabilisation_residual(at, out); });
  add_extra();
}

/// extra_ := (K(c + e g) - K(c)) / e of what is affine in e: with an e so large that the rest drowns, to the last
/// digits.
template <class Kernel>
void PointIntegrands::differentiate(const Integral& integral, sdk::PointBatch points, const Kernel& kernel) {
  constexpr double e = 0x1p200;
  const auto moved = integral.moved_coefficients(e);
  kernel(points, extra_.data());
  base_ = extra_;
  points.coefficients = moved;
  kernel(points, extra_.data());
  for (std::size_t i = 0; i < extra_.size(); ++i) extra_[i] = (extra_[i] - base_[i]) * (1.0 / e);
}

void PointIntegrands::rate(const Integral& integral, const Batch& batch, const sdk::PointBatch& points,
                           const sdk::PointBatch* moves) {
  f_.resize(points.num_points * slots_);
  guarded({definition_, integral.name, batch, points},
          [&](const sdk::PointBatch& p) { evaluate_rate(integral, p, moves); });
}

void PointIntegrands::evaluate_rate(const Integral& integral, const sdk::PointBatch& points,
                                    const sdk::PointBatch* moves) {
  if (integral.on_boundary) {
    kernels_.boundary_time_derivative(points, f_.data());
  } else {
    kernels_.time_derivative(points, f_.data());
  }
  const bool stabilise = stabilises(integral);
  extra_.resize(f_.size());
  if (stabilise) {
    kernels_.stabilisation_time_derivative(points, extra_.data());
    add_extra();
  }
  if (moves == nullptr) return;
  if (!integral.on_boundary) {
    kernels_.jacobian_vector(points, moves->slots, moves->rates, extra_.data());
    add_extra();
  }
  for (const auto& weights : {sdk::JacobianWeights{1.0, 0.0}, {0.0, 1.0}}) {
    if (weights.rate != 0.0 && moves->rates == nullptr) continue;
    if (integral.on_boundary) {
      d_.resize(std::size_t(points.num_points) * slots_ * slots_);
      kernels_.boundary_jacobian(points, weights, d_.data());
      add_products(*moves, weights, 1 + dim_);
    }
    if (stabilise) {
      d_.resize(size_of_stabilisation(points.num_points));
      kernels_.stabilisation_jacobian(points, weights, d_.data());
      add_products(*moves, weights, stabilised_entries());
    }
  }
}

bool PointIntegrands::uses(const Integral& integral, int parameter) {
  return std::ranges::any_of(*integral.coefficients, [&](const sdk::Expression& coefficient) {
    return std::ranges::count(coefficient.parameters_used(), parameter) > 0;
  });
}

void PointIntegrands::parameter_slope(const Integral& integral, const Batch& batch, const sdk::PointBatch& points,
                                      int parameter) {
  f_.resize(points.num_points * slots_);
  const KernelCall call{definition_, integral.name, batch, points};
  guarded(call, [&](const sdk::PointBatch& p) {
    if (integral.on_boundary) return kernels_.boundary_parameter_derivative(p, parameter, f_.data());
    kernels_.parameter_derivative(p, parameter, f_.data());
    if (!stabilises(integral)) return;
    extra_.resize(f_.size());
    slope_kernels(definition_, kernels_).stabilisation_parameter_derivative(p, parameter, extra_.data());
    add_extra();
  });
  require_finite(call, f_, 1, "the derivative by a parameter");
}

void PointIntegrands::add_extra() {
  for (std::size_t i = 0; i < f_.size(); ++i) f_[i] += extra_[i];
}

/// f_ += d_ times what u, its gradient and, beyond 1 + dim entries, its second derivatives change by, or its rate.
void PointIntegrands::add_products(const sdk::PointBatch& moves, sdk::JacobianWeights weights, int entries) {
  const int hessians = dim_ * (dim_ + 1) / 2;
  for (int q = 0; q < moves.num_points; ++q) {
    for (int s = 0; s < slots_; ++s) {
      Lanes& f = f_[q * slots_ + s];
      for (int c = 0; c < components_; ++c) {
        const Lanes* d = d_.data() + ((std::size_t(q) * slots_ + s) * components_ + c) * entries;
        if (weights.rate != 0.0) {
          f += d[0] * moves.rates[q * components_ + c];
          continue;
        }
        for (int k = 0; k <= dim_; ++k) f += d[k] * moves.slots[(q * components_ + c) * (1 + dim_) + k];
        for (int k = 1 + dim_; k < entries; ++k)
          f += d[k] * moves.hessians[(q * components_ + c) * hessians + k - 1 - dim_];
      }
    }
  }
}

void PointIntegrands::multiply(int num_points, const Lanes* slots, bool transposed, const std::vector<double>& scales,
                               const std::vector<int>& field_of) {
  const int entries = 1 + dim_, num_fields = definition_.dofs->num_fields();
  f_.resize(num_points * slots_);
  for (int q = 0; q < num_points; ++q) {
    const Lanes* d = d_.data() + std::size_t(q) * slots_ * slots_;
    for (int out = 0; out < slots_; ++out) {
      Lanes sum(0.0);
      for (int in = 0; in < slots_; ++in) {
        const double scale = scales[field_of[out / entries] * num_fields + field_of[in / entries]];
        sum += scale * (transposed ? d[in * slots_ + out] : d[out * slots_ + in]) * slots[q * slots_ + in];
      }
      f_[q * slots_ + out] = sum;
    }
  }
}

void PointIntegrands::explain_not_finite(const Integral& integral, const Batch& batch, const sdk::PointBatch& points) {
  const KernelCall call{definition_, integral.name, batch, points};
  residual(integral, batch, points);
  require_finite(call, f_, 1, "the value");
  jacobian(integral, batch, points, {1.0, 1.0});
  require_finite(call, d_, slots_, "the derivative");
  if (stabilises(integral)) require_finite(call, extra_, components_ * stabilised_entries(), "the derivative");
}

}  // namespace ansatz::fem
