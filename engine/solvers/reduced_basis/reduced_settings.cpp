#include "engine/solvers/reduced_basis/reduced_settings.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <sstream>

#include "engine/input/case_keys.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/mesh/topology/checksum.hpp"
#include "engine/problem/data_fields.hpp"
#include "engine/problem/fingerprint.hpp"
#include "engine/solvers/stepping.hpp"

namespace ansatz::solvers {

sampling::SamplingOptions sampling(const input::TrainingSpec& spec, int dimension) {
  if (spec.kind == "grid") return {.method = "grid", .grid = std::vector<int>(dimension, spec.count)};
  const bool is_sequence = spec.kind == "sobol" || spec.kind == "halton" || spec.kind == "lattice";
  return {.method = spec.kind,
          .size = static_cast<std::size_t>(spec.count),
          .scrambling = is_sequence ? "shift" : "none",
          .seed = static_cast<std::uint64_t>(spec.seed)};
}

std::vector<sampling::ParameterRange> parameter_ranges(const input::Case& parsed) {
  std::vector<sampling::ParameterRange> ranges;
  for (const auto& [name, spec] : parsed.parameters) ranges.push_back({name, spec.low, spec.high, spec.logarithmic});
  return ranges;
}

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
          .training = sampling(spec.training, static_cast<int>(parsed.parameters.size())),
          .points = rules.at(spec.points),
          .points_per_term = spec.points_per_term,
          .pick = picks.at(spec.pick)};
}

sampling::TrainingSet training_set(const input::Case& parsed) {
  const sampling::ParameterBox box(parameter_ranges(parsed));
  return sample(box, sampling(parsed.reduced.training, box.dimension()));
}

std::string model_fingerprint(const problem::Problem& problem, const plugin::Registry& registry) {
  const input::Case& parsed = problem.parsed();
  input::Case relevant = problem::same_anywhere(parsed);
  for (auto& [name, spec] : relevant.parameters) {
    spec.initial = spec.low;
    spec.extrapolate = false;
    spec.doc.clear();
  }
  const input::Case blank;
  relevant.linear = blank.linear;
  relevant.reduced = blank.reduced;
  const bool is_h1 = parsed.reduced.product == "h1" || parsed.reduced.product == "h1_semi";
  if (!is_h1) relevant.reduced.reference = parsed.reduced.reference;
  relevant.reduced.product = parsed.reduced.product;
  relevant.reduced.length = parsed.reduced.length;
  relevant.study = blank.study;
  if (!parsed.time) relevant.initial = blank.initial;
  if (parsed.time) relevant.time->stops.clear();  // found at parameters
  relevant.quantities.clear();
  relevant.output = blank.output;
  relevant.checkpoint = blank.checkpoint;
  return input::effective_toml(relevant, &problem.physics().info(), registry) +
         fmt::format("# mesh with the checksum {:016x}\n",
                     mesh::checksum(problem.mesh(), problem.map().points_before())) +
         problem::data_checksums(problem.parsed(), problem.mesh().comm, registry);
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
