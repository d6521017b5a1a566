#pragma once
/// Entries of a table by name.

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"

namespace ansatz::time {

/// The entry of that name.
/// \param what the kind of thing, for the message
/// \throws sdk::Error of kind case_file with a suggestion.
template <class Entry>
const Entry& named_entry(std::span<const Entry> table, const std::string& name, const std::string& what) {
  const auto found = std::ranges::find(table, name, &Entry::name);
  if (found != table.end()) return *found;
  std::vector<std::string> names;
  for (const auto& entry : table) names.push_back(entry.name);
  throw sdk::Error(sdk::ErrorKind::case_file, "there is no " + what + " \"" + name + "\"", {},
                   sdk::did_you_mean(name, names));
}

}  // namespace ansatz::time
