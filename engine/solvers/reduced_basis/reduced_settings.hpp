#pragma once
/// What a case says of its reduced model, as the modules in engine/reduced want it.

#include <string>
#include <vector>

#include "engine/plugin/registry.hpp"
#include "engine/problem/problem.hpp"
#include "engine/reduced/in_time/parabolic_model.hpp"
#include "engine/reduced/separation/separated_problem.hpp"

namespace ansatz::solvers {

/// The parameters of the inner product, in the order of Problem::parameters().
std::vector<double> reference_parameters(const input::Case& parsed);

/// The parameters to train with.
sampling::TrainingSet training_set(const input::Case& parsed);

/// `[time]` of a case that has it. \throws sdk::Error of kind case_file where the end is not reached by whole steps.
reduced::TimeGrid time_grid(const input::Case& parsed);

/// How a case interpolates what does not separate.
reduced::InterpolationOptions interpolation_options(const input::Case& parsed);

/// What a reduced model depends on: problem::model_fingerprint() with the inner product. *Collective.*
std::string reduced_fingerprint(const problem::Problem& problem, const plugin::Registry& registry);

/// How a model is trained, beyond what it depends on: lines `key = value` of [reduced], those of interpolation with
/// `interpolation.` before their names. Without the model's file, and what the fingerprint has.
std::string training_settings(const input::ReducedSpec& spec);

/// The settings that differ: "tolerance was 1e-6, is 1e-4; ...". Empty: none.
/// \param before,now as training_settings(); an empty `before` tells nothing
std::string training_difference(const std::string& before, const std::string& now);

}  // namespace ansatz::solvers
