#pragma once
/// What a check finds.

#include <limits>
#include <map>
#include <string>

#include "ansatz/sdk/solution.hpp"

namespace ansatz::certify {

/// What is known of an error.
struct Verdict {
  sdk::Certificate certificate;                  ///< infinite: nothing is known, see `reason`
  double size = 0.0;                             ///< of the solution in the same norm
  std::string reason = {};                       ///< why there is no bound, or nothing at all
  std::map<std::string, double> constants = {};  ///< "coercivity"; "curvature" and "kantorovich" of nonlinear problems

  bool is_known() const { return certificate.value < std::numeric_limits<double>::infinity(); }
  /// The error is proved, or estimated, to be at most `tolerance` times the size of the finite-element solution.
  bool is_within(double tolerance) const { return certificate.value <= tolerance * (size - certificate.value); }
  static Verdict nothing(std::string reason) {
    Verdict verdict;
    verdict.certificate = {
        .kind = sdk::Certificate::Kind::estimate, .value = std::numeric_limits<double>::infinity(), .norm = "none"};
    verdict.reason = std::move(reason);
    return verdict;
  }
};

}  // namespace ansatz::certify
