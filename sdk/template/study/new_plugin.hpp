#pragma once
#include <algorithm>
#include <ansatz/sdk/study.hpp>
#include <functional>
#include <string>
#include <vector>

/// Change of some functions while one parameter goes through its range, by central differences at the default:
/// (high - low) (f(x + h) - f(x - h)) / (2 h) with h = step (high - low). At an end of the range the difference is that
/// of one side.
inline std::vector<double> change_over_range(const ansatz::sdk::CaseParameter& parameter, double step,
                                             const std::function<std::vector<double>(double)>& functions) {
  const double range = parameter.high - parameter.low;
  const double below = std::max(parameter.value - step * range, parameter.low);
  const double above = std::min(parameter.value + step * range, parameter.high);
  auto change = functions(above);
  const auto from = functions(below);
  for (std::size_t k = 0; k < change.size(); ++k) change[k] = (change[k] - from[k]) * range / (above - below);
  return change;
}

/// A study: how much each quantity of the case depends on each parameter, by any ansatz.
class NewPlugin final : public ansatz::sdk::Study {
 public:
  static ansatz::sdk::StudyInfo description() {
    ansatz::sdk::StudyInfo info{.name = "new_plugin",
                                .doc = "change of each quantity over the range of each parameter"};
    info.options.add({.name = "step",
                      .initial = 1e-2,
                      .unit = "1",
                      .doc = "of differences, over the range",
                      .range = {0.0, 0.5, true, false}});
    return info;
  }

  NewPlugin(const ansatz::sdk::Problem& problem, const ansatz::sdk::ParameterSet& options)
      : step_(options.number("step")) {
    if (problem.parameters().empty()) {
      throw ansatz::sdk::Error(ansatz::sdk::ErrorKind::case_file, "this study is for cases with parameters", {},
                               "add a section [parameters]");
    }
  }

  void run(ansatz::sdk::StudyRun& run) override {
    const auto parameters = run.problem().parameters();
    std::vector<double> defaults;
    for (const auto& parameter : parameters) defaults.push_back(parameter.value);
    ansatz::sdk::ResultTable table{{"parameter"}, {"1"}, {}};
    std::vector<ansatz::sdk::QuantityResult> results;
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      std::vector<ansatz::sdk::QuantityResult> quantities;  // at the last point
      const auto at = [&](double x) {
        auto mu = defaults;
        mu[p] = x;
        quantities = run.quantities(run.ansatz().solve({.parameters = mu}, run.monitor()));
        std::vector<double> values;
        for (const auto& quantity : quantities) values.push_back(quantity.value);
        return values;
      };
      const auto change = change_over_range(parameters[p], step_, at);
      table.values.push_back(double(p + 1));
      for (std::size_t k = 0; k < change.size(); ++k) {
        table.values.push_back(change[k]);
        results.push_back({quantities[k].name + "_by_" + parameters[p].name, quantities[k].unit, change[k]});
        if (p > 0) continue;
        table.names.push_back(quantities[k].name);
        table.units.push_back(quantities[k].unit);
      }
      run.monitor().progress(double(p + 1) / double(parameters.size()), "parameters");
    }
    run.write("new_plugin", table);
    run.report(results);
  }

 private:
  double step_;
};
