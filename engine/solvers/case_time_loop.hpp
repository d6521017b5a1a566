#pragma once
/// The integrator of a case for systems that an ansatz makes itself.

#include <memory>
#include <vector>

#include "ansatz/sdk/problem.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/problem/problem.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::solvers {

/// By `[time]`: method, steps and tolerances; stops and events are the case's own. Tolerances and weights by field are
/// for fields: a system's unknowns have the common ones.
/// \param system must outlive it. *Collective.*
/// \throws sdk::Error of kind case_file where the case has no [time], or the method does not suit the system
std::unique_ptr<sdk::TimeLoop> make_case_time_loop(const problem::Problem& problem, const plugin::Registry& registry,
                                                   results::RunLog& log, sdk::TimeSystem& system,
                                                   std::vector<double> start);

}  // namespace ansatz::solvers
