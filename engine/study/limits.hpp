#pragma once
/// Limits of matrix powers: solutions and log-determinants over parameters from factorisations at a few of them.

#include <string>
#include <vector>

#include "engine/io/charts/sweep_file.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/problem/problem.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::study {

struct LimitsResult {
  io::SweepTable table;
  /// Those at the case's defaults, with estimates; none where these are not among the parameters of the study.
  std::vector<quantities::QuantityValue> at_defaults;
  double largest_error = 0.0;  ///< relative, at held-out parameters
  std::string of_largest;      ///< the quantity that has it
};

/// What is known before anything is assembled. \throws sdk::Error of kind case_file for problems that are not linear,
/// meshes that parameters move, and a quantity that is called as the log-determinant is. Not collective.
void check_limits(problem::Problem& problem);

/// log |det A(mu)| of the matrix on the free unknowns, and the linear quantities of the case with A(mu)^-1, at all
/// points of `[study]`, from factorisations at a few parameters (reduced::OperatorLimits). Both are computed directly
/// at held-out parameters, too; the largest error of a quantity there is its estimate, which is no bound. Writes the
/// table as a sweep does. Points whose weights amplify errors a thousand times have no result.
/// \param folder of the run
/// \throws as check_limits(); sdk::Error of kind case_file where the problem does not separate, or its matrix is
/// singular at some parameters, of kind parameter for too many monomials or too small a training set. *Collective.*
LimitsResult limits(problem::Problem& problem, const linear::KrylovOptions& options, results::RunLog& log,
                    const std::string& folder);

/// \throws sdk::Error of kind verification where the largest error is above `study.tolerance`.
void require_tolerance(const input::Case& parsed, const LimitsResult& result);

}  // namespace ansatz::study
