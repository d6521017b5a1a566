#pragma once
/// The one table of time-stepping methods.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/time.hpp"

namespace ansatz::time {

/// One line of the table. `create` makes the method for a system, which must outlive it.
struct MethodEntry {
  sdk::TimeMethodInfo info;
  std::function<std::unique_ptr<sdk::TimeMethod>(sdk::TimeSystem&)> create;
};

/// All that are built in.
std::span<const MethodEntry> time_methods();

/// \param more of plugins \throws sdk::Error of kind case_file for an unknown name, with a suggestion.
const MethodEntry& find_time_method(const std::string& name, std::span<const MethodEntry> more = {});

/// \throws sdk::Error of kind case_file where the method needs what the system does not have, with methods that suit.
/// \param more by plugins
void check_suits(const sdk::TimeMethodInfo& method, const sdk::TimeTraits& system,
                 std::span<const MethodEntry> more = {});
bool suits(const sdk::TimeMethodInfo& method, const sdk::TimeTraits& system);

/// A new method for the system. \throws as find_time_method() and check_suits().
std::unique_ptr<sdk::TimeMethod> make_time_method(const std::string& name, sdk::TimeSystem& system,
                                                  std::span<const MethodEntry> more = {});

}  // namespace ansatz::time
