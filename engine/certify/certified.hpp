#pragma once
/// PREDICT -> CHECK -> ACCEPT | POLISH | FALLBACK around any ansatz.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "ansatz/sdk/solver.hpp"
#include "engine/certify/check.hpp"
#include "engine/solvers/case_problem.hpp"

namespace ansatz::certify {

/// What became of the answers of an ansatz, and what that took.
struct Ledger {
  std::int64_t accepted = 0;                     ///< taken as they were
  std::int64_t polished = 0;                     ///< replaced by a solution that was found from them
  std::int64_t fell_back = 0;                    ///< replaced by the classical solution
  std::int64_t unknown = 0;                      ///< of the accepted ones those of whose error nothing is known
  std::int64_t failed = 0;                       ///< beyond the tolerance in the end
  std::map<std::string, double> seconds = {};    ///< "predict", "check", "polish", "fallback"
  std::map<std::string, double> constants = {};  ///< of the last check
  std::string word = {};                         ///< of the last one: "accepted", "polished", "fell_back"

  /// As numbers for the summary.
  std::map<std::string, double> numbers() const;
};

/// An ansatz whose steady answers are checked, and repaired where [certify] asks for it, whatever it is. What it throws
/// or returns that is wrong (no numbers, another length) counts as an answer that is infinitely far off.
class Certified final : public sdk::Solver {
 public:
  /// References must outlive this.
  /// \param name of the ansatz. Not collective.
  Certified(const solvers::CaseProblem& problem, std::string name, sdk::Solver& ansatz);
  ~Certified() override;

  /// The answer with its certificate, shown to monitor.observe(). *Collective.*
  /// \throws sdk::Error what the classical solver throws where it is needed; what the ansatz throws where nothing is to
  /// be repaired
  sdk::Solution solve(const sdk::Query& query, sdk::Monitor& monitor) override;

  const Ledger& ledger() const { return ledger_; }

 private:
  std::optional<sdk::Solution> predict(const sdk::Query& query);
  std::optional<sdk::Solution> classical(const sdk::Query& query, std::span<const double> guess);
  void check(sdk::Solution& solution);
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
/// ansatz is one of a plugin. Problems in time are not checked yet.
bool is_checked(const solvers::CaseProblem& problem, const std::string& name);

/// \throws sdk::Error of kind verification where answers are beyond the tolerance.
void require_certificates(const solvers::CaseProblem& problem, const Ledger& ledger);

}  // namespace ansatz::certify
