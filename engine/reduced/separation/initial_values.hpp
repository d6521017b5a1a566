#pragma once
/// Initial values of problems in time, separated like the problems themselves.

#include <optional>
#include <span>
#include <string>

#include "engine/fem/assembly/form.hpp"
#include "engine/fem/forms/initial_values.hpp"
#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/separation/thetas.hpp"

namespace ansatz::reduced {

/// sum_q i_q(mu) w_q for the free unknowns, zero at constrained ones.
struct SeparatedInitial {
  Thetas thetas;
  Block terms;
};

/// \param form whose unknowns, constraints and data these are
/// \param values later ones hold where two are of one component
/// \param start time [s]
/// \returns nothing, with the reason, where a value does not separate. *Collective.*
std::optional<SeparatedInitial> separate_initial(const fem::Form& form, std::span<const fem::InitialValue> values,
                                                 double start, std::string& reason);

}  // namespace ansatz::reduced
