#include "engine/fem/motions/motion_amplitudes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "ansatz/sdk/error.hpp"
#include "engine/base/small_lu.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::fem {
namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();
constexpr double settled = 1e-10;            // change of an amplitude, of the field's size
constexpr double settled_with_noise = 1e-7;  // the same where it gets no smaller
constexpr double unfelt = 1e-6;              // of what cells feel of a motion: sums below cancel
constexpr double felt_least =
    0x1p-90;                       // of |test| |J| |m|: below, what round-off leaves of a constant's gradient is felt
constexpr double doubt = 0x1p-20;  // of a field's size: no slope is known that such changes of the state make
constexpr double balanced = 1e-3;  // of the sources, for a start
constexpr double round_off = 64.0 * eps;  // of terms
constexpr int most_steps = 40;
constexpr int most_sweeps = 10;
constexpr int most_tangents = 64;
constexpr int most_bisections = 64;
constexpr int largest_exponent = 256;  // of a geometric search, and its step
constexpr int exponent_step = 8;

/// Integrals of the equations times the motions.
class Balance {
 public:
  Balance(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t)
      : problem_(problem), comm_(problem.comm()), motions_(motions), time_(t) {
    for (const auto& motion : motions) tests_.emplace_back(motion.test);
  }

  Moments at(std::span<const double> u) { return problem_.moments(time_, u, std::nullopt, tests_); }
  Moments slopes(std::span<const double> u, std::size_t m) {
    return problem_.moment_slopes(time_, u, motions_[m].vector, tests_);
  }

  /// sum over |test_e| |J| |v| of each motion e, with the Jacobian at hand.
  std::vector<double> terms(std::span<const double> v) const {
    std::vector<double> terms(v.size()), sums(motions_.size(), 0.0);
    problem_.last_jacobian().multiply_absolute(v, terms);
    for (std::size_t e = 0; e < sums.size(); ++e) {
      for (std::size_t i = 0; i < terms.size(); ++i) sums[e] += std::abs(tests_[e][i] * terms[i]);
    }
    return comm_.sum(std::span<const double>(sums));
  }

  /// max |u| by field, over all ranks.
  std::vector<double> sizes(std::span<const double> u) const {
    const auto fields = problem_.fields();
    std::vector<double> sizes(fields.count, 0.0);
    for (std::size_t i = 0; i < u.size(); ++i) {
      auto& size = sizes[fields.of.empty() ? 0 : fields.of[i]];
      size = std::max(size, std::abs(u[i]));
    }
    for (double& size : sizes) size = comm_.max(size);
    return sizes;
  }

  /// The largest of |amplitude| |motion|, of the size of its leading field.
  double relative_change(std::span<const double> amplitudes, std::span<const double> u) const {
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

 private:
  DiscreteProblem& problem_;
  const base::Communicator& comm_;
  const std::vector<FreeMotion>& motions_;
  double time_;
  std::vector<std::span<const double>> tests_;
};

/// u with each value changed by a share of its field's size, up or down as its node says.
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

/// A root of one integral along one motion.
class LevelSearch {
 public:
  LevelSearch(DiscreteProblem& problem, const FreeMotion& motion, double t, std::span<const double> u)
      : problem_(problem), motion_(motion), one_{motion}, balance_(problem, one_, t), time_(t), u_(u) {}

  /// Nothing where none is found, and 0 where nothing is out of balance.
  std::optional<double> run() {
    const auto here = at(0.0);
    if (!std::isfinite(here.net) || is_balanced(here))
      return std::isfinite(here.net) ? std::optional(0.0) : std::nullopt;
    if (const auto found = by_tangents(here)) return found;
    return by_signs(here);
  }

 private:
  struct Value {
    double net, gross;
  };
  std::vector<double> moved(double amplitude) const {
    std::vector<double> v(u_.begin(), u_.end());
    linear::add_scaled(amplitude, motion_.vector, v);
    return v;
  }
  static bool is_balanced(const Value& value) { return std::abs(value.net) <= balanced * value.gross; }

  Value at(double amplitude) { return at_state(moved(amplitude)); }

  /// Not-a-number outside the domain.
  Value at_state(std::span<const double> u) {
    try {
      const auto moments = balance_.at(u);
      return {moments.net[0], moments.gross[0]};
    } catch (const sdk::Error& error) {
      if (error.kind() != sdk::ErrorKind::not_finite) throw;
      return {std::numeric_limits<double>::quiet_NaN(), 0.0};
    }
  }

