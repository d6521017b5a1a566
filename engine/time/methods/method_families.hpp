#pragma once
/// The families of methods, each in the file of its name, and how they write their lines of the table.

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/time/methods/methods.hpp"

namespace ansatz::time {

/// A line whose methods are Method(info, system).
template <class Method>
MethodEntry method_entry(const sdk::TimeMethodInfo& info) {
  return {info, [info](sdk::TimeSystem& system) { return std::make_unique<Method>(info, system); }};
}

/// A line for each tableau, whose methods are Method(tableau, info, system).
/// \param tableaus live as long as the program
/// \param describe the info of a tableau
template <class Method, class Tableau, class Describe>
std::vector<MethodEntry> tableau_entries(std::span<const Tableau> tableaus, const Describe& describe) {
  std::vector<MethodEntry> entries;
  for (const auto& tableau : tableaus) {
    const sdk::TimeMethodInfo info = describe(tableau);
    entries.push_back(
        {info, [&tableau, info](sdk::TimeSystem& system) { return std::make_unique<Method>(tableau, info, system); }});
  }
  return entries;
}

std::vector<MethodEntry> explicit_entries();
std::vector<MethodEntry> tase_entries();
std::vector<MethodEntry> fixed_step_entries();
std::vector<MethodEntry> implicit_entries();
std::vector<MethodEntry> imex_entries();
std::vector<MethodEntry> rosenbrock_entries();
std::vector<MethodEntry> bdf_entries();
std::vector<MethodEntry> generalised_alpha_entries();
std::vector<MethodEntry> symplectic_entries();
std::vector<MethodEntry> hermite_entries();
std::vector<MethodEntry> exponential_entries();

}  // namespace ansatz::time
