#pragma once
/// Comparison of a run with the case's reference.toml.

#include <string>
#include <vector>

#include "engine/study/solution.hpp"

namespace ansatz::study {

/// One published or computed number: `[[reference]] quantity, value, tolerance (relative) or absolute, source`.
struct Reference {
  std::string quantity;
  double value = 0.0;
  double tolerance = 0.0;  ///< relative to |value|, or absolute
  bool relative = true;
  std::string source;
};

/// \throws Error of kind case_file: file missing, wrong or unknown keys, no source. Not collective.
std::vector<Reference> read_references(const std::string& path);

/// Table of value, reference, error, tolerance and source. \param all_within set to false where one is out
/// \throws Error of kind case_file for a quantity that the case does not compute.
std::string compare_with(const std::vector<Reference>& references, const std::vector<QuantityValue>& quantities, bool& all_within);

}  // namespace ansatz::study
