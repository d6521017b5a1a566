#pragma once
/// Times that are one but for round-off, and lengths that are whole numbers of steps.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace ansatz::time {

inline constexpr double time_round_off = 16.0 * std::numeric_limits<double>::epsilon();  ///< beside the time
inline constexpr double nearly_whole = 1e-9;  ///< of a length: up to this it is a whole number of steps

inline double round_off(double t) { return time_round_off * std::abs(t); }

inline bool same_time(double a, double b) { return std::abs(a - b) <= round_off(std::max(std::abs(a), std::abs(b))); }

/// What changes at t holds from the start on: `t > 0` does.
inline bool is_start(double t, double start, double end) {
  return t <= start + round_off(std::max(std::abs(start), end - start));
}

/// Number of steps from one time to another where it is a whole one, up to round-off of the times; at least 1.
inline std::optional<std::int64_t> whole_steps(double from, double to, double step) {
  const double length = to - from;
  const auto steps = static_cast<std::int64_t>(std::llround(length / step));
  const double off = std::abs(static_cast<double>(steps) * step - length);
  if (steps < 1 || off > nearly_whole * length + round_off(std::max(std::abs(from), std::abs(to)))) return std::nullopt;
  return steps;
}

}  // namespace ansatz::time
