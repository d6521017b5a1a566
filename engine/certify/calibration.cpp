#include "engine/certify/calibration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/input/solver_infos.hpp"
#include "engine/io/state/record_file.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/results/progress.hpp"
#include "engine/solvers/own_model.hpp"
#include "engine/solvers/table/prepare.hpp"
#include "engine/solvers/table/table.hpp"

namespace ansatz::certify {
namespace {

constexpr std::uint64_t seed = std::uint64_t{1} << 41;  // none that a case can give to its training: those have 31 bits
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double missing = -1.0;  // instead of an error: there is no finite-element solution

/// Of a log, while this lives.
class Quiet {
 public:
  explicit Quiet(results::RunLog& log) : log_(log), was_(log.is_quiet()) { log_.set_quiet(true); }
  ~Quiet() { log_.set_quiet(was_); }
  Quiet(const Quiet&) = delete;

 private:
  results::RunLog& log_;
  bool was_;
};

bool is_missing_answer(const sdk::Error& error) {
  return error.kind() == sdk::ErrorKind::solver || error.kind() == sdk::ErrorKind::not_finite;
}

/// All solutions that an ansatz shows; none where it has no answer. *Collective.*
std::vector<sdk::Solution> solutions(const solvers::CaseProblem& problem, const std::string& name, sdk::Solver& ansatz,
                                     std::span<const double> mu) {
  std::vector<sdk::Solution> shown;
  solvers::RunMonitor monitor(problem.problem(), problem.log(), problem.folder(),
                              [&](const sdk::Solution& at, std::int64_t, bool, const sdk::StepTaken*) {
                                shown.push_back({.time = at.time, .values = at.values});
                              });
  try {
    solvers::solve(problem, name, ansatz, {.parameters = mu}, monitor);
  } catch (const sdk::Error& error) {
    if (!is_missing_answer(error)) throw;
    return {};
  }
  return shown;
}

}  // namespace

double conformal_radius(std::vector<double> errors, double coverage) {
  const int n = static_cast<int>(errors.size()), rank = input::CertifySpec::rank(n, coverage);
  if (rank > n) return infinity;
  std::ranges::nth_element(errors, errors.begin() + (rank - 1));
  return errors[rank - 1];
}

std::unique_ptr<Calibration> Calibration::make(const solvers::CaseProblem& problem, const std::string& name,
                                               sdk::Solver& ansatz) {
  const auto& spec = problem.parsed().certify;
  const auto info = input::find_solver(problem.registry(), name);
  const bool has_own_model = dynamic_cast<solvers::OwnModel*>(&ansatz) != nullptr;
  if (!spec || spec->calibration == 0 || !info || !info->trains || has_own_model) return nullptr;
  std::unique_ptr<Calibration> made(new Calibration(problem, name, ansatz));
  made->load_or_solve();
  return made;
}

Calibration::Calibration(const solvers::CaseProblem& problem, const std::string& name, sdk::Solver& ansatz)
    : of_case_(problem), name_(name), ansatz_(ansatz), relative_error_(problem) {}

void Calibration::load_or_solve() {
  const auto& parsed = of_case_.parsed();
  const auto path = solvers::model_path(parsed, name_);
  const auto& dofs = of_case_.problem().dofs();
  auto beside = io::read_record_without_vectors(of_case_.comm(), path).beside;
  auto& at = beside.arrays["learned_at"];
  const auto width = static_cast<std::int64_t>(parsed.parameters.size());
  if (at.values.empty()) {  // the model is older; a file of solutions is known all the same
    at.values = of_case_.learned_at();
    at.shape = {static_cast<std::int64_t>(at.values.size()) / width, width};
  }
  places_ = std::make_unique<LearnedPlaces>(problem::parameter_ranges(parsed), at.values);
  if (at.values.empty()) beside.arrays.erase("learned_at");
  std::vector<std::string> names, all;
  for (const auto& [name, p] : parsed.parameters) all.push_back(name);
  for (const int p : places_->varied()) names.push_back(all[p]);
  std::size_t ranged = 0;
  for (const auto& [name, p] : parsed.parameters) ranged += p.low < p.high ? 1 : 0;
  over_ = names.size() == ranged
              ? "parameters drawn evenly from their ranges"
              : fmt::format("{} drawn evenly from {}, the others as in the training", fmt::join(names, ", "),
                            names.size() == 1 ? "its range" : "their ranges");
  const auto count = static_cast<std::size_t>(parsed.certify->calibration);
  const auto identity_now = identity();
  if (beside.attributes["calibration"] == identity_now) errors_ = beside.arrays["errors"].values;
  const auto known = errors_.size();
  if (known < count) {
    solve(known);
    beside.attributes["calibration"] = identity_now;
    beside.arrays["errors"] = {{static_cast<std::int64_t>(errors_.size())}, errors_};
    for (double& error : beside.arrays["errors"].values) error = std::min(error, std::numeric_limits<double>::max());
    auto stored = io::read_record(path, dofs);
    stored.beside = std::move(beside);
    try {
      io::write_record(path, stored, dofs);
    } catch (const sdk::Error& error) {
      if (error.kind() != sdk::ErrorKind::output) throw;
      of_case_.log().warn(fmt::format("the calibration is not stored: {}", error.what()));
    }
  }
  errors_.resize(count);
  conclude();
}

/// What errors are of: stored ones that are of another kind are not used.
std::string Calibration::identity() { return fmt::format("relative, {}; over {}", relative_error_.norm(), over_); }

/// Errors of the draws from a number on.
void Calibration::solve(std::size_t from) {
  auto& log = of_case_.log();
  const auto& parsed = of_case_.parsed();
  const auto count = static_cast<std::size_t>(parsed.certify->calibration);
  const auto box = problem::parameter_ranges(parsed);
  std::vector<sampling::ParameterRange> ranges;
  for (const int p : places_->varied()) ranges.push_back(box[p]);
  // The first ones of a longer sample are those of a shorter one.
  const auto sample =
      sampling::sample(sampling::ParameterBox(ranges), {.method = "random", .size = count, .seed = seed});
  const double start = log.seconds();
  log.say(fmt::format("  calibration of {}: {} held-out parameters, {} of them known", name_, count, from));
  results::Progress progress(log, count - from, "held-out solves");
  const auto truth = solvers::make_ansatz(of_case_, input::finite_elements_info().name);
  std::size_t without = 0;
  for (std::size_t i = from; i < count; ++i) {
    const auto mu = places_->whole(sample[i], parsed.default_parameters());
    std::optional<double> error;
    {
      const Quiet quiet(log);
      const auto right = solutions(of_case_, input::finite_elements_info().name, *truth, mu);
      if (!right.empty()) {
        const auto found = solutions(of_case_, name_, ansatz_, mu);
        error = found.empty() ? infinity : relative_error_.of(found, right);
      }
    }
    if (!error && 10 * ++without > count) {
      throw sdk::Error(sdk::ErrorKind::solver,
                       fmt::format("finite elements have no solution at {} of {} held-out parameters", without, count),
                       parsed.certify->at.text(), "make the ranges of [parameters] smaller");
    }
    errors_.push_back(error.value_or(missing));
    progress.done(i - from + 1);
  }
  log.event("calibration", {{"ansatz", name_},
                            {"solves", static_cast<std::int64_t>(count - from)},
                            {"without_solution", static_cast<std::int64_t>(without)},
                            {"seconds_taken", log.seconds() - start}});
}

/// The radius of the errors, and words.
void Calibration::conclude() {
  auto& log = of_case_.log();
  const double coverage = of_case_.parsed().certify->coverage;
  std::vector<double> known;
  for (const double error : errors_) {
    if (error >= 0.0) known.push_back(error < std::numeric_limits<double>::max() ? error : infinity);
  }
  used_ = known.size();
  radius_ = conformal_radius(known, coverage);
  if (used_ < errors_.size())
    log.warn(fmt::format("finite elements have no solution at {} of {} held-out parameters: these are left out",
                         errors_.size() - used_, errors_.size()));
  if (radius_ < infinity) {
    log.say(fmt::format(
        "  calibrated by {} held-out solves: with probability {:g} over {} the answer is within {:.3e} of the "
        "finite-element solution (relative, {})",
        used_, coverage, over_, radius_, relative_error_.norm()));
  } else {
    log.warn(
        fmt::format("no radius has a share of {:g}: at too many held-out parameters there is no answer", coverage));
  }
  if (!places_->knows())
    log.say("  where the ansatz has learned is not known: queries are compared with the ranges alone");
  log.event("calibrated", {{"ansatz", name_},
                           {"radius", radius_},
                           {"coverage", coverage},
                           {"errors", static_cast<std::int64_t>(used_)},
                           {"norm", relative_error_.norm()},
                           {"learned_at", static_cast<std::int64_t>(places_->size())},
                           {"distance_allowed", places_->threshold()}});
}

void Calibration::judge(sdk::Solution& answer, bool is_repaired) {
  auto& log = of_case_.log();
  distance_.reset();
  if (places_->knows()) distance_ = places_->distance(answer.parameters);
  if (!places_->is_near(answer.parameters)) {
    ++unlike_;
    const bool is_inside = places_->is_inside(answer.parameters);
    log.warn(fmt::format(
        "out of distribution: {}; the calibrated radius {:.3e} does not hold there",
        is_inside ? fmt::format("the parameters are {:.2g} of the ranges from the nearest ones that {} has learned at, "
                                "more than {:.2g}, which is usual between those",
                                *distance_, name_, places_->threshold())
                  : "the parameters are not among those that are drawn for the calibration",
        radius_));
    log.event("out_of_distribution", {{"distance", distance_.value_or(infinity)},
                                      {"distance_allowed", places_->threshold()},
                                      {"inside", std::string(is_inside ? "yes" : "no")}});
    return;
  }
  const bool is_proved = answer.certificate && answer.certificate->kind == sdk::Certificate::Kind::bound;
  if (is_repaired || is_proved || !(radius_ < infinity)) return;
  answer.certificate =
      sdk::Certificate{.kind = sdk::Certificate::Kind::estimate,
                       .value = radius_,
                       .norm = fmt::format("with probability {:g} over {}, relative, {}",
                                           of_case_.parsed().certify->coverage, over_, relative_error_.norm())};
  if (!log.is_quiet())
    log.say(fmt::format("  calibrated: within {:.3e} of the finite-element solution ({})", radius_,
                        answer.certificate->norm));
}

std::map<std::string, double> Calibration::numbers() const {
  std::map<std::string, double> all{{"coverage", of_case_.parsed().certify->coverage},
                                    {"calibration", static_cast<double>(used_)},
                                    {"learned_at", static_cast<double>(places_->size())},
                                    {"out_of_distribution", static_cast<double>(unlike_)}};
  if (radius_ < infinity) all["radius"] = radius_;
  if (distance_) all["distance"] = *distance_;
  if (places_->knows()) all["distance_allowed"] = places_->threshold();
  return all;
}

}  // namespace ansatz::certify
