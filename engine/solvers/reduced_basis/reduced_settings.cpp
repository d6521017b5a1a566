#include "engine/solvers/reduced_basis/reduced_settings.hpp"

#include <fmt/format.h>

#include <map>

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
    const auto& spec = problem.parsed().reduced;
    const bool is_h1 = spec.product == "h1" || spec.product == "h1_semi";
    if (!is_h1) relevant.reduced.reference = spec.reference;
    relevant.reduced.product = spec.product;
    relevant.reduced.length = spec.length;
  });
}

}  // namespace ansatz::solvers
