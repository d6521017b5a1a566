#pragma once
/// Studies that plugins bring.

#include "engine/plugin/registry.hpp"
#include "engine/results/run_folder.hpp"
#include "engine/solvers/case_problem.hpp"

namespace ansatz::study {

/// Runs it with the options of [study.NAME]. \returns what it reports. *Collective.* \throws what it throws
results::Summary run_plugin_study(const solvers::CaseProblem& of_case, const plugin::StudyOffer& offer,
                                  double time_limit);

/// Makes the case's study, where it is one of a plugin, so that it can say what is wrong. *Collective.*
void check_plugin_study(const solvers::CaseProblem& of_case);

}  // namespace ansatz::study
