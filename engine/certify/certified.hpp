#pragma once
/// PREDICT -> CHECK -> ACCEPT | POLISH | FALLBACK around any ansatz.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "ansatz/sdk/solver.hpp"
#include "engine/certify/check.hpp"
#include "engine/certify/ledger.hpp"
#include "engine/solvers/case_problem.hpp"
#include "engine/solvers/run_monitor.hpp"

namespace ansatz::certify {

/// An ansatz whose answers are checked, those in time step by step (Steps), and repaired where [certify] asks for it,
/// whatever it is. What it throws or returns that is wrong (no numbers, another length) counts as an answer that is
/// infinitely far off.
class Certified {
 public:
  /// References must outlive this.
  /// \param name of the ansatz. Not collective.
  Certified(const solvers::CaseProblem& problem, std::string name, sdk::Solver& ansatz);
  ~Certified();

  /// The answer with its certificate, shown to monitor.observe(). *Collective.*
  /// \throws sdk::Error what the classical solver throws where it is needed; what the ansatz throws where nothing is to
  /// be repaired
  sdk::Solution solve(const sdk::Query& query, solvers::RunMonitor& monitor);

  const Ledger& ledger() const { return ledger_; }

 private:
  class Stepwise;

  sdk::Solution steady(const sdk::Query& query, sdk::Monitor& monitor);
  void close(const sdk::Solution& solution);
  std::optional<sdk::Solution> predict(const sdk::Query& query);
  std::optional<sdk::Solution> classical(const sdk::Query& query, std::span<const double> guess);
  void check(sdk::Solution& solution);
  void take_verdict(sdk::Solution& solution) const;
  void say(const sdk::Solution& solution) const;
  bool repairs() const { return policy_ == "polish" || policy_ == "fallback"; }

  const solvers::CaseProblem& of_case_;
  std::string name_, policy_;
  double tolerance_;  ///< infinite: none
  sdk::Solver& ansatz_;
  std::unique_ptr<sdk::Solver> classical_;
  Check check_;
  Verdict verdict_;
  Ledger ledger_;
};

/// The case asks for checks of this ansatz: it has [certify] and a policy other than "off"; or it has none, and the
/// ansatz is one of a plugin. Finite elements in time are what others are measured with.
/// \throws sdk::Error of kind case_file where the case has [certify] and its problem in time cannot be checked
bool is_checked(const solvers::CaseProblem& problem, const std::string& name);

/// \throws sdk::Error of kind verification where answers are beyond the tolerance.
void require_certificates(const solvers::CaseProblem& problem, const Ledger& ledger);

}  // namespace ansatz::certify
