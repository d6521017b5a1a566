#pragma once
/// The systems of the bench `integrators`, the same right-hand side for all programs.

#include <memory>
#include <string>
#include <vector>

#include "engine/plugin/registry.hpp"

namespace ansatz::bench {

struct OdeProblem {
  std::unique_ptr<sdk::OdeSystem> system;
  double end = 1.0;
  std::vector<double> floor;  ///< size below which a component counts as small: absolute over relative tolerance
};

/// \param name rober, hires, brusselator (500 points) or heat (40 x 40 points) \throws sdk::Error of kind usage for
/// another.
OdeProblem make_ode_problem(const std::string& name, plugin::Registry& registry);

/// Root mean square of (y - reference) / (floor + |reference|).
double relative_error(const OdeProblem& problem, std::span<const double> y, std::span<const double> reference);

/// What a program needed for a problem.
struct OdeRun {
  std::vector<double> y;
  double seconds = 0.0;
  std::int64_t steps = 0, evaluations = 0, jacobians = 0;
};

/// \param method a name of time_methods()
/// \param type of TS: rosw (ra34pw2), arkimex (4, all implicit) or bdf (4)
OdeRun solve_by_us(const OdeProblem& problem, const std::string& method, double tolerance);
OdeRun solve_by_petsc(const OdeProblem& problem, const std::string& type, double tolerance);
#ifdef ANSATZ_HAVE_SUNDIALS
OdeRun solve_by_cvode(const OdeProblem& problem, double tolerance);
#endif

}  // namespace ansatz::bench
