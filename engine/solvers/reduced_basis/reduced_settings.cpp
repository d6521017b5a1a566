#include "engine/solvers/reduced_basis/reduced_settings.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <sstream>

#include "engine/input/case_keys.hpp"
#include "engine/input/solver_infos.hpp"
#include "engine/problem/fingerprint.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/solvers/stepping.hpp"

namespace ansatz::solvers {

std::vector<double> reference_parameters(const input::Case& parsed) {
  std::vector<double> values;
  for (const auto& [name, spec] : parsed.parameters) {
    const auto given = parsed.reduced.reference.find(name);
    values.push_back(given == parsed.reduced.reference.end() ? spec.initial : given->second);
  }
  return values;
}

reduced::TimeGrid time_grid(const input::Case& parsed) {
  auto plain = parsed;
  plain.time->stops.clear();  // the ends of steps that are stops for finite elements
  const auto& time = *plain.time;
  return {time.method, time.start, time.step, number_of_steps(plain), time.end};
}

reduced::InterpolationOptions interpolation_options(const input::Case& parsed) {
  const auto& spec = parsed.reduced.interpolation;
  const std::map<std::string, reduced::PointRule> rules{
      {"eim", reduced::PointRule::eim}, {"q_deim", reduced::PointRule::q_deim}, {"s_opt", reduced::PointRule::s_opt}};
  const std::map<std::string, reduced::Pick> picks{
      {"largest", reduced::Pick::largest}, {"sum", reduced::Pick::sum}, {"square", reduced::Pick::square}};
  return {.tolerance = spec.tolerance,
          .max_terms = spec.max_terms,
          .training = problem::sampling_options(spec.training, static_cast<int>(parsed.parameters.size())),
          .points = rules.at(spec.points),
          .points_per_term = spec.points_per_term,
          .pick = picks.at(spec.pick)};
}

sampling::TrainingSet training_set(const input::Case& parsed) {
  const sampling::ParameterBox box(problem::parameter_ranges(parsed));
  return sample(box, problem::sampling_options(parsed.reduced.training, box.dimension()));
}

std::string reduced_fingerprint(const problem::Problem& problem, const plugin::Registry& registry) {
  return problem::model_fingerprint(problem, registry, [&](input::Case& relevant) {
    relevant.solver.type = input::reduced_basis_info().name;  // whatever ansatz the case has beside it
    relevant.solver.info = input::reduced_basis_info();
    const auto& spec = problem.parsed().reduced;
    const bool is_h1 = spec.product == "h1" || spec.product == "h1_semi";
    if (!is_h1) relevant.reduced.reference = spec.reference;
    relevant.reduced.product = spec.product;
    relevant.reduced.length = spec.length;
  });
}

namespace {

/// Lines `key = value` of a text without remarks, by key.
std::map<std::string, std::string> values_of(const std::string& text) {
  std::map<std::string, std::string> values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto middle = line.find(" = ");
    if (!line.starts_with("#") && middle != std::string::npos) values[line.substr(0, middle)] = line.substr(middle + 3);
  }
  return values;
}

}  // namespace

std::string training_settings(const input::ReducedSpec& spec) {
  input::TomlWriter all, of_interpolation;
  input::reduced_keys().write(all, spec);
  input::interpolation_keys().write(of_interpolation, spec.interpolation);
  auto values = values_of(all.take());
  for (const char* key : {"model", "reference", "product", "length", "interpolation"}) values.erase(key);
  if (!spec.output_tolerance) values.erase("output_tolerance");  // the tolerance
  for (const auto& [key, value] : values_of(of_interpolation.take())) values["interpolation." + key] = value;
  std::string text;
  for (const auto& [key, value] : values) text += key + " = " + value + "\n";
  return text;
}

std::string training_difference(const std::string& before, const std::string& now) {
  if (before.empty()) return {};
  const auto old_values = values_of(before), values = values_of(now);
  std::set<std::string> keys;
  for (const auto* side : {&old_values, &values}) {
    for (const auto& [key, value] : *side) keys.insert(key);
  }
  const auto text_of = [](const std::map<std::string, std::string>& side, const std::string& key) {
    const auto found = side.find(key);
    return found == side.end() ? std::string("the default") : found->second;
  };
  std::string text;
  for (const auto& key : keys) {
    const auto was = text_of(old_values, key), is = text_of(values, key);
    if (was != is) text += fmt::format("{}{} was {}, is {}", text.empty() ? "" : "; ", key, was, is);
  }
  return text;
}

}  // namespace ansatz::solvers
