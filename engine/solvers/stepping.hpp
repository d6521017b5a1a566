#pragma once
/// Time integration as a case asks for it.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/input/case.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/time/loop/stepper.hpp"
#include "engine/time/methods/methods.hpp"
#include "engine/time/systems/jacobian_choice.hpp"

namespace ansatz::solvers {

/// Of one length from the start to the end; stops and output times cut some of them. \throws sdk::Error of kind
/// case_file where the end is not reached by whole steps.
std::int64_t number_of_steps(const input::Case& parsed);

/// The start, the ends of steps of one length (with error control stops and output times), and the end [s].
std::vector<double> step_times(const input::Case& parsed);

/// Fixed steps end at this time, at stops and output times among others.
bool ends_step(const input::Case& parsed, double t);
/// Fields are to be written: by the number of the step, because it is the first or the last one, or as the case has
/// this time.
bool is_written(const input::Case& parsed, std::int64_t step, double t, bool is_last);

/// W of linearly implicit methods.
time::JacobianChoice jacobian_choice(const input::TimeSpec& spec);

/// Methods of the plugins that are loaded.
std::vector<time::MethodEntry> methods_of_plugins(const plugin::Registry& registry);

/// What is wrong with [time] for a system is found here, before the first step: a method that does not suit it, a
/// Jacobian or a mass that the method cannot use, steps that do not fit, a policy that cannot be read or made.
/// *Collective.* \throws sdk::Error of kind case_file with the place, or that of the policy
void check_stepping(const input::Case& parsed, const plugin::Registry& registry, const base::Communicator& comm,
                    const sdk::TimeTraits& traits);

/// The spec's stepper for a system. Learned controllers are read from their files.
/// \param parameters values of the case's parameters, which max_step may depend on
/// \param unknown_of name of the field or component that an owned unknown belongs to
/// \param name_of,say,after_stop see time::StepperOptions
/// \throws sdk::Error of kind case_file where the method does not suit the system. *Collective.*
std::unique_ptr<time::Stepper> make_stepper(
    const input::Case& parsed, std::span<const double> parameters, const plugin::Registry& registry,
    const base::Communicator& comm, sdk::TimeSystem& system, std::vector<double> initial,
    const std::function<std::string(std::size_t)>& unknown_of,
    std::function<std::string(std::optional<std::size_t>)> name_of, std::function<void(const std::string&)> say,
    std::function<std::vector<double>(double, std::vector<double>&)> after_stop = {});

}  // namespace ansatz::solvers
