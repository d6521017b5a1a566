#include "engine/adjoint/moved_mesh.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace ansatz::adjoint {
namespace {

constexpr double relative_step = 0x1p-8;

}  // namespace

std::vector<double> by_difference(problem::Problem& problem, int parameter,
                                  const std::function<std::vector<double>()>& numbers) {
  const auto base = problem.parameters();
  const auto& [name, spec] = *std::next(problem.parsed().parameters.begin(), parameter);
  const double size = std::max(std::abs(base[parameter]), spec.high - spec.low);
  if (!(size > 0.0) || !std::isfinite(size)) {
    throw sdk::Error(sdk::ErrorKind::parameter, "the parameter " + name + " moves the mesh, is 0 and has no range", {},
                     "give it a range: derivatives are differences over a part of it");
  }
  const auto at = [&](double step) {
    auto moved = base;
    moved[parameter] += step;
    problem.set_parameters(moved);
    return numbers();
  };
  const auto slope = [&](double h) {
    auto high = at(h);
    const auto low = at(-h);
    for (std::size_t i = 0; i < high.size(); ++i) high[i] = (high[i] - low[i]) / (2.0 * h);
    return high;
  };
  try {
    const double h = relative_step * size;
    const auto wide = slope(h);
    auto result = slope(0.5 * h);
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = (4.0 * result[i] - wide[i]) / 3.0;
    problem.set_parameters(base);
    return result;
  } catch (...) {
    problem.set_parameters(base);
    throw;
  }
}

}  // namespace ansatz::adjoint
