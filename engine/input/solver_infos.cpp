#include "engine/input/solver_infos.hpp"

#include <algorithm>

#include "engine/plugin/registry.hpp"

namespace ansatz::input {

using Time = sdk::SolverInfo::Time;

const sdk::SolverInfo& finite_elements_info() {
  static const sdk::SolverInfo info{.name = "fem",
                                    .doc = "finite elements",
                                    .in_time = Time::any_steps,
                                    .keeps_states = true,
                                    .continues = true,
                                    .finds_events = true};
  return info;
}

const sdk::SolverInfo& reduced_basis_info() {
  static const sdk::SolverInfo info{.name = "reduced_basis",
                                    .doc = "a certified reduced basis, see [reduced]",
                                    .in_time = Time::equal_steps,
                                    .trains = true,
                                    .needs_parameters = true};
  return info;
}

std::vector<sdk::SolverInfo> solver_infos(const plugin::Registry& registry) {
  std::vector<sdk::SolverInfo> infos{finite_elements_info(), reduced_basis_info()};
  for (const auto& offer : registry.offers().solvers) {
    auto& info = infos.emplace_back(offer.info);
    if (!info.trains) continue;
    info.options.add(
        {.name = "model",
         .initial = std::string(),
         .unit = "1",
         .doc = "file of the model, relative to where the command runs; empty: models/CASE." + info.name + ".h5"});
  }
  return infos;
}

std::optional<sdk::SolverInfo> find_solver(const plugin::Registry& registry, const std::string& name) {
  const auto infos = solver_infos(registry);
  const auto found = std::ranges::find(infos, name, &sdk::SolverInfo::name);
  return found == infos.end() ? std::nullopt : std::optional(*found);
}

}  // namespace ansatz::input
