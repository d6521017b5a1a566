#include "engine/solvers/reduced_basis/reduced_separation.hpp"

#include "engine/problem/parameter_samples.hpp"
#include "engine/reduced/separation/entries_problem.hpp"
#include "engine/results/progress.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"

namespace ansatz::solvers {

std::shared_ptr<const fem::PatchSetting> patch_setting(problem::Problem& problem) {
  return fem::patch_setting(problem.form().definition(), problem.dirichlet(), problem.map().expressions());
}

namespace {

/// \param reason why not, where it is known before
reduced::SeparatedProblem separated_in_time(problem::Problem& problem, const input::ReducedSpec& spec,
                                            std::string reason) {
  const input::Case& parsed = problem.parsed();
  const auto mu = problem.parameters();
  if (spec.separation == "entries") reason = "problems in time are not separated by entries so far";
  std::optional<reduced::SeparatedProblem> found;
  if (reason.empty()) {
    found = reduced::separate(problem.form(), problem.dirichlet(), problem::parameter_ranges(parsed), reason,
                              std::nullopt, true);
  }
  problem.set_parameters(mu);
  if (found) return std::move(*found);
  throw sdk::Error(
      sdk::ErrorKind::case_file, "the problem has no separated form: " + reason, parsed.solver.at.text(),
      "in time, coefficients and prescribed values must be sums of products of functions of parameters and time and of "
      "space, and only the right-hand side may depend on time; or use solver.type = \"fem\"");
}

}  // namespace

reduced::SeparatedProblem separated_form(problem::Problem& problem, results::RunLog& log) {
  const auto& spec = problem.parsed().reduced;
  const auto box = problem::parameter_ranges(problem.parsed());
  const auto mu = problem.parameters();
  const bool is_moved = !problem.map().parameters_used().empty();
  std::optional<reduced::SeparatedProblem> found;
  std::string reason;
  if (is_moved) reason = "mesh.map depends on parameters";
  if (problem.parsed().time) return separated_in_time(problem, spec, reason);
  if (spec.separation != "entries" && !is_moved) {
    found =
        reduced::separate(problem.form(), problem.dirichlet(), box, reason, interpolation_options(problem.parsed()));
  }
  if (!found && spec.separation != "expressions") {
    if (!reason.empty()) log.say("  separated by the entries of assembled matrices: " + reason);
    std::optional<results::Progress> progress;
    std::string counted;
    const auto on_progress = [&](const std::string& what, std::size_t done, std::size_t total) {
      if (what != counted) progress.emplace(log, total, what, results::Progress::Lines::seconds_only);
      counted = what;
      progress->done(done);
    };
    const reduced::EntriesProblem entries{.form = problem.form(),
                                          .dirichlet = problem.dirichlet(),
                                          .set_parameters = [&](auto at) { problem.set_parameters(at); },
                                          .setting = patch_setting(problem),
                                          .points_before = problem.map().points_before(),
                                          .on_progress = on_progress};
    found = reduced::separate_by_entries(entries, box, reason, interpolation_options(problem.parsed()));
  }
  problem.set_parameters(mu);
  if (found) return std::move(*found);
  throw sdk::Error(sdk::ErrorKind::case_file, "the problem has no separated form: " + reason,
                   problem.parsed().solver.at.text(),
                   spec.separation == "expressions" && reason != "the equations are not linear"
                       ? "set reduced.separation = \"automatic\", or solver.type = \"fem\""
                       : "reduced bases are for linear equations; use solver.type = \"fem\"");
}

}  // namespace ansatz::solvers
