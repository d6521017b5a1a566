#pragma once
/// Dual numbers: a value with N directional derivatives, exact to round-off. They nest.

#include <array>
#include <cmath>
#include <type_traits>

#include "ansatz/sdk/lanes.hpp"

namespace ansatz::sdk {

/// v + sum_i d[i] eps_i with eps_i eps_j = 0. T is double, Lanes or another Dual.
template <class T, int N>
struct Dual {
  T v;
  std::array<T, N> d;

  Dual() = default;
  Dual(const T& value) : v(value) { d.fill(T(0.0)); }  // NOLINT: a constant is a Dual
  template <class U>
  requires(!std::is_same_v<U, T> && (std::is_arithmetic_v<U> || std::is_same_v<U, Lanes>)) Dual(U value)
      : Dual(T(value)) {}  // NOLINT

  Dual& operator+=(const Dual& b) { return *this = *this + b; }
  Dual& operator-=(const Dual& b) { return *this = *this - b; }
  Dual& operator*=(const Dual& b) { return *this = *this * b; }
  Dual& operator/=(const Dual& b) { return *this = *this / b; }

  friend Dual operator+(const Dual& a, const Dual& b) {
    Dual r;
    r.v = a.v + b.v;
    for (int i = 0; i < N; ++i) r.d[i] = a.d[i] + b.d[i];
    return r;
  }
  friend Dual operator-(const Dual& a, const Dual& b) {
    Dual r;
    r.v = a.v - b.v;
    for (int i = 0; i < N; ++i) r.d[i] = a.d[i] - b.d[i];
    return r;
  }
  friend Dual operator*(const Dual& a, const Dual& b) {
    Dual r;
    r.v = a.v * b.v;
    for (int i = 0; i < N; ++i) r.d[i] = a.d[i] * b.v + a.v * b.d[i];
    return r;
  }
  friend Dual operator/(const Dual& a, const Dual& b) {
    Dual r;
    const T inverse = T(1.0) / b.v;
    r.v = a.v * inverse;
    for (int i = 0; i < N; ++i) r.d[i] = (a.d[i] - r.v * b.d[i]) * inverse;
    return r;
  }
  friend Dual operator-(const Dual& a) {
    Dual r;
    r.v = -a.v;
    for (int i = 0; i < N; ++i) r.d[i] = -a.d[i];
    return r;
  }
  friend Dual operator+(const Dual& a) { return a; }

  // With a plain number, which has no derivatives.
  friend Dual operator+(const Dual& a, double b) {
    Dual r = a;
    r.v = a.v + T(b);
    return r;
  }
  friend Dual operator+(double a, const Dual& b) { return b + a; }
  friend Dual operator-(const Dual& a, double b) { return a + (-b); }
  friend Dual operator-(double a, const Dual& b) { return -b + a; }
  friend Dual operator*(const Dual& a, double b) {
    Dual r;
    r.v = a.v * b;
    for (int i = 0; i < N; ++i) r.d[i] = a.d[i] * b;
    return r;
  }
  friend Dual operator*(double a, const Dual& b) { return b * a; }
  friend Dual operator/(const Dual& a, double b) { return a * (1.0 / b); }
  friend Dual operator/(double a, const Dual& b) { return Dual(T(a)) / b; }

