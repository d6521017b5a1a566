#pragma once
#include "engine/problem/sites.hpp"
namespace ansatz::problem {
inline sdk::PointSet sample(const Problem&, const Sites&, int, const sdk::Sampling&) { return {}; }
inline sdk::PointSet quadrature(const Problem&, const Sites&, int, int) { return {}; }
inline sdk::PointSet locate(const Problem&, std::span<const double>, std::vector<std::int64_t>&) { return {}; }
}  // namespace ansatz::problem
