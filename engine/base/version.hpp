#pragma once
/// Which Ansatz this is.

#include <string>

namespace ansatz::base {

/// For example "0.1.0".
std::string version();
/// Commit of the sources at configuration, with "-dirty" where they were changed; "unknown" outside of a repository.
std::string commit();

}  // namespace ansatz::base
