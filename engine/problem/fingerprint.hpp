#pragma once
/// Which problem a file on disk belongs to, as text.

#include <functional>
#include <string>

#include "engine/problem/problem.hpp"

namespace ansatz::problem {

/// The case without its title, where its files lie, and which plugins it loads: their physics is named, and what is in
/// files has checksums of its own. Not collective.
input::Case same_anywhere(const input::Case& parsed);

/// What a restart must have in common with the run it goes on with: mesh, equations, data, ansatz, method, quantities.
/// *Collective.*
std::string restart_fingerprint(const Problem& problem, const plugin::Registry& registry);

/// What a trained model depends on: the lines of effective.toml on mesh, physics, ranges of parameters and solver, and
/// the checksums of the mesh before its map and of data.
/// \param keep restores from the case what belongs to the model of the sections [linear], [reduced] and [study] and of
/// options, which are left out otherwise. *Collective.*
std::string model_fingerprint(const Problem& problem, const plugin::Registry& registry,
                              const std::function<void(input::Case& relevant)>& keep);

/// The first line in which two texts differ, for people.
std::string first_difference(const std::string& before, const std::string& now);

}  // namespace ansatz::problem
