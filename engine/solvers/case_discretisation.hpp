#pragma once
/// The finite-element space of a case as ansaetze see it.

#include <memory>

#include "ansatz/sdk/problem.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "engine/problem/problem.hpp"

namespace ansatz::solvers {

/// A discretisation with matrices and constraints of its own; the parameters are those of the problem.
///
/// Matrices have the rows and columns of prescribed unknowns of the identity: J v = v there, for apply(),
/// apply_transposed() and solve() alike, and the values of v there do not enter other rows. mass() and h1() are of all
/// unknowns.
///
/// Beside what sdk::Discretisation says, members throw Error of kind internal, on all ranks, for vectors of wrong
/// lengths, and for uses of a Jacobian of other parameters than those of the problem. set_parameters() throws an Error
/// of kind parameter for a wrong number of parameters, for one that is not finite and for a draw other than 0: this
/// problem has no random fields.
/// \param problem must outlive this
/// \param options of solve(). *Collective.*
std::unique_ptr<sdk::Discretisation> make_case_discretisation(problem::Problem& problem,
                                                              const linear::KrylovOptions& options);

}  // namespace ansatz::solvers
