// Interval enclosures of expressions in parameters.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "ansatz/sdk/error.hpp"
#include "expression_tree.hpp"

namespace ansatz::sdk {
namespace {

using namespace detail;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double most_boxes = 4096;
constexpr int most_parts = 64;  // of one parameter

struct Interval {
  double low = -infinity;
  double high = infinity;

  bool contains(double x) const { return low <= x && x <= high; }
};

constexpr Interval everything{};

/// What a condition may be.
struct Truth {
  bool can_hold = true;
  bool can_fail = true;
};

/// Widened by more than the error of the library's functions (a few units in the last place).
Interval outward(double low, double high) {
  if (std::isnan(low) || std::isnan(high)) return everything;
  constexpr double epsilon = 4 * std::numeric_limits<double>::epsilon();
  constexpr double tiny = std::numeric_limits<double>::min();
  const auto slack = [](double x) { return std::isfinite(x) ? epsilon * std::abs(x) + tiny : 0.0; };
  return {low - slack(low), high + slack(high)};
}

Interval outward(Interval a) { return outward(a.low, a.high); }

Interval hull(Interval a, Interval b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

Interval clipped(Interval a, double low, double high) { return {std::max(a.low, low), std::min(a.high, high)}; }

/// Enclosure of a function that rises on all of `a`.
template <class F>
Interval rising(Interval a, F&& f) {
  return outward(f(a.low), f(a.high));
}

Interval operator-(Interval a) { return {-a.high, -a.low}; }
Interval operator+(Interval a, Interval b) { return outward(a.low + b.low, a.high + b.high); }
Interval operator-(Interval a, Interval b) { return a + (-b); }

Interval operator*(Interval a, Interval b) {
  const double products[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  if (std::any_of(std::begin(products), std::end(products), [](double p) { return std::isnan(p); })) return everything;
  const auto [low, high] = std::minmax_element(std::begin(products), std::end(products));
  return outward(*low, *high);
}

Interval operator/(Interval a, Interval b) {
  if (b.contains(0.0)) return everything;
  return a * outward(1.0 / b.high, 1.0 / b.low);
}

Interval integer_power(Interval a, int n) {
  if (n < 0) return Interval{1.0, 1.0} / integer_power(a, -n);
  // Repeated multiplication rounds up to 2 log2 n times, each with the error of the factors.
  const auto f = [n](double x) { return std::pow(x, n); };
  Interval out = n % 2 == 1        ? Interval{f(a.low), f(a.high)}
                 : a.contains(0.0) ? Interval{0.0, std::max(f(a.low), f(a.high))}
                                   : Interval{std::min(f(a.low), f(a.high)), std::max(f(a.low), f(a.high))};
  for (int rounding = 0; rounding < n; rounding += 4) out = outward(out);
  return n % 2 == 0 ? clipped(out, 0.0, infinity) : out;
}

/// x^p for x > 0 as exp(p log x), which bounds pow and its evaluation by dual numbers.
Interval power(Interval a, Interval p) {
  if (a.low <= 0.0) return everything;
  const Interval exponent = p * rising(a, [](double x) { return std::log(x); });
  return clipped(rising(exponent, [](double x) { return std::exp(x); }), 0.0, infinity);
}

Interval constant_power(Interval a, double p) {
  if (a.low < 0.0 || (a.low == 0.0 && p < 0.0)) return everything;
  const double ends[] = {std::pow(a.low, p), std::pow(a.high, p)};
  return clipped(outward(std::min(ends[0], ends[1]), std::max(ends[0], ends[1])), 0.0, infinity);
}

/// Whether offset + k period lies in `a` for an integer k; said too often rather than too seldom.
bool meets(Interval a, double offset, double period) {
  const double slack = 1e-12 * (1.0 + std::abs(a.low) + std::abs(a.high));
  return !(std::floor((a.high + slack - offset) / period) < std::ceil((a.low - slack - offset) / period));
}

Interval sine(Interval a, double shift, double (*f)(double)) {
  constexpr double turn = 2.0 * std::numbers::pi;
  if (!(a.high - a.low < turn) || std::abs(a.low) > 1e8) return {-1.0, 1.0};
  Interval out{std::min(f(a.low), f(a.high)), std::max(f(a.low), f(a.high))};
  if (meets(a, shift + turn / 4, turn)) out.high = 1.0;
  if (meets(a, shift - turn / 4, turn)) out.low = -1.0;
  return clipped(outward(out), -1.0, 1.0);
}

Interval tangent(Interval a) {
  constexpr double pi = std::numbers::pi;
  if (!(a.high - a.low < pi) || std::abs(a.low) > 1e8 || meets(a, pi / 2, pi)) return everything;
  return rising(a, [](double x) { return std::tan(x); });
}

Interval absolute(Interval a) {
  const double high = std::max(std::abs(a.low), std::abs(a.high));
  return {a.contains(0.0) ? 0.0 : std::min(std::abs(a.low), std::abs(a.high)), high};
}

Interval interpolated(const Table& table, Interval a) {
  const double ends[] = {segment(table, a.low).slope, segment(table, a.high).slope};
  if (std::isnan(ends[0]) || std::isnan(ends[1])) return everything;
  const double first = interpolate(table, a.low);
  const double last = interpolate(table, a.high);
  Interval out{std::min(first, last), std::max(first, last)};
  double largest = absolute(out).high;
  for (std::size_t i = 0; i < table.x.size(); ++i) {
    if (a.contains(table.x[i])) out = hull(out, {table.y[i], table.y[i]});
    largest = std::max(largest, std::abs(table.y[i]));
  }
  const double slack = 1e-12 * largest;  // of the interpolation, which may cancel; and beyond the ends
  return outward(out.low - slack, out.high + slack);
}

/// Functions that rise wherever they are defined: on [low, high].
template <class F>
Interval rising_within(Interval a, double low, double high, F&& f) {
  return a.low < low || a.high > high ? everything : rising(a, f);
}

Interval function(Op op, Interval a) {
  switch (op) {
    case Op::negate:
      return -a;
    case Op::sin:
      return sine(a, 0.0, [](double x) { return std::sin(x); });
    case Op::cos:
      return sine(a, -std::numbers::pi / 2, [](double x) { return std::cos(x); });
    case Op::tan:
      return tangent(a);
    case Op::asin:
      return rising_within(a, -1.0, 1.0, [](double x) { return std::asin(x); });
    case Op::acos:
      return -rising_within(a, -1.0, 1.0, [](double x) { return -std::acos(x); });
    case Op::atan:
      return rising(a, [](double x) { return std::atan(x); });
    case Op::sinh:
      return rising(a, [](double x) { return std::sinh(x); });
    case Op::cosh:
      return clipped(rising(absolute(a), [](double x) { return std::cosh(x); }), 1.0, infinity);
    case Op::tanh:
      return clipped(rising(a, [](double x) { return std::tanh(x); }), -1.0, 1.0);
    case Op::exp:
      return clipped(rising(a, [](double x) { return std::exp(x); }), 0.0, infinity);
    case Op::log:
      return rising_within(a, 0.0, infinity, [](double x) { return std::log(x); });
    case Op::log10:
      return rising_within(a, 0.0, infinity, [](double x) { return std::log10(x); });
    case Op::sqrt:
      return clipped(rising_within(a, 0.0, infinity, [](double x) { return std::sqrt(x); }), -infinity, infinity);
    case Op::abs:
      return absolute(a);
    case Op::erf:
      return clipped(rising(a, [](double x) { return std::erf(x); }), -1.0, 1.0);
    case Op::floor:
      return {std::floor(a.low), std::floor(a.high)};
    case Op::sign:
      return {sign(a.low), sign(a.high)};
    case Op::step:
      return {step(a.low), step(a.high)};
    default:
      return everything;
  }
}

class Enclosure {
 public:
  explicit Enclosure(std::span<const Interval> box) : box_(box) {}

  Interval number(const NodePtr& node) const {
    const auto& args = node->args;
    switch (node->op) {
      case Op::constant:
        return {node->value, node->value};
      case Op::parameter:
        return box_[static_cast<std::size_t>(node->index)];
      case Op::add:
        return number(args[0]) + number(args[1]);
      case Op::subtract:
        return number(args[0]) - number(args[1]);
      case Op::multiply:
        return number(args[0]) * number(args[1]);
      case Op::divide:
        return number(args[0]) / number(args[1]);
      case Op::power:
        return power(number(args[0]), number(args[1]));
      case Op::integer_power:
        return integer_power(number(args[0]), node->index);
      case Op::constant_power:
        return constant_power(number(args[0]), node->value);
      case Op::minimum:
        return least(number(args[0]), number(args[1]));
      case Op::maximum:
        return -least(-number(args[0]), -number(args[1]));
      case Op::atan2:
        return angle(number(args[0]), number(args[1]));
      case Op::table:
        return interpolated(*node->table, number(args[0]));
      case Op::choose:
        return choice(node);
      case Op::number: {
        const Truth t = truth(args[0]);
        return {t.can_fail ? 0.0 : 1.0, t.can_hold ? 1.0 : 0.0};
      }
      default:
        return function(node->op, number(args[0]));
    }
  }

 private:
  static Interval least(Interval a, Interval b) { return {std::min(a.low, b.low), std::min(a.high, b.high)}; }

  static Interval angle(Interval y, Interval x) {
    if (x.low > 0.0) return function(Op::atan, y / x);
    return outward(-std::numbers::pi, std::numbers::pi);
  }

  Interval choice(const NodePtr& node) const {
    const Truth t = truth(node->args[0]);
    if (!t.can_fail) return number(node->args[1]);
    if (!t.can_hold) return number(node->args[2]);
    return hull(number(node->args[1]), number(node->args[2]));
  }

  Truth truth(const NodePtr& node) const {
    const auto& args = node->args;
    if (node->op == Op::truth) return {node->value != 0.0, node->value == 0.0};
    if (node->op == Op::opposite) {
      const Truth a = truth(args[0]);
      return {a.can_fail, a.can_hold};
    }
    if (node->op == Op::both || node->op == Op::either) {
      const Truth a = truth(args[0]);
      const Truth b = truth(args[1]);
      if (node->op == Op::both) return {a.can_hold && b.can_hold, a.can_fail || b.can_fail};
      return {a.can_hold || b.can_hold, a.can_fail && b.can_fail};
    }
    return comparison(node->op, number(args[0]), number(args[1]));
  }

  static Truth comparison(Op op, Interval a, Interval b) {
    switch (op) {
      case Op::less:
        return {a.low < b.high, a.high >= b.low};
      case Op::less_equal:
        return {a.low <= b.high, a.high > b.low};
      case Op::greater:
        return comparison(Op::less, b, a);
      case Op::greater_equal:
        return comparison(Op::less_equal, b, a);
      default:
        break;
    }
    const bool can_be_equal = a.low <= b.high && b.low <= a.high;
    const bool can_differ = !(a.low == a.high && b.low == b.high && a.low == b.low);
    return op == Op::equal ? Truth{can_be_equal, can_differ} : Truth{can_differ, can_be_equal};
  }

  std::span<const Interval> box_;
};

/// Equal parts of the ranges of the parameters in use; visits every combination of them.
Interval over_parts(const NodePtr& tree, std::vector<Interval> box, std::span<const int> used) {
  const std::vector<Interval> whole = box;
  const double root = used.empty() ? 1.0 : std::pow(most_boxes, 1.0 / static_cast<double>(used.size()));
  const bool bounded = std::all_of(used.begin(), used.end(), [&](int k) {
    const Interval& all = whole[static_cast<std::size_t>(k)];
    return std::isfinite(all.high - all.low);
  });
  const int parts = bounded ? std::clamp(static_cast<int>(root + 1e-9), 1, most_parts) : 1;
  std::vector<int> part(used.size(), 0);
  Interval out{infinity, -infinity};
  while (true) {
    for (std::size_t k = 0; k < used.size(); ++k) {
      const Interval& all = whole[static_cast<std::size_t>(used[k])];
      const auto end = [&](int i) {
        return i == 0 ? all.low : i == parts ? all.high : all.low + (all.high - all.low) * i / parts;
      };
      box[static_cast<std::size_t>(used[k])] = {end(part[k]), std::max(end(part[k]), end(part[k] + 1))};
    }
    out = hull(out, Enclosure(box).number(tree));
    std::size_t k = 0;
    while (k < used.size() && ++part[k] == parts) part[k++] = 0;
    if (k == used.size()) return out;
  }
}

}  // namespace

std::pair<double, double> detail::enclosure(const NodePtr& tree, double low, double high) {
  const std::vector<Interval> box{{low, high}};
  const Interval out = Enclosure(box).number(tree);
  return {out.low, out.high};
}

std::pair<double, double> interval(const Expression& theta, std::span<const double> low, std::span<const double> high) {
  if (const auto constant = theta.constant_value()) return {*constant, *constant};
  const std::vector<int> used = theta.parameters_used();
  const bool covered = static_cast<std::size_t>(used.empty() ? 0 : used.back()) < std::min(low.size(), high.size());
  if (depends_on_others(theta.tree()) || !covered) {
    throw Error(ErrorKind::internal,
                "interval() of \"" + theta.text() + "\", which is not a function of the given parameters");
  }
  std::vector<Interval> box(low.size());
  for (std::size_t i = 0; i < box.size(); ++i) box[i] = {low[i], high[i]};
  const Interval out = over_parts(theta.tree(), std::move(box), used);
  return {out.low, out.high};
}

}  // namespace ansatz::sdk
