#include "engine/solvers/finite_elements/newton_options.hpp"

namespace ansatz::solvers {

linear::NewtonOptions newton_options(problem::Problem& problem) {
  const auto& spec = problem.parsed().linear;
  linear::NewtonOptions options;
  options.relative_tolerance = spec.newton_relative_tolerance;
  options.absolute_tolerance = spec.newton_absolute_tolerance;
  options.correction_tolerance = spec.newton_correction_tolerance;
  options.line_search = spec.line_search == "monotone" ? linear::LineSearch::monotone
                        : spec.line_search == "none"   ? linear::LineSearch::none
                                                       : linear::LineSearch::nonmonotone;
  options.max_iterations = spec.newton_max_iterations;
  options.nonlinear = !problem.form().linear();
  options.inexact = options.nonlinear && !spec.relative_tolerance;
  options.lagged_jacobian = spec.lagged_jacobian;
  return options;
}

}  // namespace ansatz::solvers
