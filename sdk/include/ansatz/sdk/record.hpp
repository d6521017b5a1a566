#pragma once
/// Plain data that the engine stores without knowing what it means: trained models.

#include <map>
#include <string>
#include <vector>

#include "ansatz/sdk/learning.hpp"

namespace ansatz::sdk {

using RecordArray = PolicyArray;

/// A model as data.
struct Record {
  std::map<std::string, std::string> attributes;  ///< how it was made: options, seeds
  std::map<std::string, RecordArray> arrays;      ///< the same on all ranks
  /// Lists of vectors of owned unknowns, (num_owned) each: stored by nodes, so that any number of ranks reads them. A
  /// list of a name has the same length on all ranks.
  std::map<std::string, std::vector<std::vector<double>>> vectors;

  /// \throws Error of kind state where there is no such entry, or the array has another shape.
  /// \param shape -1: any extent
  const RecordArray& array(const std::string& name, const std::vector<std::int64_t>& shape) const;
  const std::string& attribute(const std::string& name) const;
  const std::vector<std::vector<double>>& list(const std::string& name) const;
  /// An array of one number.
  double number(const std::string& name) const;

  void set_number(const std::string& name, double value) { arrays[name] = {{1}, {value}}; }
  void set_numbers(const std::string& name, std::vector<double> values) {
    const auto size = static_cast<std::int64_t>(values.size());
    arrays[name] = {{size}, std::move(values)};
  }
};

}  // namespace ansatz::sdk
