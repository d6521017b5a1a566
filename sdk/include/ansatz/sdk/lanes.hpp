#pragma once
/// Eight doubles evaluated together: the innermost scalar of every kernel.

#include <cmath>
#include <concepts>
#include <cstdint>

namespace ansatz::sdk {

/// Cells (or points) in a batch.
inline constexpr int num_lanes = 8;

namespace detail {
/// The scalars that a function of an author is evaluated with, beside double.
template <class S>
inline constexpr bool is_scalar = false;
template <class S>
concept Scalar = is_scalar<S>;
template <class A>
concept Number = std::integral<A> || std::floating_point<A>;

template <class>
inline constexpr bool never = false;

/// Refuses `if (u > 0)`, once for all scalars.
/// \param B bool
template <class B>
constexpr bool condition_in_if() {
  static_assert(never<B>,
                "a condition has eight points, of which some are on either side: instead of `if (u > 0)` and `u > 0 ? "
                "a : b` write "
                "select(u > 0, a, b); `if (any_of(u > 0)) throw` is right");
  return false;
}
}  // namespace detail

/// Result of a lane-wise comparison; all bits of a lane are set where it holds.
struct Mask {
  typedef std::int64_t Native __attribute__((vector_size(8 * num_lanes)));
  Native v;

  bool operator[](int lane) const { return v[lane] != 0; }
  template <std::same_as<bool> B>
  explicit operator B() const {
    return detail::condition_in_if<B>();
  }
  friend Mask operator&&(Mask a, Mask b) { return {a.v & b.v}; }
  friend Mask operator||(Mask a, Mask b) { return {a.v | b.v}; }
  friend Mask operator!(Mask a) { return {~a.v}; }
};

/// Eight doubles. Arithmetic is lane-wise.
struct Lanes {
  typedef double Native __attribute__((vector_size(8 * num_lanes)));
  Native v;

  Lanes() = default;
  Lanes(double x) : v{x, x, x, x, x, x, x, x} {}  // NOLINT: a number is a Lanes
  explicit Lanes(Native x) : v(x) {}

  double operator[](int lane) const { return v[lane]; }
  void set(int lane, double x) { v[lane] = x; }

  Lanes& operator+=(Lanes b) {
    v += b.v;
    return *this;
  }
  Lanes& operator-=(Lanes b) {
    v -= b.v;
    return *this;
  }
  Lanes& operator*=(Lanes b) {
    v *= b.v;
    return *this;
  }
  Lanes& operator/=(Lanes b) {
    v /= b.v;
    return *this;
  }

  friend Lanes operator+(Lanes a, Lanes b) { return Lanes(a.v + b.v); }
  friend Lanes operator-(Lanes a, Lanes b) { return Lanes(a.v - b.v); }
  friend Lanes operator*(Lanes a, Lanes b) { return Lanes(a.v * b.v); }
  friend Lanes operator/(Lanes a, Lanes b) { return Lanes(a.v / b.v); }
  friend Lanes operator-(Lanes a) { return Lanes(-a.v); }
  friend Lanes operator+(Lanes a) { return a; }

  friend Mask operator<(Lanes a, Lanes b) { return {a.v < b.v}; }
  friend Mask operator<=(Lanes a, Lanes b) { return {a.v <= b.v}; }
  friend Mask operator>(Lanes a, Lanes b) { return {a.v > b.v}; }
  friend Mask operator>=(Lanes a, Lanes b) { return {a.v >= b.v}; }
  friend Mask operator==(Lanes a, Lanes b) { return {a.v == b.v}; }
  friend Mask operator!=(Lanes a, Lanes b) { return {a.v != b.v}; }
};

template <>
inline constexpr bool detail::is_scalar<Lanes> = true;

inline Lanes select(Mask m, Lanes a, Lanes b) { return Lanes(m.v ? a.v : b.v); }
inline double select(bool m, double a, double b) { return m ? a : b; }

/// Innermost value of a scalar, without derivatives.
inline Lanes value(Lanes x) { return x; }
inline double value(double x) { return x; }

/// Whether a condition holds at one of the points; of abstract scalars it is taken not to. For what an author throws.
inline bool any_of(Mask m) {
  std::int64_t bits = 0;
  for (int i = 0; i < num_lanes; ++i) bits |= m.v[i];
  return bits != 0;
}
inline bool any_of(bool m) { return m; }

#define ANSATZ_LANES_FUNCTION(name)                                \
  inline Lanes name(Lanes x) {                                     \
    Lanes y;                                                       \
    for (int i = 0; i < num_lanes; ++i) y.set(i, std::name(x[i])); \
    return y;                                                      \
  }
ANSATZ_LANES_FUNCTION(sqrt)
ANSATZ_LANES_FUNCTION(exp)
ANSATZ_LANES_FUNCTION(log)
ANSATZ_LANES_FUNCTION(log10)
ANSATZ_LANES_FUNCTION(log2)
ANSATZ_LANES_FUNCTION(log1p)
ANSATZ_LANES_FUNCTION(exp2)
ANSATZ_LANES_FUNCTION(expm1)
ANSATZ_LANES_FUNCTION(cbrt)
ANSATZ_LANES_FUNCTION(sin)
ANSATZ_LANES_FUNCTION(cos)
ANSATZ_LANES_FUNCTION(tan)
ANSATZ_LANES_FUNCTION(asin)
ANSATZ_LANES_FUNCTION(acos)
ANSATZ_LANES_FUNCTION(atan)
ANSATZ_LANES_FUNCTION(sinh)
ANSATZ_LANES_FUNCTION(cosh)
ANSATZ_LANES_FUNCTION(tanh)
ANSATZ_LANES_FUNCTION(erf)
ANSATZ_LANES_FUNCTION(floor)
#undef ANSATZ_LANES_FUNCTION

inline Lanes abs(Lanes x) { return select(x < Lanes(0.0), -x, x); }
inline Lanes min(Lanes a, Lanes b) { return select(b < a, b, a); }
inline Lanes max(Lanes a, Lanes b) { return select(a < b, b, a); }
inline Lanes pow(Lanes x, Lanes p) {
  Lanes y;
  for (int i = 0; i < num_lanes; ++i) y.set(i, std::pow(x[i], p[i]));
  return y;
}
inline Lanes atan2(Lanes a, Lanes b) {
  Lanes y;
  for (int i = 0; i < num_lanes; ++i) y.set(i, std::atan2(a[i], b[i]));
  return y;
}
inline Lanes hypot(Lanes a, Lanes b) {
  Lanes y;
  for (int i = 0; i < num_lanes; ++i) y.set(i, std::hypot(a[i], b[i]));
  return y;
}

}  // namespace ansatz::sdk
