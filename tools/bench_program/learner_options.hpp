#pragma once

#include <string>
#include <vector>

#include "ansatz/sdk/learning.hpp"

namespace ansatz::bench {

/// Options of a learner from words NAME=VALUE.
sdk::ParameterSet learner_options(const sdk::PolicyLearner& learner, const std::vector<std::string>& settings);

}  // namespace ansatz::bench
