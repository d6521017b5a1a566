#include "engine/fem/constant_modes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ansatz::fem {
namespace {

constexpr double no_change = 1e-9;      // of max(|J| |e|)
constexpr double imbalance = 1e-6;      // of the sources
constexpr double round_off = 1e-10;     // of sum(|J| |u|)

double largest(const base::Communicator& comm, std::span<const double> x) {
  double most = 0.0;
  for (const double value : x) most = std::max(most, std::abs(value));
  return comm.max(most);
}

/// f(unknown) for the owned unknowns of a scalar field.
template <class Visit>
void for_owned(const DofMap& dofs, int field, const Visit& visit) {
  const auto node_dofs = dofs.node_dofs(field);
  for (std::int32_t n = 0; n < dofs.fields()[field].nodes->num_owned; ++n) visit(n, node_dofs[n]);
}

bool has_prescribed(const DiscreteProblem& problem, int field) {
  const auto& constrained = problem.constrained();
  std::int64_t count = 0;
  for_owned(problem.dofs(), field, [&](std::int32_t, std::int32_t dof) { count += constrained[dof]; });
  return problem.comm().sum(count) > 0;
}

}  // namespace

std::vector<int> constant_modes(DiscreteProblem& problem, double t, std::span<const double> u, Rate rate,
                                const Weights& weights) {
  const auto& dofs = problem.dofs();
  std::vector<int> candidates, found;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    if (dofs.fields()[f].components == 1 && !has_prescribed(problem, f)) candidates.push_back(f);
  }
  if (candidates.empty()) return found;
  const auto& J = problem.jacobian(t, u, rate, weights);
  std::vector<double> e(u.size()), change(u.size()), scale(u.size());
  for (const int f : candidates) {
    std::fill(e.begin(), e.end(), 0.0);
    for_owned(dofs, f, [&](std::int32_t, std::int32_t dof) { e[dof] = 1.0; });
    J.multiply(e, change);
    J.multiply_absolute(e, scale);
    if (largest(problem.comm(), change) <= no_change * largest(problem.comm(), scale)) found.push_back(f);
  }
  return found;
}

void pin_constants(DiscreteProblem& problem, const std::vector<int>& fields) {
  const auto& dofs = problem.dofs();
  const auto& comm = problem.comm();
  std::vector<std::int32_t> pinned;
  for (const int f : fields) {
    const auto& keys = dofs.fields()[f].nodes->keys;
    constexpr auto none = std::numeric_limits<std::int64_t>::max();
    mesh::NodeKey lowest{none, none};
    std::int32_t unknown = -1;
    for_owned(dofs, f, [&](std::int32_t n, std::int32_t dof) {
      if (!(keys[n] < lowest)) return;
      lowest = keys[n];
      unknown = dof;
    });
    const auto low = -comm.max(-lowest.low);
    const auto high = -comm.max(lowest.low == low ? -lowest.high : -none);
    if (lowest.low == low && lowest.high == high) pinned.push_back(unknown);
  }
  problem.pin(pinned);
}

void check_balance(DiscreteProblem& problem, const std::vector<int>& fields, double t, std::span<const double> start,
                   std::span<const double> solution, Rate rate) {
  const auto& dofs = problem.dofs();
  const auto& comm = problem.comm();
  if (fields.empty()) return;
  std::vector<double> at_start(start.size()), at_end(start.size()), terms(start.size());
  problem.reactions(t, start, rate, at_start);
  problem.reactions(t, solution, rate, at_end);
  problem.last_jacobian().multiply_absolute(solution, terms);
  for (const int f : fields) {
    double net = 0.0, source = 0.0, scale = 0.0;
    for_owned(dofs, f, [&](std::int32_t, std::int32_t dof) {
      net += at_end[dof];
      source += std::abs(at_start[dof]);
      scale += terms[dof];
    });
    const auto sums = comm.sum(std::array{net, source, scale});
    if (std::abs(sums[0]) <= imbalance * sums[1] + round_off * sums[2]) continue;
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("field {} is determined up to a constant only, and its equation has the net source {:.6g}, "
                                 "which has nowhere to go",
                                 dofs.fields()[f].name, sums[0]),
                     {},
                     "make the sources and the data on the boundaries balance (in a closed vessel as much must flow in as "
                     "out), or prescribe the field on a part of the boundary");
  }
}

}  // namespace ansatz::fem
