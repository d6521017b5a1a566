#include "engine/study/study_points.hpp"

#include "engine/problem/parameter_samples.hpp"

namespace ansatz::study {

VariedParameters varied_parameters(const input::Case& parsed) {
  const auto& spec = parsed.study.sweep;
  VariedParameters out;
  int p = 0;
  for (const auto& [name, parameter] : parsed.parameters) {
    const auto value = spec.fixed.find(name);
    const bool varies = spec.values.empty() ? value == spec.fixed.end() : spec.values.count(name) > 0;
    out.fixed.push_back(value == spec.fixed.end() ? parameter.initial : value->second);
    if (varies) out.varied.push_back(p);
    ++p;
  }
  return out;
}

sampling::TrainingSet study_points(const input::Case& parsed) {
  const auto& spec = parsed.study.sweep;
  const auto [varied, fixed] = varied_parameters(parsed);
  const int dimension = static_cast<int>(varied.size());
  sampling::TrainingSet sample(dimension);
  if (spec.values.empty()) {
    std::vector<sampling::ParameterRange> ranges;
    for (const int p : varied) {
      const auto& [name, parameter] = *std::next(parsed.parameters.begin(), p);
      ranges.push_back({name, parameter.low, parameter.high, parameter.logarithmic});
    }
    sample = sampling::sample(sampling::ParameterBox(ranges), problem::sampling_options(spec.points, dimension));
  } else {
    for (std::size_t i = 0; i < spec.values.begin()->second.size(); ++i) {
      std::vector<double> mu;
      for (const auto& [name, values] : spec.values) mu.push_back(values[i]);
      sample.append(mu);
    }
  }
  sampling::TrainingSet points(static_cast<int>(fixed.size()));
  for (std::size_t i = 0; i < sample.size(); ++i) {
    auto mu = fixed;
    for (int k = 0; k < dimension; ++k) mu[varied[k]] = sample[i][k];
    points.append(mu);
  }
  return points;
}

}  // namespace ansatz::study
