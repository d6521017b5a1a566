#pragma once
/// Solutions of other programs as solutions of a case.

#include <memory>
#include <string>

#include "ansatz/sdk/problem.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/problem/problem.hpp"

namespace ansatz::solvers {

/// Opens a file of io/snapshots for a case.
/// \param problem must outlive what is returned
/// \param path relative to the case
/// *Collective.* \throws sdk::Error of kind state as io::SnapshotFile; for a field of the case that the file does not
/// have or has with other components; for parameters of the file that are none of the case, and the other way round.
std::unique_ptr<sdk::SolutionFile> open_solutions(const problem::Problem& problem, const plugin::Registry& registry,
                                                  const std::string& path);

}  // namespace ansatz::solvers
