#include "engine/fem/held_motions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>

#include "engine/base/small_lu.hpp"
#include "engine/linear/vector.hpp"

namespace ansatz::fem {
namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();
constexpr double imbalance = 1e-6;    // of the sources, cell by cell
constexpr double round_off = 64.0 * eps;  // of sum(|J| |u|)
constexpr double settled = 1e-10;     // change of an amplitude, of the field's size
constexpr int most_steps = 40;
constexpr int most_decades = 26;          // of a probe: beyond, what round-off leaves of a constant's gradient is seen

/// An unknown where motions can be held.
struct Place {
  double size = 0.0;
  std::int64_t motion = 0, field = 0, low = 0, high = 0, component = 0;
  std::int32_t unknown = -1;
  std::int32_t rank = 0;
  auto order() const { return std::tuple(motion, field, low, high, component); }
};

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
    throw sdk::Error(sdk::ErrorKind::internal, "motions are not independent in their leading fields", motions.front().text());
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
  std::vector<std::span<const double>> tests;
  for (const auto& motion : motions) tests.emplace_back(motion.test);
  const auto sources = problem.moments(t, start, rate, tests);
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
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("field {} is determined up to {} only{}, and its equation has the net source {:.6g}, "
                                 "which has nowhere to go",
                                 motion.name, motion.motion, motion.where, sums[0]),
                     {},
                     "make the sources and the data on the boundaries balance (in a closed vessel as much must flow in as "
                     "out, on a free body the loads and their moments must sum to 0), or prescribe the field on a part of "
                     "the boundary");
  }
}

void resolve_weak_motions(DiscreteProblem& problem, const std::vector<FreeMotion>& weak) {
  std::vector<std::vector<double>> vectors;
  for (const auto& motion : weak) vectors.push_back(motion.vector);
  problem.set_weak_modes(vectors, unknowns_to_hold(problem.dofs(), weak));
}

namespace {

/// The scalar equations of the amplitudes.
class Balance {
 public:
  Balance(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t)
      : problem_(problem), motions_(motions), time_(t), F_(problem.size()) {}

  std::vector<double> at(std::span<const double> u) {
    problem_.reactions(time_, u, std::nullopt, F_);
    std::vector<double> sums(motions_.size(), 0.0);
    for (std::size_t m = 0; m < sums.size(); ++m) {
      for (std::size_t i = 0; i < F_.size(); ++i) sums[m] += motions_[m].test[i] * F_[i];
    }
    return problem_.comm().sum(std::span<const double>(sums));
  }

  /// An amplitude of motion m that changes its own equation by a tenth or more (of round-off, where it holds), and all
  /// equations with it; 0 where there is none.
  double probe(std::size_t m, std::span<const double> u, const std::vector<double>& here, std::vector<double>& there) {
    std::vector<double> terms(u.size()), moved(u.size());
    problem_.last_jacobian().multiply_absolute(motions_[m].vector, terms);
    double scale = 0.0, size = 0.0;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      scale += std::abs(motions_[m].test[i] * terms[i]);
      if (motions_[m].test[i] != 0.0) size = std::max(size, std::abs(u[i]));
    }
    scale = problem_.comm().sum(scale);
    const double net = std::max(std::abs(here[m]), eps * scale * problem_.comm().max(size));
    if (net == 0.0 || scale == 0.0) return 0.0;
    double amplitude = net / scale;
    for (int decade = 0; decade < most_decades; ++decade, amplitude *= 10.0) {
      std::ranges::copy(u, moved.begin());
      linear::add_scaled(amplitude, motions_[m].vector, moved);
      there = at(moved);
      if (std::abs(there[m] - here[m]) >= 0.1 * net) return amplitude;
    }
    return 0.0;
  }

 private:
  DiscreteProblem& problem_;
  const std::vector<FreeMotion>& motions_;
  double time_;
  std::vector<double> F_;
};

/// The largest amplitude relative to the values of u where the motion is not 0.
double relative_change(const base::Communicator& comm, const std::vector<FreeMotion>& motions,
                       std::span<const double> amplitudes, std::span<const double> u) {
  double worst = 0.0;
  for (std::size_t m = 0; m < motions.size(); ++m) {
    double change = 0.0, size = 0.0;
    for (std::size_t i = 0; i < u.size(); ++i) {
      change = std::max(change, std::abs(amplitudes[m] * motions[m].test[i]));
      if (motions[m].test[i] != 0.0) size = std::max(size, std::abs(u[i]));
    }
    change = comm.max(change);
    size = comm.max(size);
    if (change > 0.0) worst = std::max(worst, change / size);
  }
  return worst;
}

}  // namespace

std::vector<FreeMotion> find_amplitudes(DiscreteProblem& problem, std::vector<FreeMotion> weak, double t,
                                        std::span<double> u, const std::function<void()>& solve) {
  const auto& comm = problem.comm();
  std::vector<FreeMotion> seen, unseen;
  {
    Balance balance(problem, weak, t);
    const auto here = balance.at(u);
    auto there = here;
    for (std::size_t m = 0; m < weak.size(); ++m) (balance.probe(m, u, here, there) > 0.0 ? seen : unseen).push_back(weak[m]);
  }
  const std::size_t n = seen.size();
  Balance balance(problem, seen, t);
  auto here = balance.at(u), there = here;
  std::vector<double> slopes;  // (equations, motions), column after column
  for (std::size_t m = 0; m < n; ++m) {
    const double amplitude = balance.probe(m, u, here, there);
    for (std::size_t e = 0; e < n; ++e) slopes.push_back((there[e] - here[e]) / amplitude);
  }
  for (int step = 0; step < most_steps && n > 0; ++step) {
    auto factors = slopes, change = here;
    std::vector<int> pivots(n);
    if (!base::factorise(factors, pivots)) break;
    for (double& value : change) value = -value;
    base::solve_factorised(factors, pivots, change);
    for (std::size_t m = 0; m < n; ++m) linear::add_scaled(change[m], seen[m].vector, u);
    if (relative_change(comm, seen, change, u) <= settled) return unseen;
    solve();
    there = balance.at(u);
    double square = 0.0;
    for (const double value : change) square += value * value;
    for (std::size_t e = 0; e < n; ++e) {  // Broyden: the rest of the equation after the step belongs to its direction
      for (std::size_t k = 0; k < n; ++k) slopes[k * n + e] += there[e] * change[k] / square;
    }
    here = there;
  }
  if (n == 0) return unseen;
  throw sdk::Error(sdk::ErrorKind::solver, fmt::format("the equations determine {} too weakly", seen.front().text()),
                   "the integral of its equation", "prescribe a value, or start nearer to the solution");
}

}  // namespace ansatz::fem
