#pragma once
/// The parameters of a case as ranges to sample.

#include <vector>

#include "engine/input/case.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::problem {

/// Ranges of a case's parameters, in the order of Problem::parameters().
std::vector<sampling::ParameterRange> parameter_ranges(const input::Case& parsed);

/// How a sample is made; the points of a grid are of each of `dimension` parameters.
sampling::SamplingOptions sampling_options(const input::TrainingSpec& spec, int dimension);

}  // namespace ansatz::problem
