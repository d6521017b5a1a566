#pragma once
/// The stability constant of a case's reduced model, by its `reduced.stability`.

#include "engine/input/case.hpp"
#include "engine/reduced/basis/reduced_basis.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::solvers {

/// Gives the basis its bound of the stability constant: what the case asks for, otherwise min-theta, else SCM where the
/// problem is coercive at the reference, else the inf-sup constant. Says which and why.
/// \throws sdk::Error of kind case_file where there is no such bound of the problem. *Collective.*
void train_stability(reduced::ReducedBasis& basis, const input::Case& parsed, results::RunLog& log);

}  // namespace ansatz::solvers
