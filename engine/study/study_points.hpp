#pragma once
/// The parameters of studies of many: `points` and `fixed` of `[study]`.

#include <vector>

#include "engine/input/case.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::study {

/// Which parameters a study varies, and where the others stay. In the order of Problem::parameters().
struct VariedParameters {
  std::vector<int> varied;    ///< numbers of those that it varies
  std::vector<double> fixed;  ///< values of all; of those that it varies their defaults
};
VariedParameters varied_parameters(const input::Case& parsed);

/// The points of a study: values of all parameters.
sampling::TrainingSet study_points(const input::Case& parsed);

}  // namespace ansatz::study
