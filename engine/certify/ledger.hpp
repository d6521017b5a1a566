#pragma once
/// What became of the answers of an ansatz.

#include <cstdint>
#include <map>
#include <string>

namespace ansatz::certify {

/// Counts of answers, in time of steps, and what they took.
struct Ledger {
  std::int64_t accepted = 0;                     ///< taken as they were
  std::int64_t polished = 0;                     ///< replaced by a solution that was found from them
  std::int64_t fell_back = 0;                    ///< replaced by the classical solution
  std::int64_t unknown = 0;                      ///< those of whose error nothing is known in the end
  std::int64_t failed = 0;                       ///< beyond the tolerance in the end
  std::map<std::string, double> seconds = {};    ///< "predict", "check", "polish", "fallback"
  std::map<std::string, double> constants = {};  ///< of the last check
  std::string word = {};                         ///< of the last one: "accepted", "polished", "fell_back"

  void count() { (word == "accepted" ? accepted : word == "polished" ? polished : fell_back)++; }
  /// As numbers for the summary.
  std::map<std::string, double> numbers() const;
};

}  // namespace ansatz::certify
