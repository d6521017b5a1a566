#pragma once
/// What the promises of a time integrator are held against, apart from its order: its estimate, its memory, its rates.

#include <functional>
#include <string>

#include "ansatz/sdk/ode.hpp"
#include "estimate_problems.hpp"

namespace ansatz::conformance {

using MakeMethod = std::function<std::unique_ptr<sdk::TimeMethod>(sdk::TimeSystem&)>;

// Each returns what is wrong in one sentence, or nothing. Problems are smooth, not stiff, and suit the method.

/// The estimate falls like h^(q + 1), q its order; that of a method with history faster than h at least. Where it is of
/// the error of y_new itself (q >= the method's order), y_new less the estimate is nearer to the solution: a wrong sign
/// doubles the error. (Where the embedded solution is the coarser one, the sign of all of the estimate changes nothing
/// that can be seen.)
std::string fault_of_estimate(const MakeMethod& make, const EstimateProblem& problem);

/// After restart() a method steps as a new one does, wherever it has been before.
std::string fault_of_restart(const MakeMethod& make, const EstimateProblem& problem);

/// Before the first step end_rate() gives nothing, or the rate at the start.
std::string fault_of_early_rate(const MakeMethod& make, const EstimateProblem& problem);

/// The problems for these: one of first order, with a nonstiff part, and one of second order.
std::vector<EstimateProblem> smooth_problems();

}  // namespace ansatz::conformance