  /// While each halves the imbalance.
  std::optional<double> by_tangents(Value here) {
    double amplitude = 0.0;
    for (int k = 0; k < most_tangents; ++k) {
      const auto slope = balance_.slopes(moved(amplitude), 0);
      if (!(std::abs(slope.net[0]) > unfelt * slope.gross[0])) return std::nullopt;
      const double next = amplitude - here.net / slope.net[0];
      const auto there = std::isfinite(next) ? at(next) : Value{next, 0.0};
      if (!(std::abs(there.net) <= 0.5 * std::abs(here.net))) return std::nullopt;
      amplitude = next;
      here = there;
      if (is_balanced(here)) return amplitude;
    }
    return std::nullopt;
  }

  /// The value is more than what round-off leaves of terms that cancel: states next to it feel no more than it does.
  bool is_resolved(double amplitude, const Value& value) {
    const auto here = moved(amplitude);
    const auto doubted = at_state(shaken(problem_, here, balance_.sizes(here)));
    return std::abs(value.net) > unfelt * std::max(value.gross, doubted.gross);
  }

  std::optional<double> by_signs(const Value& here) {
    std::array<double, 2> before{0.0, 0.0};
    std::array<bool, 2> ended{false, false};
    for (int k = -largest_exponent; k <= largest_exponent; k += exponent_step) {
      for (const int side : {0, 1}) {
        if (ended[side]) continue;
        const double amplitude = std::ldexp(side == 0 ? 1.0 : -1.0, k);
        const auto there = at(amplitude);
        ended[side] = !std::isfinite(there.net);
        if (ended[side]) continue;
        if (there.net * std::copysign(1.0, here.net) < 0.0) {
          if (is_resolved(amplitude, there)) return bisect(before[side], amplitude, here.net);
          ended[side] = true;
        }
        before[side] = amplitude;
      }
    }
    return std::nullopt;
  }

  /// \param near,far amplitudes with the sign of `net`, and with the other
  double bisect(double near, double far, double net) {
    for (int k = 0; k < most_bisections; ++k) {
      const bool is_wide = std::abs(far) > 2.0 * std::abs(near);
      const double middle =
          is_wide && near != 0.0 ? std::copysign(std::sqrt(near / far) * std::abs(far), far) : 0.5 * (near + far);
      const auto there = at(middle);
      if (!std::isfinite(there.net)) return near;
      if (is_balanced(there)) return middle;
      ((there.net > 0.0) == (net > 0.0) ? near : far) = middle;
    }
    return far;
  }

  DiscreteProblem& problem_;
  const FreeMotion& motion_;
  std::vector<FreeMotion> one_;
  Balance balance_;
  double time_;
  std::span<const double> u_;
};

/// The equations of the amplitudes at a solution.
class AmplitudeSearch {
 public:
  AmplitudeSearch(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t, std::span<double> u)
      : problem_(problem), motions_(motions), balance_(problem, motions, t), time_(t), u_(u) {}

  std::vector<FreeMotion> run(const std::function<void()>& solve) {
    linearise();
    auto here = values();
    double before = std::numeric_limits<double>::infinity();
    for (int step = 0; step < most_steps; ++step) {
      if (is_round_off(here)) return unfelt_motions();
      const auto change = correction(here);
      if (change.empty()) break;
      const bool still_solved = move(change);
      const double relative = balance_.relative_change(change, u_);
      if (relative <= settled || (relative > 0.5 * before && relative <= settled_with_noise)) return unfelt_motions();
      if (!std::isfinite(relative)) break;
      before = relative;
      if (!still_solved) solve();
      here = values();
      update(change, here);
    }
    const auto first = std::ranges::find(felt_, 1) - felt_.begin();
    throw sdk::Error(
        sdk::ErrorKind::solver,
        fmt::format("the equations determine {} too weakly", motions_[first % std::ssize(motions_)].text()),
        "the integral of its equation", "prescribe a value, or start from [initial] values nearer to the solution");
  }

 private:
  std::size_t size() const { return motions_.size(); }

  /// Slopes of the equations, and which of them feel their own motion.
  void linearise() {
    const std::size_t n = size();
    felt_.assign(n, 0);
    const auto doubted = shaken(problem_, u_, balance_.sizes(u_));
    for (std::size_t k = 0; k < n; ++k) {
      const auto slopes = balance_.slopes(u_, k);
      const auto gross = problem_.form().linear() ? slopes.gross : gross_slopes(doubted, k);
      const auto terms = balance_.terms(motions_[k].vector);
      for (std::size_t e = 0; e < n; ++e) {
        const double least = std::max(unfelt * std::max(slopes.gross[e], gross[e]), felt_least * terms[e]);
        const bool is_felt = std::abs(slopes.net[e]) > least;
        slopes_.push_back(is_felt ? slopes.net[e] : 0.0);
        if (is_felt && e == k) felt_[e] = 1;
      }
    }
    for (std::size_t e = 0; e < n; ++e) {
      if (felt_[e] != 0) continue;
      for (std::size_t k = 0; k < n; ++k) slopes_[k * n + e] = mean(e, motions_[k].vector);
    }
  }