  friend auto operator<(const Dual& a, const Dual& b) { return a.v < b.v; }
  friend auto operator<=(const Dual& a, const Dual& b) { return a.v <= b.v; }
  friend auto operator>(const Dual& a, const Dual& b) { return a.v > b.v; }
  friend auto operator>=(const Dual& a, const Dual& b) { return a.v >= b.v; }
  friend auto operator==(const Dual& a, const Dual& b) { return a.v == b.v; }
  friend auto operator!=(const Dual& a, const Dual& b) { return a.v != b.v; }
};

template <class T, int N>
inline constexpr bool detail::is_scalar<Dual<T, N>> = true;

template <class T, int N>
auto value(const Dual<T, N>& x) {
  return value(x.v);
}

template <class M, class T, int N>
Dual<T, N> select(const M& mask, const Dual<T, N>& a, const Dual<T, N>& b) {
  Dual<T, N> r;
  r.v = select(mask, a.v, b.v);
  for (int i = 0; i < N; ++i) r.d[i] = select(mask, a.d[i], b.d[i]);
  return r;
}

namespace detail {

/// slope * seed, but 0 where the seed is 0: what does not vary has no derivative, however steep the function is there.
template <class T>
T times_seed(const T& slope, const T& seed) {
  if constexpr (requires { T::is_exact; }) {
    return slope * seed;
  } else {
    const T zero(0.0);
    return select(seed == zero, zero, T(slope * seed));
  }
}
template <class T, int N>
Dual<T, N> times_seed(const Dual<T, N>& slope, const Dual<T, N>& seed) {
  Dual<T, N> r;
  r.v = times_seed(slope.v, seed.v);
  for (int i = 0; i < N; ++i) r.d[i] = times_seed(slope.d[i], seed.v) + times_seed(slope.v, seed.d[i]);
  return r;
}

/// f(x) with derivative df, which may be infinite or not a number: the chain rule.
template <class T, int N>
Dual<T, N> steep_chain(const Dual<T, N>& x, const T& f, const T& df) {
  Dual<T, N> r;
  r.v = f;
  for (int i = 0; i < N; ++i) r.d[i] = times_seed(df, x.d[i]);
  return r;
}

/// f(x) with derivative df, which is finite where x is: the chain rule.
template <class T, int N>
Dual<T, N> chain(const Dual<T, N>& x, const T& f, const T& df) {
  Dual<T, N> r;
  r.v = f;
  for (int i = 0; i < N; ++i) r.d[i] = df * x.d[i];
  return r;
}

}  // namespace detail

// The body of each function sees the scalar overloads of std:: and those of this namespace.
#define ANSATZ_DUAL_FUNCTION(name, rule, f_expression, df_expression)                                    \
  template <class T, int N>                                                                              \
  Dual<T, N> name(const Dual<T, N>& x) {                                                                 \
    using std::sqrt, std::exp, std::log, std::log10, std::sin, std::cos, std::tan, std::asin, std::acos; \
    using std::atan, std::sinh, std::cosh, std::tanh, std::erf, std::log2, std::log1p, std::exp2;        \
    using std::expm1, std::cbrt;                                                                         \
    const T& a = x.v;                                                                                    \
    const T f = f_expression;                                                                            \
    return detail::rule(x, f, T(df_expression));                                                         \
  }
ANSATZ_DUAL_FUNCTION(sqrt, steep_chain, sqrt(a), 0.5 / f)
ANSATZ_DUAL_FUNCTION(exp, chain, exp(a), f)
ANSATZ_DUAL_FUNCTION(log, steep_chain, log(a), 1.0 / a)
ANSATZ_DUAL_FUNCTION(log10, steep_chain, log10(a), 0.43429448190325182765 / a)
ANSATZ_DUAL_FUNCTION(log2, steep_chain, log2(a), 1.44269504088896340736 / a)
ANSATZ_DUAL_FUNCTION(log1p, steep_chain, log1p(a), 1.0 / (1.0 + a))
ANSATZ_DUAL_FUNCTION(exp2, chain, exp2(a), 0.69314718055994530942 * f)
ANSATZ_DUAL_FUNCTION(expm1, chain, expm1(a), f + 1.0)
ANSATZ_DUAL_FUNCTION(cbrt, steep_chain, cbrt(a), 1.0 / (3.0 * f * f))
ANSATZ_DUAL_FUNCTION(sin, chain, sin(a), cos(a))
ANSATZ_DUAL_FUNCTION(cos, chain, cos(a), -sin(a))
ANSATZ_DUAL_FUNCTION(tan, chain, tan(a), 1.0 + f * f)
ANSATZ_DUAL_FUNCTION(asin, steep_chain, asin(a), 1.0 / sqrt(1.0 - a * a))
ANSATZ_DUAL_FUNCTION(acos, steep_chain, acos(a), -1.0 / sqrt(1.0 - a * a))
ANSATZ_DUAL_FUNCTION(atan, chain, atan(a), 1.0 / (1.0 + a * a))
ANSATZ_DUAL_FUNCTION(sinh, chain, sinh(a), cosh(a))
ANSATZ_DUAL_FUNCTION(cosh, chain, cosh(a), sinh(a))
ANSATZ_DUAL_FUNCTION(tanh, chain, tanh(a), 1.0 - f * f)
ANSATZ_DUAL_FUNCTION(erf, chain, erf(a), 1.12837916709551257390 * exp(-(a * a)))
#undef ANSATZ_DUAL_FUNCTION

/// Largest integer not above x; its derivative is 0 almost everywhere.
template <class T, int N>
Dual<T, N> floor(const Dual<T, N>& x) {
  using std::floor;
  return Dual<T, N>(T(floor(x.v)));
}
template <class T, int N>
Dual<T, N> abs(const Dual<T, N>& x) {
  return select(x < Dual<T, N>(0.0), -x, x);
}
template <class T, int N>
Dual<T, N> min(const Dual<T, N>& a, const Dual<T, N>& b) {
  return select(b < a, b, a);
}
template <class T, int N>
Dual<T, N> max(const Dual<T, N>& a, const Dual<T, N>& b) {
  return select(a < b, b, a);
}
/// x^p with a constant exponent; p x^(p-1) is evaluated as a power, so it is finite at x = 0 for p >= 1.
template <class T, int N>
Dual<T, N> pow(const Dual<T, N>& x, double p) {
  using std::pow;
  if (p == 0.0) return Dual<T, N>(T(1.0));
  return detail::steep_chain(x, T(pow(x.v, p)), T(p * pow(x.v, p - 1.0)));
}
/// b^x with a constant base. Where b is not positive the derivative is taken as 0, as of pow(x, p).
template <class T, int N>
Dual<T, N> pow(double b, const Dual<T, N>& x) {
  using std::pow;
  const T f = pow(b, x.v);
  return detail::chain(x, f, T((b > 0.0 ? std::log(b) : 0.0) * f));
}
/// x^p. Where x is not positive the derivative with respect to p is taken as 0, so that integer p stay finite.
template <class T, int N>
Dual<T, N> pow(const Dual<T, N>& x, const Dual<T, N>& p) {
  using std::log, std::pow;
  const T power = pow(x.v, p.v);
  const T by_base = p.v * pow(x.v, p.v - 1.0);
  const auto is_positive = x.v > T(0.0);
  const T by_exponent = select(is_positive, T(power * log(select(is_positive, x.v, T(1.0)))), T(0.0));
  Dual<T, N> r;
  r.v = power;
  for (int i = 0; i < N; ++i) r.d[i] = detail::times_seed(by_base, x.d[i]) + detail::times_seed(by_exponent, p.d[i]);
  return r;
}
template <class T, int N>
Dual<T, N> atan2(const Dual<T, N>& y, const Dual<T, N>& x) {
  using std::atan2;
  const T scale = 1.0 / (x.v * x.v + y.v * y.v);
  const T by_y = x.v * scale, by_x = -(y.v * scale);
  Dual<T, N> r;
  r.v = atan2(y.v, x.v);
  for (int i = 0; i < N; ++i) r.d[i] = detail::times_seed(by_y, y.d[i]) + detail::times_seed(by_x, x.d[i]);
  return r;
}
/// sqrt(a^2 + b^2); its derivatives at the origin are taken as 0.
template <class T, int N>
Dual<T, N> hypot(const Dual<T, N>& a, const Dual<T, N>& b) {
  using std::hypot;
  Dual<T, N> r;
  r.v = hypot(a.v, b.v);
  const T length = select(r.v == T(0.0), T(1.0), r.v);
  const T by_a = a.v / length, by_b = b.v / length;
  for (int i = 0; i < N; ++i) r.d[i] = by_a * a.d[i] + by_b * b.d[i];
  return r;
}
inline Lanes pow(Lanes x, double p) { return pow(x, Lanes(p)); }
inline Lanes pow(double b, Lanes x) { return pow(Lanes(b), x); }

}  // namespace ansatz::sdk
