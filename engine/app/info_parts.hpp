#pragma once
/// What `ansatz info` prints of each kind of file. Private to engine/app.

#include <string>

#include "engine/base/communicator.hpp"

namespace ansatz::app {

/// The file is a reduced model. Not collective. \throws sdk::Error of kind state where it cannot be read as HDF5.
bool is_model_file(const std::string& path);
/// *Collective*; rank 0 prints. \throws sdk::Error of kind state.
void print_model(const std::string& path, const base::Communicator& comm);

/// A trained policy. *Collective*; rank 0 prints. \throws sdk::Error of kind state.
void print_policy(const std::string& path, const base::Communicator& comm);

/// The table of a sweep. Not collective.
void print_sweep(const std::string& path);

}  // namespace ansatz::app
