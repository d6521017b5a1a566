#pragma once
/// Outputs of a reduced basis, offline: what is online of a separated functional, and its dual problem.

#include <string>

#include "engine/reduced/basis/output_model.hpp"
#include "engine/reduced/basis/reduced_basis.hpp"
#include "engine/reduced/separation/separated_functional.hpp"

namespace ansatz::reduced {

/// A(mu)^T psi = -l(mu) on the free unknowns of a problem: its operators transposed (symmetric ones are shared), no
/// liftings. A ReducedBasis of it, with the stability constant of the primal one, is a dual basis. *Collective.*
SeparatedProblem dual_problem(const ReducedBasis& primal, const SeparatedFunctional& functional);

/// One output of the present basis. Compliance is looked for where the operator is symmetric and nothing is
/// interpolated: then l = c f, factor by factor and to 1e-10 of each vector.
/// \param dual basis of dual_problem(), or null: the simple bound, or the one of a compliant output *Collective.*
OutputData output_data(ReducedBasis& primal, const SeparatedFunctional& functional, std::string name,
                       const ReducedBasis* dual = nullptr);

}  // namespace ansatz::reduced
