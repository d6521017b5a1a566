#include "tools/bench_program/learner_options.hpp"

#include <algorithm>

namespace ansatz::bench {

sdk::ParameterSet learner_options(const sdk::PolicyLearner& learner, const std::vector<std::string>& settings) {
  sdk::ParameterSet options(learner.options());
  for (const auto& setting : settings) {
    const auto equal = std::min(setting.find('='), setting.size() - 1);
    const auto name = setting.substr(0, equal), value = setting.substr(equal + 1);
    const auto* parameter = options.schema().find(name);
    if (parameter != nullptr && std::holds_alternative<std::int64_t>(parameter->initial)) {
      options.set(name, std::int64_t{std::stoll(value)}, "--set");
    } else if (parameter != nullptr && std::holds_alternative<double>(parameter->initial)) {
      options.set(name, std::stod(value), "--set");
    } else {
      options.set(name, value, "--set");
    }
  }
  return options;
}

}  // namespace ansatz::bench
