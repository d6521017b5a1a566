#include "engine/certify/certified.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/certify/steps.hpp"
#include "engine/input/solver_infos.hpp"
#include "engine/solvers/table/table.hpp"

namespace ansatz::certify {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool is_of_answer(const sdk::Error& error) {
  return error.kind() == sdk::ErrorKind::solver || error.kind() == sdk::ErrorKind::not_finite ||
         error.kind() == sdk::ErrorKind::plugin;
}

/// Adds the time that a piece of work takes to its account.
class Clock {
 public:
  Clock(const results::RunLog& log, double& account) : log_(log), account_(account), start_(log.seconds()) {}
  ~Clock() { account_ += log_.seconds() - start_; }
  Clock(const Clock&) = delete;

 private:
  const results::RunLog& log_;
  double& account_;
  double start_;
};

}  // namespace

std::map<std::string, double> Ledger::numbers() const {
  std::map<std::string, double> all{{"accepted", static_cast<double>(accepted)},
                                    {"polished", static_cast<double>(polished)},
                                    {"fell_back", static_cast<double>(fell_back)},
                                    {"unknown", static_cast<double>(unknown)},
                                    {"failed", static_cast<double>(failed)}};
  for (const auto& [phase, taken] : seconds) all["seconds_" + phase] = taken;
  for (const auto& [name, value] : constants) all[name] = value;
  return all;
}

Certified::Certified(const solvers::CaseProblem& problem, std::string name, sdk::Solver& ansatz)
    : of_case_(problem),
      name_(std::move(name)),
      policy_("check"),
      tolerance_(infinity),
      ansatz_(ansatz),
      check_(problem) {
  if (const auto& spec = problem.parsed().certify) {
    policy_ = spec->policy;
    tolerance_ = spec->tolerance.value_or(infinity);
  }
}

Certified::~Certified() = default;

/// The ansatz with its steps looked at, as a solver.
class Certified::Stepwise final : public sdk::Solver {
 public:
  explicit Stepwise(Certified& outer) : outer_(outer) {}

  sdk::Solution solve(const sdk::Query& query, sdk::Monitor& monitor) override {
    Steps steps(outer_.of_case_, monitor, outer_.policy_, outer_.tolerance_, outer_.ledger_);
    std::optional<sdk::Certificate> own;
    try {
      own = outer_.ansatz_.solve(query, steps).certificate;
    } catch (const sdk::Error& error) {
      if (!outer_.repairs() || !is_of_answer(error)) throw;
      outer_.of_case_.log().warn(fmt::format("the ansatz {} has no answer ({})", outer_.name_, error.what()));
    }
    if (outer_.repairs()) steps.take_the_rest();
    auto solution = steps.last();
    solution.certificate = own;
    outer_.verdict_ = steps.verdict();
    outer_.take_verdict(solution);
    return solution;
  }

 private:
  Certified& outer_;
};

sdk::Solution Certified::solve(const sdk::Query& query, solvers::RunMonitor& monitor) {
  if (!of_case_.parsed().time) return steady(query, monitor);
  const Clock clock(of_case_.log(), ledger_.seconds["steps"]);
  Stepwise stepwise(*this);
  auto solution = solvers::solve(of_case_, name_, stepwise, query, monitor);
  ledger_.word = fmt::format("{} steps accepted, {} polished, {} fell back", ledger_.accepted, ledger_.polished,
                             ledger_.fell_back);
  close(solution);
  return solution;
}

sdk::Solution Certified::steady(const sdk::Query& query, sdk::Monitor& monitor) {
  auto answer = predict(query);
  if (answer) check(*answer);
  ledger_.word = "accepted";
  if (repairs() && (!answer || !verdict_.is_within(tolerance_))) {
    std::optional<sdk::Solution> better;
    if (answer && policy_ == "polish") {
      const Clock clock(of_case_.log(), ledger_.seconds["polish"]);
      better = classical(query, answer->values);
      ledger_.word = better->work["from_guess"] > 0.0 ? "polished" : "fell_back";
    }
    if (ledger_.word == "polished") check(*better);
    if (!better || (ledger_.word == "polished" && !verdict_.is_within(tolerance_))) {
      const Clock clock(of_case_.log(), ledger_.seconds["fallback"]);
      better = classical(query, {});
      ledger_.word = "fell_back";
    }
    if (ledger_.word == "fell_back") check(*better);
    answer = std::move(better);
  }
  ledger_.count();
  close(*answer);
  monitor.observe(*answer, 0, true);
  return std::move(*answer);
}

/// Says what was found.
void Certified::close(const sdk::Solution& solution) {
  ledger_.constants = verdict_.constants;
  if (!verdict_.is_known()) ++ledger_.unknown;
  if (verdict_.is_known() && tolerance_ < infinity && !verdict_.is_within(tolerance_)) ++ledger_.failed;
  say(solution);
}

