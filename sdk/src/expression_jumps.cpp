// Times at which conditions of expressions change.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "expression_tree.hpp"

namespace ansatz::sdk {
namespace {

using namespace detail;

constexpr int most_intervals = 100'000;
// Intervals that are too short for interval arithmetic to decide, relative to the time and to the whole search.
constexpr double shortest = 64.0 * std::numeric_limits<double>::epsilon(), shortest_at_zero = 1e-24;

bool can_jump(Op op) { return op == Op::step || op == Op::floor || (op >= Op::less && op <= Op::greater_equal); }

/// Changes of one number that depends on t alone.
class Changes {
 public:
  Changes(const NodePtr& number, double length)
      : value_(number, {}), of_parameter_(with_time_as_parameter(value_, 0).tree()), length_(length) {}

  void find(double low, double high, std::vector<double>& times) {
    if (++intervals_ > most_intervals) return;
    const auto [least, most] = enclosure(of_parameter_, low, high);
    if (least == most) return;
    if (high - low <= std::max(shortest * std::max(std::abs(low), std::abs(high)), shortest_at_zero * length_)) {
      return bisect(low, high, times);
    }
    const double middle = 0.5 * low + 0.5 * high;
    find(low, middle, times);
    find(middle, high, times);
  }

 private:
  double at(double t) const { return value_.evaluate<double>({.time = t}); }

  void bisect(double low, double high, std::vector<double>& times) const {
    const double old = at(low);
    if (at(high) == old) return;
    while (std::nextafter(low, high) < high) {
      const double middle = 0.5 * low + 0.5 * high;
      (at(middle) == old ? low : high) = middle;
    }
    times.push_back(high);
  }

  Expression value_;
  NodePtr of_parameter_;
  double length_;
  int intervals_ = 0;
};

constexpr unsigned bit(SymbolKind kind) { return 1U << static_cast<unsigned>(kind); }

/// Somewhere in the tree a condition depends on t, and on parameters at most.
bool has_conditions(const NodePtr& node) {
  if ((node->kinds & bit(SymbolKind::time)) == 0) return false;
  if (can_jump(node->op) && (node->kinds & ~(bit(SymbolKind::time) | bit(SymbolKind::parameter))) == 0) return true;
  return std::ranges::any_of(node->args, has_conditions);
}

void visit(const NodePtr& node, double from, double to, std::set<std::string>& seen, std::vector<double>& times) {
  constexpr unsigned time = bit(SymbolKind::time);
  if ((node->kinds & time) == 0) return;
  if (can_jump(node->op) && node->kinds == time && seen.insert(key(node)).second) {
    Changes(is_mask(node) ? make_number(node) : node, to - from).find(from, to, times);
  }
  for (const auto& arg : node->args) visit(arg, from, to, seen, times);
}

}  // namespace

bool may_jump_in_time(const Expression& expression) { return has_conditions(expression.tree()); }

std::vector<double> jump_times(const Expression& expression, double from, double to,
                               std::span<const double> parameters) {
  if (!may_jump_in_time(expression)) return {};
  std::set<std::string> seen;
  std::vector<double> times;
  visit(substitute(expression, SymbolKind::parameter, parameters).tree(), from, to, seen, times);
  std::ranges::sort(times);
  const auto repeated = std::ranges::unique(times);
  times.erase(repeated.begin(), repeated.end());
  std::erase_if(times, [&](double t) { return t <= from || t > to; });
  return times;
}

}  // namespace ansatz::sdk
