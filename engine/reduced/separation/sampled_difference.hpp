#pragma once
/// How far a separated problem is from the problem itself, seen at some parameters.

#include "engine/reduced/separation/separated_problem.hpp"

namespace ansatz::reduced {

/// max |r(u; mu) - sum_q a_q A_q v + sum_q b_q f_q| for u = v + liftings, on free unknowns, relative to the size of the
/// terms, for one vector v at three parameters of the box: an estimate. Leaves the last of them in the form. \param
/// form steady *Collective.*
double sampled_difference(const SeparatedProblem& problem, fem::Form& form,
                          std::span<const sampling::ParameterRange> box);

}  // namespace ansatz::reduced
