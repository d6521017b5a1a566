#pragma once
/// Pictures of how the training of a reduced basis went.

#include <span>

#include "engine/io/chart.hpp"
#include "engine/reduced/greedy.hpp"
#include "engine/reduced/pod.hpp"
#include "engine/study/case.hpp"

namespace ansatz::study {

/// The largest bound on the training set over the number of functions, from none to all of them.
/// \param largest at the end \param errors true ones at the parameters of the steps, as many
io::Chart bound_chart(const Case& parsed, std::span<const reduced::GreedyStep> steps, double largest,
                      std::span<const double> errors);

/// The singular values of the snapshots over their number, those of the modes that were kept apart from the others.
io::Chart singular_value_chart(const Case& parsed, const reduced::Pod& pod);

}  // namespace ansatz::study
