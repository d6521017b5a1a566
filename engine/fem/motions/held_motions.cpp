#include "engine/fem/motions/held_motions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>

#include "engine/base/small_lu.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::fem {
namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();
constexpr double imbalance = 1e-6;          // of the sources, cell by cell
constexpr double imbalance_of_weak = 1e-2;  // starts balance to less, where the motion is determined
constexpr double round_off = 64.0 * eps;    // of sum(|J| |u|)

/// An unknown where motions can be held.
struct Place {
  double size = 0.0;
  std::int64_t motion = 0, field = 0, low = 0, high = 0, component = 0;
  std::int32_t unknown = -1;
  std::int32_t rank = 0;
  auto order() const { return std::tuple(motion, field, low, high, component); }
};

std::vector<std::span<const double>> tests_of(const std::vector<FreeMotion>& motions) {
  std::vector<std::span<const double>> tests;
  for (const auto& motion : motions) tests.emplace_back(motion.test);
  return tests;
}

[[noreturn]] void refuse(sdk::ErrorKind kind, const FreeMotion& motion, double net, const std::string& when,
                         const std::string& hint) {
  throw sdk::Error(
      kind,
      fmt::format("field {} is determined up to {} only{}, and its equation has the net source {:.6g}{}, "
                  "which has nowhere to go",
                  motion.name, motion.motion, motion.where, net, when),
      {},
      "make the sources and the data on the boundaries balance (in a closed vessel as much must flow in as "
      "out, on a free body the loads and their moments must sum to 0), or prescribe the field on a part of "
      "the boundary" +
          hint);
}

}  // namespace

std::vector<std::int32_t> unknowns_to_hold(const DofMap& dofs, const std::vector<FreeMotion>& motions) {
  constexpr double tie = 1e-8;
  const auto& comm = dofs.mesh().comm;
  std::vector<std::vector<double>> left;
  for (const auto& motion : motions) left.push_back(motion.vector);
  std::vector<std::uint8_t> done(motions.size(), 0);
  std::vector<std::int32_t> held;
  std::vector<double> largest(dofs.num_components(), 0.0);
  const auto visit = [&](const auto& work) {
    for (int f = 0; f < dofs.num_fields(); ++f) {
      for (std::int32_t n = 0; n < dofs.fields()[f].nodes->num_owned; ++n) {
        for (int c = 0; c < dofs.fields()[f].components; ++c) {
          for (std::size_t m = 0; m < motions.size(); ++m) {
            const auto unknown = dofs.node_dofs(f)[n] + c;
            // In the leading field: its equations are those that the motion leaves without a solution.
            if (done[m] == 0 && motions[m].test[unknown] != 0.0) work(m, f, n, c, unknown);
          }
        }
      }
    }
  };
  visit([&](std::size_t m, int f, std::int32_t, int c, std::int32_t unknown) {
    auto& most = largest[dofs.component_offset(f) + c];
    most = std::max(most, std::abs(left[m][unknown]));
  });
  for (double& most : largest) most = comm.max(most);
  for (std::size_t step = 0; step < motions.size(); ++step) {
    double most = 0.0;
    const auto size = [&](std::size_t m, int f, int c, std::int32_t unknown) {
      return std::abs(left[m][unknown]) / largest[dofs.component_offset(f) + c];
    };
    visit([&](std::size_t m, int f, std::int32_t, int c, std::int32_t unknown) {
      most = std::max(most, size(m, f, c, unknown));
    });
    most = comm.max(most);
    Place best;
    visit([&](std::size_t m, int f, std::int32_t n, int c, std::int32_t unknown) {
      if (size(m, f, c, unknown) < (1.0 - tie) * most) return;
      const auto& key = dofs.fields()[f].nodes->keys[n];
      const Place here{most, static_cast<std::int64_t>(m), f, key.low, key.high, c, unknown, comm.rank()};
      if (best.unknown < 0 || here.order() < best.order()) best = here;
    });
    for (const auto& other : comm.gather_all(std::span<const Place>(&best, 1))) {
      if (other.unknown >= 0 && (best.unknown < 0 || other.order() < best.order())) best = other;
    }
    std::vector<double> values(motions.size(), 0.0);
    if (best.rank == comm.rank() && best.unknown >= 0) {
      held.push_back(best.unknown);
      for (std::size_t m = 0; m < motions.size(); ++m) values[m] = left[m][best.unknown];
    }
    values = comm.sum(std::span<const double>(values));
    const auto chosen = static_cast<std::size_t>(best.motion);
    done[chosen] = 1;
    for (std::size_t m = 0; m < motions.size(); ++m) {
      if (done[m] == 0) linear::add_scaled(-values[m] / values[chosen], left[chosen], left[m]);
    }
  }
  return held;
}

