#pragma once
/// A comparison for people and for machines.

#include <string>

#include "engine/compare/comparison.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::compare {

/// As lines of a table, and the verdicts.
std::string text(const Comparison& comparison);

/// compare.json (numbers, with null for infinite ones), compare.csv, and the picture work_precision.svg of errors over
/// seconds a query. *Collective.* \throws sdk::Error of kind output.
void write(const base::Communicator& comm, const std::string& folder, const Comparison& comparison);

}  // namespace ansatz::compare
