#pragma once
/// Sweeps: the quantities of a case at many parameters, by finite elements or by its reduced model.

#include <string>

#include "engine/io/charts/sweep_file.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/problem/problem.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::study {

/// Evaluates the case's quantities at all points of `[study]` and writes the table (HDF5 and sweep.csv) and, where one
/// parameter varies, pictures of it. Quantities that a reduced model does not know, unless they are formulas, are
/// computed from lifted fields. Points without a result: see PointTable.
/// \param options of the linear solves of finite elements
/// \param folder of the run
/// \throws sdk::Error of kind case_file for problems in time and meshes that depend on parameters. *Collective.*
io::SweepTable sweep(problem::Problem& problem, const linear::KrylovOptions& options, const plugin::Registry& registry,
                     results::RunLog& log, const std::string& folder);

}  // namespace ansatz::study
