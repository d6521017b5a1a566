#pragma once
/// From reduced coordinates to distributed vectors.

#include <span>

#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/algebra/dense.hpp"

namespace ansatz::reduced {

/// basis C, column by column. Shapes: C (basis columns, any), result as many columns as C. Not collective.
/// \throws sdk::Error of kind internal where the shapes do not fit.
Block lift(const Block& basis, const Dense& C);

/// v += scale basis c, with the first columns where c is shorter than the basis. Shape: v (num_rows). Not collective.
void add_lifted(double scale, const Block& basis, std::span<const double> c, std::span<double> v);

}  // namespace ansatz::reduced
