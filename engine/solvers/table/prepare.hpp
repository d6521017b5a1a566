#pragma once
/// Before anything is solved: the model of an ansatz that trains, from its file or new.

#include <string>

#include "engine/solvers/case_problem.hpp"

namespace ansatz::solvers {

/// Where the model of an ansatz of a plugin lies.
std::string model_path(const input::Case& parsed, const std::string& ansatz);

/// Does nothing where the ansatz does not train. Uses the model of its file, or trains a new one and stores it: where
/// there is none, and where study.type = "train" for the ansatz of the case. A training that was interrupted goes on
/// from the states that it wrote beside the model.
/// \param name of the ansatz
/// \param time_limit of the run, wall time [s]; 0: none
/// \throws sdk::Error of kind state where the file belongs to another problem or other options; what the training
/// throws. *Collective.*
void prepare(const CaseProblem& problem, const std::string& name, sdk::Solver& solver, double time_limit);

/// What a model took and takes.
struct TrainingCost {
  double seconds = 0.0;  ///< of its training, on as many ranks as it had; infinite: nobody wrote it down. 0: no model
  double bytes = 0.0;    ///< of its file
};

/// Of the model of an ansatz that was prepared: MODEL.cost beside its file holds the seconds. *Collective.*
TrainingCost training_cost(const CaseProblem& problem, const std::string& name);

}  // namespace ansatz::solvers
