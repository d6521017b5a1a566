#pragma once
/// What the command line says of a run.

#include <string>

#include "engine/results/checkpoints.hpp"

namespace ansatz::study {

struct RunOptions {
  std::string out;      ///< folder for the results; empty: beside the case
  bool verify = false;  ///< compare with reference.toml
  results::RestartOptions restart;
  results::Verbosity verbosity = results::Verbosity::normal;
};

}  // namespace ansatz::study
