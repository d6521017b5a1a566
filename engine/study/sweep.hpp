#pragma once
/// Sweeps: the quantities of a case at many parameters.

#include "engine/io/charts/sweep_file.hpp"
#include "engine/solvers/case_problem.hpp"

namespace ansatz::study {

/// Evaluates the case's quantities at all points of `[study]` and writes the table (HDF5 and sweep.csv) and, where one
/// parameter varies, pictures of it. What the ansatz tabulates is taken from there; the rest, unless it is a formula,
/// is computed from its solutions. Points without a result: see PointTable. \param ansatz prepared \throws sdk::Error
/// *Collective.*
io::SweepTable sweep(const solvers::CaseProblem& of_case, sdk::Solver& ansatz);

}  // namespace ansatz::study
