#include "engine/problem/parameter_samples.hpp"

namespace ansatz::problem {

std::vector<sampling::ParameterRange> parameter_ranges(const input::Case& parsed) {
  std::vector<sampling::ParameterRange> ranges;
  for (const auto& [name, spec] : parsed.parameters) ranges.push_back({name, spec.low, spec.high, spec.logarithmic});
  return ranges;
}

sampling::SamplingOptions sampling_options(const input::TrainingSpec& spec, int dimension) {
  if (spec.kind == "grid") return {.method = "grid", .grid = std::vector<int>(dimension, spec.count)};
  const bool is_sequence = spec.kind == "sobol" || spec.kind == "halton" || spec.kind == "lattice";
  return {.method = spec.kind,
          .size = static_cast<std::size_t>(spec.count),
          .scrambling = is_sequence ? "shift" : "none",
          .seed = static_cast<std::uint64_t>(spec.seed)};
}

}  // namespace ansatz::problem
