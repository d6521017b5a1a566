#include "engine/solvers/linear_options.hpp"

namespace ansatz::solvers {

linear::KrylovOptions linear_options(const input::LinearSpec& spec, const plugin::Registry& registry,
                                     double relative_tolerance) {
  linear::KrylovOptions options{spec.solver,
                                spec.preconditioner,
                                spec.relative_tolerance.value_or(relative_tolerance),
                                spec.absolute_tolerance,
                                spec.max_iterations,
                                spec.petsc};
  if (const auto* offer = registry.find_preconditioner(spec.preconditioner); offer && spec.preconditioner_options) {
    options.make_preconditioner = [create = offer->create, values = *spec.preconditioner_options](
                                      const base::Communicator& comm) { return create(comm, values); };
  }
  if (const auto* offer = registry.find_tuner(spec.tuner); offer && spec.tuner_options) {
    options.make_tuner = [create = offer->create, values = *spec.tuner_options](std::span<const sdk::Knob> knobs) {
      return create(knobs, values);
    };
  }
  return options;
}

}  // namespace ansatz::solvers
