#include "engine/problem/fingerprint.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>
#include <utility>

#include "engine/input/case_reading.hpp"
#include "engine/mesh/topology/checksum.hpp"
#include "engine/problem/data_fields.hpp"

namespace ansatz::problem {

input::Case same_anywhere(const input::Case& parsed) {
  namespace fs = std::filesystem;
  input::Case relevant = parsed;
  relevant.title.clear();
  relevant.plugins.clear();
  relevant.path = "/case.toml";
  relevant.mesh.file = fs::path(parsed.mesh.file).filename().string();
  for (auto& [name, data] : relevant.data) data.file = fs::path(data.file).filename().string();
  return relevant;
}

std::string restart_fingerprint(const Problem& problem, const plugin::Registry& registry) {
  input::Case relevant = same_anywhere(problem.parsed());
  std::erase_if(relevant.solver.options, [&](const auto& entry) { return entry.first != relevant.solver.type; });
  const auto given = std::exchange(relevant.linear, {});
  if (!given.tuner.empty()) {  // what it has learned is part of the state
    relevant.linear.preconditioner = given.preconditioner;
    relevant.linear.preconditioner_options = given.preconditioner_options;
    relevant.linear.tuner = given.tuner;
    relevant.linear.tuner_options = given.tuner_options;
  }
  relevant.initial = {};
  relevant.output = {};
  relevant.compare = {};
  relevant.checkpoint = {};
  input::TimeSpec time;
  time.method = relevant.time->method;
  time.relative_tolerance = relevant.time->relative_tolerance ? std::optional(0.0) : std::nullopt;
  time.events = relevant.time->events;
  relevant.time = time;
  return input::effective_toml(relevant, &problem.physics().info(), registry) +
         fmt::format("# mesh with the checksum {:016x}\n",
                     mesh::checksum(problem.mesh(), problem.map().points_before())) +
         data_checksums(problem.parsed(), problem.mesh().comm, registry);
}

std::string model_fingerprint(const Problem& problem, const plugin::Registry& registry,
                              const std::function<void(input::Case& relevant)>& keep) {
  const input::Case& parsed = problem.parsed();
  input::Case relevant = same_anywhere(parsed);
  for (auto& [name, spec] : relevant.parameters) {
    spec.initial = spec.low;
    spec.extrapolate = false;
    spec.doc.clear();
  }
  const input::Case blank;
  relevant.solver.options.clear();
  relevant.linear = blank.linear;
  relevant.reduced = blank.reduced;
  relevant.study = blank.study;
  if (!parsed.time) relevant.initial = blank.initial;
  if (parsed.time) relevant.time->stops.clear();  // found at parameters
  relevant.quantities.clear();
  relevant.output = blank.output;
  relevant.checkpoint = blank.checkpoint;
  relevant.certify = blank.certify;
  relevant.compare = blank.compare;
  keep(relevant);
  return input::effective_toml(relevant, &problem.physics().info(), registry) +
         fmt::format("# mesh with the checksum {:016x}\n",
                     mesh::checksum(problem.mesh(), problem.map().points_before())) +
         data_checksums(parsed, problem.mesh().comm, registry);
}

std::string first_difference(const std::string& before, const std::string& now) {
  std::istringstream a(before), b(now);
  std::string line_a, line_b;
  while (true) {
    const bool has_a = static_cast<bool>(std::getline(a, line_a)), has_b = static_cast<bool>(std::getline(b, line_b));
    if (!has_a && !has_b) return "nothing";
    if (!has_a) line_a = "(nothing)";
    if (!has_b) line_b = "(nothing)";
    if (line_a != line_b) return fmt::format("it is of \"{}\", the case says \"{}\"", line_a, line_b);
  }
}

}  // namespace ansatz::problem