/// Nothing where the answer is none, and another one is to be found.
std::optional<sdk::Solution> Certified::predict(const sdk::Query& query) {
  const Clock clock(of_case_.log(), ledger_.seconds["predict"]);
  solvers::RunMonitor own(of_case_.problem(), of_case_.log(), of_case_.folder());
  try {
    return solvers::solve(of_case_, name_, ansatz_, query, own);
  } catch (const sdk::Error& error) {
    if (!repairs() || !is_of_answer(error) || name_ == input::finite_elements_info().name) throw;
    of_case_.log().warn(fmt::format("the ansatz {} has no answer ({})", name_, error.what()));
    return std::nullopt;
  }
}

std::optional<sdk::Solution> Certified::classical(const sdk::Query& query, std::span<const double> guess) {
  const auto& name = input::finite_elements_info().name;
  if (!classical_) classical_ = solvers::make_ansatz(of_case_, name);
  solvers::RunMonitor own(of_case_.problem(), of_case_.log(), of_case_.folder());
  return solvers::solve(of_case_, name, *classical_,
                        {.parameters = query.parameters, .draw = query.draw, .guess = guess}, own);
}

void Certified::check(sdk::Solution& solution) {
  const Clock clock(of_case_.log(), ledger_.seconds["check"]);
  verdict_ = check_.of(solution.values);
  take_verdict(solution);
}

/// Its own certificate stays where it is a proof and the check finds none.
void Certified::take_verdict(sdk::Solution& solution) const {
  const auto& found = verdict_.certificate;
  const bool is_proved = solution.certificate && solution.certificate->kind == sdk::Certificate::Kind::bound;
  if (!verdict_.is_known() || (is_proved && found.kind != sdk::Certificate::Kind::bound)) return;
  solution.certificate = found;
}

void Certified::say(const sdk::Solution& solution) const {
  auto& log = of_case_.log();
  const auto& found = verdict_.certificate;
  std::string constants;
  for (const auto& [name, value] : verdict_.constants) constants += fmt::format("; {} {:.3g}", name, value);
  std::string parts;
  for (const auto& [name, value] : found.parts)
    parts += fmt::format("{}{} {:.1e}", parts.empty() ? "" : ", ", name, value);
  if (verdict_.is_known()) {
    log.say(fmt::format(
        "  {}: difference to the finite-element solution on this mesh {} {:.3e} in the {} ({}{}), {:.2e} of "
        "the solution",
        ledger_.word == "fell_back" ? "fell back" : ledger_.word,
        found.kind == sdk::Certificate::Kind::bound ? "at most" : "estimated as", found.value, found.norm, parts,
        constants, verdict_.size > 0.0 ? found.value / verdict_.size : found.value));
    if (!verdict_.reason.empty()) log.say(fmt::format("  an estimate, no bound: {}", verdict_.reason));
  } else {
    log.warn(fmt::format("nothing is known of the difference to the finite-element solution: {}", verdict_.reason));
  }
  log.event("certified", {{"outcome", ledger_.word},
                          {"kind", std::string(sdk::name(found.kind))},
                          {"value", found.value},
                          {"size", verdict_.size},
                          {"norm", found.norm},
                          {"reason", verdict_.reason}});
  if (solution.certificate && solution.certificate->value != found.value)
    log.say(fmt::format("  its own: {} {:.3e} ({})", sdk::name(solution.certificate->kind), solution.certificate->value,
                        solution.certificate->norm));
}

bool is_checked(const solvers::CaseProblem& problem, const std::string& name) {
  const auto& spec = problem.parsed().certify;
  if (spec && spec->policy == "off") return false;
  if (problem.parsed().time) {
    if (name == input::finite_elements_info().name) return false;
    const auto objection = Steps::objection(problem);
    if (spec && !objection.empty()) {
      throw sdk::Error(sdk::ErrorKind::case_file, "this problem in time cannot be checked: " + objection,
                       spec->at.text(), "remove [certify], or set certify.policy = \"off\"");
    }
    if (!objection.empty()) return false;
  }
  if (spec) return true;
  return std::ranges::any_of(problem.registry().offers().solvers,
                             [&](const auto& offer) { return offer.name == name; });
}

void require_certificates(const solvers::CaseProblem& problem, const Ledger& ledger) {
  if (ledger.failed == 0) return;
  const auto& spec = *problem.parsed().certify;
  throw sdk::Error(
      sdk::ErrorKind::verification,
      ledger.accepted + ledger.polished + ledger.fell_back == 1
          ? fmt::format("the difference to the finite-element solution is not known to be within {} of the "
                        "solution",
                        *spec.tolerance)
          : fmt::format("{} answers are not known to be within {} of the finite-element solution", ledger.failed,
                        *spec.tolerance),
      spec.at.text(),
      spec.policy == "check" ? "set certify.policy = \"polish\", or a larger tolerance"
                             : "set a larger tolerance: it is below what the solvers and round-off allow");
}

}  // namespace ansatz::certify
