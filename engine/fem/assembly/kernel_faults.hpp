#pragma once
/// Errors that point kernels give rise to, with the cell, region, position and time where they do.

#include <functional>
#include <string>

#include "engine/fem/assembly/batches.hpp"
#include "engine/fem/assembly/form_definition.hpp"

namespace ansatz::fem {

/// What kernels are called with, and what it belongs to.
struct KernelCall {
  const FormDefinition& definition;
  const std::string& integral;  ///< its name
  const Batch& batch;
  const sdk::PointBatch& points;  ///< with positions
};

/// \throws sdk::Error of kind not_finite that names the coefficient, its value and its range. Not collective.
[[noreturn]] void throw_fault(const KernelCall& call, const sdk::CoefficientFault& fault);

/// Inside a catch block: throws the current exception with the physics' name and a place. Errors of the SDK keep their
/// kind, others become sdk::Error of kind plugin. Not collective.
[[noreturn]] void rethrow_named(const sdk::PhysicsInfo& physics, const std::function<std::string()>& place);
/// Calls the physics apart from any point; what it throws gets its name. Not collective.
template <class Call>
auto named(const sdk::PhysicsInfo& physics, const std::string& place, const Call& call) {
  try {
    return call();
  } catch (...) {
    rethrow_named(physics, [&] { return place; });
  }
}

/// Inside a catch block: the same for what kernel(call.points) threw; the place is found by calling it again point by
/// point.
[[noreturn]] void rethrow_with_place(const KernelCall& call, const std::function<void(const sdk::PointBatch&)>& kernel);

/// Calls kernel(call.points); what it throws gets its place. Not collective.
template <class Kernel>
void guarded(const KernelCall& call, const Kernel& kernel) {
  try {
    kernel(call.points);
  } catch (...) {
    rethrow_with_place(call, kernel);
  }
}

/// \param values what a kernel computed: (num_points, num_slots, values_per_slot)
/// \param what they are, for people
/// \throws sdk::Error of kind not_finite for the first cell with an unknown, or else a value, that is not finite. Not
/// collective.
void require_finite(const KernelCall& call, const std::vector<Lanes>& values, int values_per_slot, const char* what);

}  // namespace ansatz::fem
