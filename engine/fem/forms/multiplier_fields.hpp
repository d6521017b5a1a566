#pragma once
/// Fields that constrain others.

#include <vector>

#include "engine/fem/assembly/form.hpp"

namespace ansatz::fem {

/// Algebraic fields whose equations cannot determine the algebraic fields, whatever the values are: no matching of
/// these equations with the algebraic fields that occur in them, in cells, reaches them. They constrain fields with
/// rates, as a pressure's does. Ascending. Not collective.
std::vector<int> multiplier_fields(const Form& form);

}  // namespace ansatz::fem