void remove_motions(const base::Communicator& comm, const std::vector<FreeMotion>& motions, std::span<double> u) {
  const std::size_t n = motions.size();
  if (n == 0) return;
  std::vector<double> sums((n + 1) * n, 0.0);  // measures of the motions, column after column, then of u
  for (std::size_t i = 0; i < u.size(); ++i) {
    for (std::size_t m = 0; m < n; ++m) {
      const double measure = motions[m].measure[i];
      for (std::size_t k = 0; k < n; ++k) sums[k * n + m] += measure * motions[k].vector[i];
      sums[n * n + m] += measure * u[i];
    }
  }
  sums = comm.sum(std::span<const double>(sums));
  const auto matrix = std::span(sums).first(n * n), amplitudes = std::span(sums).last(n);
  std::vector<int> pivots(n);
  if (!base::factorise(matrix, pivots)) {
    throw sdk::Error(sdk::ErrorKind::internal, "motions are not independent in their leading fields",
                     motions.front().text());
  }
  base::solve_factorised(matrix, pivots, amplitudes);
  for (std::size_t m = 0; m < n; ++m) linear::add_scaled(-amplitudes[m], motions[m].vector, u);
}

void check_balance(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t,
                   std::span<const double> start, std::span<const double> solution, Rate rate) {
  if (motions.empty()) return;
  std::vector<double> at_end(start.size()), terms(start.size());
  problem.reactions(t, solution, rate, at_end);
  problem.last_jacobian().multiply_absolute(solution, terms);
  const auto sources = problem.moments(t, start, rate, tests_of(motions)).gross;
  const auto& held = problem.constrained();
  for (std::size_t m = 0; m < motions.size(); ++m) {
    const auto& motion = motions[m];
    // What Newton's method left in the equations that it solved is no imbalance.
    double net = 0.0, scale = 0.0, left = 0.0;
    for (std::size_t i = 0; i < start.size(); ++i) {
      const double factor = motion.test[i];
      net += factor * at_end[i];
      scale += std::abs(factor * terms[i]);
      if (held[i] == 0) left += std::abs(factor * at_end[i]);
    }
    const auto sums = problem.comm().sum(std::array{net, scale, left});
    if (std::abs(sums[0]) <= imbalance * sources[m] + round_off * sums[1] + sums[2]) continue;
    refuse(sdk::ErrorKind::case_file, motion, sums[0], "", "");
  }
}

void explain_failure(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t,
                     std::span<const double> start, const sdk::Error& failure) {
  if (motions.empty()) return;
  const auto sources = problem.moments(t, start, std::nullopt, tests_of(motions));
  for (std::size_t m = 0; m < motions.size(); ++m) {
    const double least = motions[m].weak ? imbalance_of_weak : imbalance;
    if (std::abs(sources.net[m]) <= least * sources.gross[m]) continue;
    refuse(sdk::ErrorKind::solver, motions[m], sources.net[m], " at the start",
           fmt::format("; or start from other [initial] values; the solver says: {}", failure.what()));
  }
}

void resolve_weak_motions(DiscreteProblem& problem, const std::vector<FreeMotion>& weak) {
  std::vector<std::vector<double>> vectors;
  for (const auto& motion : weak) vectors.push_back(motion.vector);
  problem.set_weak_modes(vectors, unknowns_to_hold(problem.dofs(), weak));
}

}  // namespace ansatz::fem
