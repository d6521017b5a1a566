#pragma once
/// Whether expressions are affine in some of their symbols.

#include <limits>

#include "ansatz/sdk/expression.hpp"

namespace ansatz::sdk {

/// Affine, as it is written, in the symbols of one kind with an index below `end`: sums, products of which one factor alone
/// depends on them, quotients by what does not, and choices by conditions that do not. Anything else counts as not affine.
bool is_affine(const Expression& expression, SymbolKind kind, int end = std::numeric_limits<int>::max());

}  // namespace ansatz::sdk
