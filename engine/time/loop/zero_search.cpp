#include "engine/time/loop/zero_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "engine/time/loop/pieces.hpp"

namespace ansatz::time {
namespace {

constexpr double pole_growth = 10.0;    // of |g| on both sides of a change of sign
constexpr double beside_pole = 1e4;     // round-off of time, from which on it grows
constexpr double narrowing = 0.2;       // of an interval to each side of its least value
constexpr double slow_fall = 0.95;      // of a least value that is followed no further after
constexpr int often = 3;                // of these in turn
constexpr int deepest = 60;             // intervals, one in the other
constexpr double growth_beside = 1.25;  // of |g| beside a cusp, in round-off of time
constexpr std::array between{0.11, 0.19, 0.32, 0.43, 0.55, 0.66, 0.78, 0.9};  // unlike each other from both ends
constexpr std::size_t more_than_round_off = 5;                                // values there

/// Whether |g| grows towards both ends of a bracket: from the samples around it, or from close to it where these are
/// closer.
bool is_pole(const Signal& g, const SignalSample& a, const SignalSample& b, double around) {
  const double d = beside_pole * round_off_of_time(a.time, b.time), size_a = std::abs(a.value),
               size_b = std::abs(b.value);
  if (std::min(size_a, size_b) > pole_growth * around) return true;
  return size_a > pole_growth * std::abs(g(a.time - d)) && size_b > pole_growth * std::abs(g(b.time + d));
}

}  // namespace

double sign_of(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0; }

double round_off_of_time(double a, double b) {
  return 4.0 * std::numeric_limits<double>::epsilon() * std::max(std::abs(a), std::abs(b));
}

/// By secants with the weight of an end that stays halved (Illinois), and by halving where these are slow.
Crossing crossing(const Signal& g, SignalSample a, SignalSample b) {
  const double small = round_off_of_time(a.time, b.time);
  double size = 0.0;  // of what is finite
  for (const double value : {a.value, b.value}) size = std::isfinite(value) ? std::max(size, std::abs(value)) : size;
  double weight_a = a.value, weight_b = b.value, length = b.time - a.time;
  if (b.value == 0.0 && length > 2.0 * small && g(b.time - small) != 0.0) return {b.time};
  int kept = 0;  // -1: a stayed, 1: b stayed
  for (int i = 0; i < 400 && b.time - a.time > small; ++i) {
    double t = b.time - weight_b * (b.time - a.time) / (weight_b - weight_a);
    if (i % 3 == 2) {
      if (b.time - a.time > 0.5 * length || b.value == 0.0) t = 0.5 * (a.time + b.time);
      length = b.time - a.time;
    }
    if (!(t > a.time && t < b.time)) t = 0.5 * (a.time + b.time);
    if (t == a.time || t == b.time) break;
    const double value = g(t);
    if (sign_of(value) == sign_of(a.value)) {
      a = {t, value};
      weight_a = value;
      if (kept == 1) weight_b *= 0.5;
      kept = 1;
    } else {
      b = {t, value};
      weight_b = value;
      if (kept == -1) weight_a *= 0.5;
      kept = -1;
      if (value == 0.0 && g(std::max(a.time, t - small)) != 0.0) break;
    }
  }
  return {b.time, is_pole(g, a, b, size)};
}

/// By polynomials on shorter and shorter intervals, as long as it falls.
SignalSample least_value(const Signal& g, double from, double to, double sign, SignalSample best) {
  const double small = round_off_of_time(from, to);
  double begin = from, end = to;
  int slow = 0;
  for (int i = 0; i < deepest && end - begin > small && sign * best.value > 0.0 && slow < often; ++i) {
    const double before = best.value;
    std::array<double, Piece::num_nodes> x;
    const auto consider = [&](double t, double value) {
      if (sign * value < sign * best.value) best = {t, value};
    };
    for (int node = 0; node < Piece::num_nodes; ++node) {
      const double t = begin + Piece::nodes[node] * (end - begin);
      x[node] = g(t);
      consider(t, x[node]);
    }
    for (const double s : stationary_points(x)) {
      const double t = begin + s * (end - begin);
      if (sign * polynomial(x, s) < sign * best.value) consider(t, g(t));
    }
    slow = sign * best.value > slow_fall * sign * before ? slow + 1 : 0;
    const double width = narrowing * (end - begin);
    begin = std::max(from, best.time - width);
    end = std::min(to, best.time + width);
  }
  return best;
}

bool keeps_sign(const Signal& g, double from, double to, double sign) {
  std::set<double> values;
  for (const double s : between) {
    const double value = g(from + s * (to - from));
    if (sign_of(value) != sign) return false;
    values.insert(value);
  }
  return values.size() >= more_than_round_off;
}

bool is_cusp(const Signal& g, const SignalSample& least, double begin, double end) {
  const double small = round_off_of_time(begin, end);
  if (least.time - small <= begin || least.time + small >= end) return false;
  const double beside = std::min(std::abs(g(least.time - small)), std::abs(g(least.time + small)));
  return beside >= growth_beside * std::abs(least.value);
}

double multiplicity(const Signal& g, double zero, double distance, double floor) {
  const auto size = [&](double d) { return std::abs(g(zero - d)); };
  double d = 0.5 * distance, far = size(d), near = size(0.5 * d);
  for (int i = 0; i < deepest; ++i) {
    const double next = size(0.25 * d);
    if (!(next > floor)) break;
    d *= 0.5;
    far = near;
    near = next;
  }
  const double m = std::log2(far / near);
  return std::isfinite(m) ? std::max(m, 1.0) : 1.0;
}

}  // namespace ansatz::time
