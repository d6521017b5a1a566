#pragma once
/// Pictures of how the training of a reduced basis went.

#include <span>
#include <string>
#include <vector>

#include "engine/input/case.hpp"
#include "engine/io/charts/chart.hpp"
#include "engine/mesh/topology/mesh.hpp"
#include "engine/reduced/algebra/pod.hpp"
#include "engine/reduced/separation/coefficient_split.hpp"
#include "engine/sampling/greedy.hpp"

namespace ansatz::solvers {

/// The largest bound on the training set over the number of functions, from none to all of them.
/// \param largest at the end
/// \param errors true ones at the parameters of the steps, as many
/// \param norm its name
io::Chart bound_chart(const input::Case& parsed, std::span<const sampling::GreedyStep> steps, double largest,
                      std::span<const double> errors, const std::string& norm);

/// The singular values of the snapshots over their number, those of the modes that were kept apart from the others.
io::Chart singular_value_chart(const input::Case& parsed, const reduced::Pod& pod, const std::string& norm);

/// Magic points of interpolated functions, those of the approximation and the further ones apart, in pictures
/// `folder`/magic_points_K.svg. \returns their paths. *Collective.*
std::vector<std::string> write_magic_points(const input::Case& parsed, const mesh::Mesh& mesh,
                                            const reduced::InterpolatedFunctions& functions, const std::string& folder);

}  // namespace ansatz::solvers
