#pragma once
/// Functions of one variable given by points, for cases and plugins.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "ansatz/sdk/lanes.hpp"

namespace ansatz::sdk {

/// Piecewise linear function of one variable: at least two points, x strictly increasing.
///
/// Never extrapolated: outside [x.front(), x.back()] (beyond round-off, 1e-12 of the range) its value and its
/// derivative are NaN, which the engine reports with the place, the table and the argument. At a point of the table the
/// derivative is that of the segment on its right. In a physics: `Table law{{0.0, 1.0}, {2.0, 4.0}, "law"};`, then
/// `law(u.value)`, with all derivatives.
struct Table {
  std::vector<double> x;
  std::vector<double> y;
  std::string name = {};  ///< for messages

  template <class S>
  S operator()(const S& x) const;
};

/// An argument outside of a table.
struct TableMiss {
  std::string table;
  double argument, low, high;
  /// "the table "law" reaches from 0 to 1, its argument is 2"
  std::string text() const;
};

namespace detail {

/// Remembers the last miss of this thread, for the message of whoever finds that a value is not finite.
void note_miss(const Table& table, double x);
/// The miss since the last call.
std::optional<TableMiss> take_miss();
/// ": the table ..." of the miss since the last call, to be added to what is not finite; or nothing.
std::string why_miss();
/// \throws Error of kind case_file for points that are no table.
void check_points(const Table& table);
/// Of all points: abstract scalars tell tables apart by it. Checks them.
std::uint64_t key(const Table& table);

/// Line y0 + slope (x - x0) of a table around x; NaN outside the table.
struct Segment {
  double x0, y0, slope;
};

inline Segment segment(const Table& table, double x) {
  if (table.x.size() < 2 || table.y.size() != table.x.size()) check_points(table);
  const double slack = 1e-12 * (table.x.back() - table.x.front());
  if (!(x >= table.x.front() - slack && x <= table.x.back() + slack)) {
    note_miss(table, x);
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    return {nan, nan, nan};
  }
  const auto right = std::upper_bound(table.x.begin() + 1, table.x.end() - 1, x) - table.x.begin();
  const auto i = static_cast<std::size_t>(right - 1);
  return {table.x[i], table.y[i], (table.y[i + 1] - table.y[i]) / (table.x[i + 1] - table.x[i])};
}

template <class S>
S interpolate(const Table& table, const S& x) {
  const auto at = value(x);
  using Plain = std::remove_cvref_t<decltype(at)>;
  if constexpr (std::is_same_v<Plain, double>) {
    const Segment s = segment(table, at);
    return S(s.slope) * (x - S(s.x0)) + S(s.y0);
  } else if constexpr (std::is_same_v<Plain, Lanes>) {
    Lanes x0, y0, slope;
    for (int lane = 0; lane < num_lanes; ++lane) {
      const Segment s = segment(table, at[lane]);
      x0.set(lane, s.x0);
      y0.set(lane, s.y0);
      slope.set(lane, s.slope);
    }
    return S(slope) * (x - S(x0)) + S(y0);
  } else if constexpr (requires { table_slope(key(table), at); }) {
    return S(table_slope(key(table), at)) * (x - S(at)) + S(table_value(key(table), at));
  } else {
    return table_value(key(table), x);
  }
}

}  // namespace detail

template <class S>
S Table::operator()(const S& x) const {
  return detail::interpolate(*this, x);
}

/// -1, 0 or 1; its derivative is 0 almost everywhere. Not a number where x is none.
template <class S>
requires detail::Scalar<S> || std::same_as<S, double> S sign(const S& x) {
  const S zero(0.0);
  return select(x > zero, S(1.0), select(x < zero, S(-1.0), S(x * zero)));
}

}  // namespace ansatz::sdk
