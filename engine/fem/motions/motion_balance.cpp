#include "engine/fem/motions/motion_balance.hpp"

#include <algorithm>
#include <cmath>

#include "engine/linear/matrices/vector.hpp"

namespace ansatz::fem {
namespace {

constexpr double doubt = 0x1p-20;  // of a field's size: no slope is known that such changes of the state make

}  // namespace

MotionBalance::MotionBalance(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t)
    : problem_(problem), comm_(problem.comm()), motions_(motions), time_(t) {
  for (const auto& motion : motions) tests_.emplace_back(motion.test);
}

std::vector<double> MotionBalance::terms(std::span<const double> v) const {
  std::vector<double> terms(v.size()), sums(motions_.size(), 0.0);
  problem_.last_jacobian().multiply_absolute(v, terms);
  for (std::size_t e = 0; e < sums.size(); ++e) {
    for (std::size_t i = 0; i < terms.size(); ++i) sums[e] += std::abs(tests_[e][i] * terms[i]);
  }
  return comm_.sum(std::span<const double>(sums));
}

std::vector<double> MotionBalance::sizes(std::span<const double> u) const {
  const auto fields = problem_.fields();
  std::vector<double> sizes(fields.count, 0.0);
  for (std::size_t i = 0; i < u.size(); ++i) {
    auto& size = sizes[fields.of.empty() ? 0 : fields.of[i]];
    size = std::max(size, std::abs(u[i]));
  }
  for (double& size : sizes) size = comm_.max(size);
  return sizes;
}

double MotionBalance::relative_change(std::span<const double> amplitudes, std::span<const double> u) const {
  const auto all = sizes(u);
  double worst = 0.0;
  for (std::size_t m = 0; m < motions_.size(); ++m) {
    std::vector<double> step(u.size(), 0.0);
    linear::add_scaled(amplitudes[m], tests_[m], step);
    const auto changes = sizes(step);
    for (std::size_t f = 0; f < all.size(); ++f) {
      if (changes[f] > 0.0) worst = std::max(worst, changes[f] / all[f]);
    }
  }
  return worst;
}

std::vector<double> shaken(DiscreteProblem& problem, std::span<const double> u, std::span<const double> sizes) {
  const auto& dofs = problem.dofs();
  std::vector<double> moved(u.begin(), u.end());
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const auto& nodes = *dofs.fields()[f].nodes;
    for (std::int32_t n = 0; n < nodes.num_owned; ++n) {
      const auto mixed =
          (static_cast<std::uint64_t>(nodes.keys[n].low) * 31U + static_cast<std::uint64_t>(nodes.keys[n].high)) *
          0x9E3779B97F4A7C15U;
      for (int c = 0; c < dofs.fields()[f].components; ++c) {
        moved[dofs.node_dofs(f)[n] + c] += ((mixed >> (63 - c) & 1U) != 0 ? doubt : -doubt) * sizes[f];
      }
    }
  }
  return moved;
}

}  // namespace ansatz::fem
