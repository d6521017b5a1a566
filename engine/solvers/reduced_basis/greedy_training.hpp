#pragma once
/// A greedy training as a run shows it: a line a step with the time that is left, and a record to go on from.

#include <functional>
#include <string>

#include "engine/base/communicator.hpp"
#include "engine/input/case.hpp"
#include "engine/results/run_log.hpp"
#include "engine/sampling/greedy.hpp"

namespace ansatz::solvers {

/// What is trained.
struct GreedySubject {
  sampling::Surrogate& surrogate;
  std::function<int()> size;          ///< its functions at present
  const std::vector<double>& errors;  ///< true ones before each extension, in the norm of the indicator
  std::string indicator;              ///< what evaluate() gives: "bound", "estimate"
  std::string key;                    ///< what the picks depend on: a record of another training is not used
};

/// Trains by `[reduced]` with its fixed or adaptive training set. The tolerance is a part of the first indicator; where
/// that is so far above the first solution that the tolerance allows more than this, the training goes on until it is a
/// part of the solution. Warns where a tolerance is not met, with the reason. After each step the picks are in a file
/// beside the model; a training that finds it goes on where it ended, with the same result as without the interruption.
/// \throws as the surrogate and sampling::greedy(). *Collective.*
sampling::AdaptiveResult train_greedily(const base::Communicator& comm, const input::Case& parsed,
                                        const GreedySubject& subject, results::RunLog& log);

}  // namespace ansatz::solvers
