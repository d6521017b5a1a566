#pragma once
/// Derivatives by parameters that move the mesh.

#include <functional>
#include <vector>

#include "engine/problem/problem.hpp"

namespace ansatz::adjoint {

/// d/d(parameter) of numbers that are computed from the problem at its parameters: by central differences D of steps h
/// and h / 2 as (4 D(h/2) - D(h)) / 3, with h = 2^-8 of the size of the parameter (its value, or its range where that
/// is larger). The error of smooth numbers is h^4 of their fifth derivative in units of that size, 2e-10, and round-off
/// 1e3 times that of the numbers. The problem has its own parameters again afterwards. \throws sdk::Error of kind
/// parameter for a parameter that is 0 and has no range; of kind mesh where cells are inverted within the step.
/// *Collective.*
std::vector<double> by_difference(problem::Problem& problem, int parameter,
                                  const std::function<std::vector<double>()>& numbers);

}  // namespace ansatz::adjoint
