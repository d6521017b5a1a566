#include "ansatz/sdk/preconditioner.hpp"

#include <algorithm>

#include "ansatz/sdk/tuner.hpp"

namespace ansatz::sdk {

Preconditioner::~Preconditioner() = default;
Tuner::~Tuner() = default;

double MatrixView::diagonal(std::int32_t row) const {
  const auto first = columns.begin() + offsets[row], last = columns.begin() + offsets[row + 1];
  const auto found = std::lower_bound(first, last, row);
  return found == last || *found != row ? 0.0 : values[static_cast<std::size_t>(found - columns.begin())];
}

}  // namespace ansatz::sdk
