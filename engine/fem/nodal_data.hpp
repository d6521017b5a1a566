#pragma once
/// Data fields at the nodes of a field, for expressions that are evaluated node by node.

#include <span>
#include <vector>

#include "ansatz/sdk/error.hpp"
#include "engine/fem/form_definition.hpp"

namespace ansatz::fem {

/// Reads all data fields at one node after the other.
class NodalData {
 public:
  /// \param degree of the nodes asked for \throws sdk::Error of kind case_file where the data have another.
  NodalData(std::span<const DataField> data, int degree) : data_(data), values_(data.size()) {
    for (const auto& field : data) {
      if (field.nodes->degree != degree) {
        throw sdk::Error(sdk::ErrorKind::case_file, "fields read from files have another degree than the field they prescribe", {},
                         "use them in coefficients only, or fields of one degree");
      }
    }
  }
  /// Values at a local node, shape (number of data fields); valid until the next call.
  const double* at(std::int32_t node) {
    for (std::size_t k = 0; k < data_.size(); ++k) values_[k] = data_[k].values[node];
    return values_.data();
  }

 private:
  std::span<const DataField> data_;
  std::vector<double> values_;
};

}  // namespace ansatz::fem
