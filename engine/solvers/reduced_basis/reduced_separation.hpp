#pragma once
/// The separated form of a case's problem.

#include <functional>
#include <memory>
#include <string>

#include "engine/fem/forms/patch.hpp"
#include "engine/problem/problem.hpp"
#include "engine/reduced/separation/separated_problem.hpp"

namespace ansatz::solvers {

/// What models that assemble entries online need of a problem.
std::shared_ptr<const fem::PatchSetting> patch_setting(problem::Problem& problem);

/// The problem's separated form, from expressions or from entries as the case says; says which and why in the log.
/// \throws sdk::Error of kind case_file with the reason where there is none. *Collective.*
reduced::SeparatedProblem separated_form(problem::Problem& problem, const std::function<void(const std::string&)>& say);

}  // namespace ansatz::solvers
