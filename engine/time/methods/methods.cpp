#include "engine/time/methods/methods.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"
#include "engine/time/methods/method_families.hpp"

namespace ansatz::time {
namespace {

/// What the method needs and the system lacks; empty where it suits.
std::string missing(const sdk::TimeMethodInfo& method, const sdk::TimeTraits& system) {
  if (method.needs_mass_solves && system.algebraic) {
    return "solves with the mass matrix, and this system has unknowns without a rate";
  }
  if (system.mass_varies() && !method.varying_mass) {
    return "needs a mass that depends neither on time nor on the state";
  }
  if (method.needs_split && !system.splits) return "needs a right-hand side with a nonstiff part";
  if (method.needs_second_order && system.positions == 0) return "needs a system of second order, q'' = a(t, q)";
  if (method.needs_second_order && !method.needs_jerk && system.velocity_dependent) {
    return "needs accelerations that do not depend on velocities";
  }
  return {};
}

const std::vector<MethodEntry>& table() {
  static const std::vector<MethodEntry> entries = [] {
    std::vector<MethodEntry> all;
    for (auto family :
         {explicit_entries, tase_entries, fixed_step_entries, implicit_entries, imex_entries, rosenbrock_entries,
          bdf_entries, generalised_alpha_entries, symplectic_entries, hermite_entries, exponential_entries}) {
      for (auto& entry : family()) all.push_back(std::move(entry));
    }
    return all;
  }();
  return entries;
}

}  // namespace

std::span<const MethodEntry> time_methods() { return table(); }

const MethodEntry& find_time_method(const std::string& name, std::span<const MethodEntry> more) {
  std::vector<std::string> names;
  for (const auto& list : {std::span<const MethodEntry>(table()), more}) {
    for (const auto& entry : list) {
      if (entry.info.name == name) return entry;
      names.push_back(entry.info.name);
    }
  }
  const auto near = sdk::did_you_mean(name, names);
  throw sdk::Error(sdk::ErrorKind::case_file, "there is no time integrator \"" + name + "\"", {},
                   near.empty() ? fmt::format("there are {}", fmt::join(names, ", ")) : near);
}

bool suits(const sdk::TimeMethodInfo& method, const sdk::TimeTraits& system) { return missing(method, system).empty(); }

void check_suits(const sdk::TimeMethodInfo& method, const sdk::TimeTraits& system, std::span<const MethodEntry> more) {
  const auto lack = missing(method, system);
  if (lack.empty()) return;
  std::vector<std::string> others;
  for (const auto& list : {std::span<const MethodEntry>(table()), more}) {
    for (const auto& entry : list) {
      if (suits(entry.info, system)) others.push_back(entry.info.name);
    }
  }
  throw sdk::Error(
      sdk::ErrorKind::case_file, fmt::format("the method {} {}", method.name, lack), {},
      others.empty() ? "use method = \"backward_euler\"" : fmt::format("use one of: {}", fmt::join(others, ", ")));
}

std::unique_ptr<sdk::TimeMethod> make_time_method(const std::string& name, sdk::TimeSystem& system,
                                                  std::span<const MethodEntry> more) {
  const auto& entry = find_time_method(name, more);
  check_suits(entry.info, system.traits(), more);
  return entry.create(system);
}

}  // namespace ansatz::time
