#pragma once
/// Lists of checkpoints have the length that what reads them needs.

#include <fmt/format.h>

#include <string>

#include "ansatz/sdk/error.hpp"

namespace ansatz::time {

/// \throws sdk::Error of kind state where the list `name` was stored with another length. Not collective.
inline void require_stored_length(const std::string& name, std::size_t found, std::size_t wanted) {
  if (found == wanted) return;
  throw sdk::Error(sdk::ErrorKind::state, fmt::format("\"{}\" was stored with {} numbers, not {}", name, found, wanted),
                   {}, "it was written with other settings or by another version: start anew");
}

}  // namespace ansatz::time
