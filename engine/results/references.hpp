#pragma once
/// Comparison of a run with the case's reference.toml.

#include <map>
#include <string>
#include <vector>

#include "engine/quantities/quantities.hpp"

namespace ansatz::results {

/// One published or computed number: `[[reference]] quantity, value, tolerance (relative) or absolute, source`, and the
/// `parameters` that it holds for where these are not the defaults.
struct Reference {
  std::string quantity;
  double value = 0.0;
  double tolerance = 0.0;  ///< relative to |value|, or absolute
  bool relative = true;
  std::string source;
  std::map<std::string, double> parameters;  ///< holds where the case's parameters have these values
  std::string where;                         ///< in the file
};

/// \throws Error of kind case_file: file missing, wrong or unknown keys, no source. Not collective.
std::vector<Reference> read_references(const std::string& path);

/// Those that hold for these values of the parameters (to 1e-12 relative).
/// \throws Error of kind case_file where none does, or one names a parameter that the case does not have.
std::vector<Reference> applicable(std::vector<Reference> references, const std::map<std::string, double>& parameters);

/// Table of value, reference, error, tolerance and source.
/// \param all_within set to false where one is out
/// \throws Error of kind case_file for a quantity that the case does not compute.
std::string compare_with(const std::vector<Reference>& references,
                         const std::vector<quantities::QuantityValue>& quantities, bool& all_within);

}  // namespace ansatz::results
