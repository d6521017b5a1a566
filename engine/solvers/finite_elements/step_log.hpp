#pragma once
/// What a run in time says of its steps.

#include <cstdint>

#include "engine/input/case.hpp"
#include "engine/results/run_log.hpp"
#include "engine/time/loop/stepper.hpp"

namespace ansatz::solvers {

/// A line and an event.
/// \param n number of the step
/// \param steps all of them, 0 where they are not known
/// \param seconds_per_time wall time over time so far, for the time that is left
/// \param residual norm of the equations at the end of the step
void log_step(results::RunLog& log, const input::TimeSpec& spec, const time::Step& step, std::int64_t n,
              std::int64_t steps, double seconds_per_time, double residual);

/// What all steps took.
void log_work(results::RunLog& log, const input::TimeSpec& spec, const time::WorkCount& work);

}  // namespace ansatz::solvers
