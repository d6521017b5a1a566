#pragma once
/// Trained policies as HDF5 files.

#include <string>

#include "ansatz/sdk/learning.hpp"
#include "engine/base/communicator.hpp"

namespace ansatz::io {

/// Writes a policy that all ranks have, sealed with a checksum. *Collective.* \throws sdk::Error of kind output.
///
/// /policy has the attributes `kind` = "policy" and `learner`; below it are the text `features`, one name a line,
/// `actions`, the texts in `attributes`, named by `attribute_names`, and the numbers in `arrays`, named by
/// `array_names`, each with its `shape`.
void write_policy(const base::Communicator& comm, const std::string& path, const sdk::PolicyModel& model);

/// Reads one on every rank. *Collective.* \throws sdk::Error of kind state where the file holds no policy, or is
/// damaged.
sdk::PolicyModel read_policy(const base::Communicator& comm, const std::string& path);

/// Not collective. \throws sdk::Error of kind state where it cannot be read as HDF5.
bool is_policy(const std::string& path);

}  // namespace ansatz::io
