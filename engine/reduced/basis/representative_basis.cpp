#include "engine/reduced/basis/representative_basis.hpp"

#include <algorithm>

#include "engine/reduced/algebra/orthonormal.hpp"

namespace ansatz::reduced {

void RepresentativeBasis::add(const InnerProduct& product, std::vector<double> representative, double sign) {
  const auto parts = orthogonalise(product, basis_, representative, level);
  auto column = parts.coefficients;
  if (!parts.dependent) {
    basis_.append(representative);
    column.push_back(parts.remainder);
  }
  for (double& value : column) value *= sign;
  columns_.push_back(std::move(column));
}

Dense RepresentativeBasis::matrix() const {
  Dense B(basis_.num_columns(), static_cast<int>(columns_.size()));
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    std::ranges::copy(columns_[k], B.column(static_cast<int>(k)).begin());
  }
  return B;
}

}  // namespace ansatz::reduced
