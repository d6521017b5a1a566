#pragma once
#include "ansatz/sdk/problem.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "engine/problem/problem.hpp"
namespace ansatz::solvers {
inline std::unique_ptr<sdk::Discretisation> make_case_discretisation(problem::Problem&, const linear::KrylovOptions&) {
  return nullptr;
}
}  // namespace ansatz::solvers
