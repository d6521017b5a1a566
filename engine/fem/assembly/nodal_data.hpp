#pragma once
/// Data fields at the nodes of a field, for expressions that are evaluated node by node.

#include <span>
#include <vector>

#include "engine/fem/assembly/form_definition.hpp"

namespace ansatz::fem {

/// Reads all data fields at one node after the other. Fields on nodes of another degree are interpolated.
class NodalData {
 public:
  /// \param data must outlive this, and all be of this mesh
  NodalData(const mesh::Mesh& mesh, std::span<const DataField> data, const mesh::NodeMap& nodes);

  /// Values at a local node, shape (number of data fields); valid until the next call.
  const double* at(std::int32_t node) {
    for (std::size_t k = 0; k < data_.size(); ++k) {
      values_[k] = interpolated_[k].empty() ? data_[k].values[node] : interpolated_[k][node];
    }
    return values_.data();
  }

 private:
  std::span<const DataField> data_;
  std::vector<std::vector<double>> interpolated_;  ///< by field: (num_local), empty where the nodes are the same
  std::vector<double> values_;
};

}  // namespace ansatz::fem
