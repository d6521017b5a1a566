#include "engine/fem/motions/balanced_start.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "ansatz/sdk/error.hpp"
#include "engine/fem/motions/motion_balance.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::fem {
namespace {

constexpr double balanced = 1e-3;  // of the sources, for a start
constexpr int most_sweeps = 10;
constexpr int most_tangents = 64;
constexpr int most_bisections = 64;
constexpr int largest_exponent = 256;  // of a geometric search, and its step
constexpr int exponent_step = 8;

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
  MotionBalance balance_;
  double time_;
  std::span<const double> u_;
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

}  // namespace ansatz::fem
