#pragma once
/// The separated form of a case's problem.

#include <memory>

#include "engine/fem/forms/patch.hpp"
#include "engine/problem/problem.hpp"
#include "engine/reduced/separation/separated_problem.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::solvers {

/// What models that assemble entries online need of a problem.
std::shared_ptr<const fem::PatchSetting> patch_setting(problem::Problem& problem);

/// The problem's separated form, from expressions or from entries as the case says; says which and why in the log, and
/// how far it is.
/// \throws sdk::Error of kind case_file with the reason where there is none. *Collective.*
reduced::SeparatedProblem separated_form(problem::Problem& problem, results::RunLog& log);

}  // namespace ansatz::solvers
