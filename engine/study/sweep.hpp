#pragma once
/// Sweeps: the quantities of a case at many parameters, by finite elements or by its reduced model.

#include <string>

#include "engine/io/charts/sweep_file.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/problem/problem.hpp"
#include "engine/results/run_log.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::study {

/// The points of a sweep: values of all parameters in the order of Problem::parameters().
sampling::TrainingSet sweep_points(const input::Case& parsed);

/// Evaluates the case's quantities at all points of `[study]` and writes the table (HDF5 and sweep.csv) and, where one
/// parameter varies, pictures of it. Quantities that a reduced model does not know, unless they are formulas, are
/// computed from lifted fields. A point without a solution, or a quantity without a finite value there, is not-a-number
/// in the table, with its reason (SweepTable::problems), and a warning; the other points are kept.
/// \param options of the linear solves of finite elements
/// \param folder of the run
/// \throws sdk::Error of kind case_file for problems in time and meshes that depend on parameters. *Collective.*
io::SweepTable sweep(problem::Problem& problem, const linear::KrylovOptions& options, const plugin::Registry& registry,
                     results::RunLog& log, const std::string& folder);

}  // namespace ansatz::study