  /// 0 where u is outside the domain.
  std::vector<double> gross_slopes(std::span<const double> u, std::size_t k) {
    try {
      return balance_.slopes(u, k).gross;
    } catch (const sdk::Error& error) {
      if (error.kind() != sdk::ErrorKind::not_finite) throw;
      return std::vector<double>(size(), 0.0);
    }
  }

  double mean(std::size_t e, std::span<const double> v) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < v.size(); ++i) sum += motions_[e].measure[i] * v[i];
    return problem_.comm().sum(sum);
  }

  std::vector<double> values() {
    auto moments = balance_.at(u_);
    noise_.assign(size(), 0.0);
    for (std::size_t e = 0; e < size(); ++e) {
      noise_[e] = felt_[e] != 0 ? eps * moments.gross[e] : 0.0;
      if (felt_[e] == 0) moments.net[e] = mean(e, u_);
    }
    return moments.net;
  }

  bool is_round_off(const std::vector<double>& values) const {
    for (std::size_t e = 0; e < size(); ++e) {
      if (std::abs(values[e]) > noise_[e]) return false;
    }
    return true;
  }

  /// Nothing where the slopes are singular.
  std::vector<double> correction(const std::vector<double>& values) const {
    auto factors = slopes_, change = values;
    std::vector<int> pivots(size());
    if (!base::factorise(factors, pivots)) return {};
    for (double& value : change) value = -value;
    base::solve_factorised(factors, pivots, change);
    return change;
  }

  /// u += sum of change_m m. \returns whether the equations are as good as before, to round-off of their terms
  bool move(const std::vector<double>& change) {
    std::vector<double> before(u_.size()), after(u_.size()), sizes(u_.size()), terms(u_.size());
    problem_.residual(time_, u_, std::nullopt, before);
    for (std::size_t i = 0; i < u_.size(); ++i) sizes[i] = std::abs(u_[i]);
    for (std::size_t m = 0; m < size(); ++m) {
      linear::add_scaled(change[m], motions_[m].vector, u_);
      for (std::size_t i = 0; i < u_.size(); ++i) sizes[i] += std::abs(change[m] * motions_[m].vector[i]);
    }
    problem_.residual(time_, u_, std::nullopt, after);
    problem_.last_jacobian().multiply_absolute(sizes, terms);
    double worse = 0.0;
    for (std::size_t i = 0; i < u_.size(); ++i) {
      if (!(std::abs(after[i] - before[i]) <= round_off * terms[i])) worse = 1.0;
    }
    return problem_.comm().max(worse) == 0.0;
  }

  /// Broyden: the rest of the equation after the step belongs to its direction.
  void update(const std::vector<double>& change, const std::vector<double>& rest) {
    double square = 0.0;
    for (const double value : change) square += value * value;
    for (std::size_t e = 0; e < size() && square > 0.0; ++e) {
      for (std::size_t k = 0; k < size(); ++k) slopes_[k * size() + e] += rest[e] * change[k] / square;
    }
  }

  std::vector<FreeMotion> unfelt_motions() const {
    std::vector<FreeMotion> left;
    for (std::size_t e = 0; e < size(); ++e) {
      if (felt_[e] == 0) left.push_back(motions_[e]);
    }
    return left;
  }

  DiscreteProblem& problem_;
  const std::vector<FreeMotion>& motions_;
  Balance balance_;
  double time_;
  std::span<double> u_;
  std::vector<int> felt_;       ///< by equation
  std::vector<double> slopes_;  ///< (equations, motions), column after column
  std::vector<double> noise_;   ///< round-off of the integrals
};

}  // namespace

bool balance_start(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t, std::span<double> u) {
  if (problem.form().linear()) return false;
  bool any = false;
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    bool moved = false;
    for (const auto& motion : motions) {
      if (!motion.weak) continue;
      const auto amplitude = LevelSearch(problem, motion, t, u).run();
      if (!amplitude || *amplitude == 0.0) continue;
      linear::add_scaled(*amplitude, motion.vector, u);
      moved = true;
    }
    any |= moved;
    if (!moved) break;
  }
  return any;
}

std::vector<FreeMotion> find_amplitudes(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t,
                                        std::span<double> u, const std::function<void()>& solve) {
  return motions.empty() ? motions : AmplitudeSearch(problem, motions, t, u).run(solve);
}

}  // namespace ansatz::fem
