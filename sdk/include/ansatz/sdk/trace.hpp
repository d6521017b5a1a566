#pragma once
/// A scalar that records what a value depends on: the structure of a weak form, found without evaluating it.

#include <algorithm>
#include <cstdint>

#include "ansatz/sdk/lanes.hpp"

namespace ansatz::sdk {

/// What a value can vary with by itself, that is, with the unknowns held fixed.
enum Variation : std::uint8_t { in_space = 1, in_time = 2 };

/// Abstract value: which unknowns it depends on, how (affine or not), and what varies in space or time by itself.
///
/// Numbers that are exactly 0 absorb what they multiply, so terms that a case switches off leave no trace. Sound for
/// any function that is generic in its scalar: a branch through select() on a condition that depends on the unknowns
/// counts as nonlinear.
struct Trace {
  std::uint64_t slots = 0;        ///< bit per slot (and per rate, after the slots) that it depends on
  bool nonlinear = false;         ///< not affine in them
  std::uint8_t varies = 0;        ///< Variation bits: depends on position or time, directly or through a coefficient
  std::uint8_t slope_varies = 0;  ///< Variation bits of its derivatives with respect to the slots
  bool zero = false;              ///< is the number 0
  bool rate = false;              ///< depends on a rate
  std::uint64_t mass_slots = 0;   ///< what its derivatives with respect to rates depend on, as in `slots`
  std::uint8_t mass_varies = 0;   ///< Variation bits of these derivatives

  Trace() = default;
  Trace(double x) : zero(x == 0.0) {}  // NOLINT: a number depends on nothing
};

template <>
inline constexpr bool detail::is_scalar<Trace> = true;

struct TraceMask {
  Trace cause;
  template <std::same_as<bool> B>
  explicit operator B() const {
    return detail::condition_in_if<B>();
  }
  friend TraceMask operator&&(TraceMask a, TraceMask b);
  friend TraceMask operator||(TraceMask a, TraceMask b) { return a && b; }
  friend TraceMask operator!(TraceMask a) { return a; }
};

inline Trace operator+(Trace a, Trace b) {
  if (a.zero) return b;
  if (b.zero) return a;
  a.slots |= b.slots;
  a.nonlinear |= b.nonlinear;
  a.varies |= b.varies;
  a.slope_varies |= b.slope_varies;
  a.rate |= b.rate;
  a.mass_slots |= b.mass_slots;
  a.mass_varies |= b.mass_varies;
  return a;
}
namespace detail {
/// The derivatives of r with respect to rates have `factor` for a factor.
inline void scale_mass(Trace& r, const Trace& factor) {
  r.mass_slots |= factor.slots;
  r.mass_varies |= factor.varies;
}
}  // namespace detail
inline TraceMask operator&&(TraceMask a, TraceMask b) { return {a.cause + b.cause}; }
inline bool any_of(const TraceMask&) { return false; }
/// The innermost value depends on what the scalar does: nothing is lost.
inline Trace value(Trace x) { return x; }
inline Trace operator-(Trace a, Trace b) { return a + b; }
inline Trace operator-(Trace a) { return a; }
inline Trace operator*(Trace a, Trace b) {
  if (a.zero || b.zero) return 0.0;
  Trace r = a + b;
  r.nonlinear |= a.slots != 0 && b.slots != 0;
  if (b.slots != 0) r.slope_varies |= a.varies;
  if (a.slots != 0) r.slope_varies |= b.varies;
  if (a.rate) detail::scale_mass(r, b);
  if (b.rate) detail::scale_mass(r, a);
  return r;
}
namespace detail {
inline Trace nonlinear(Trace a) {
  a.nonlinear |= a.slots != 0;
  if (a.slots != 0) a.slope_varies |= in_space | in_time;
  if (a.rate) {
    a.mass_slots |= a.slots;
    a.mass_varies |= in_space | in_time;
  }
  a.zero = false;
  return a;
}
}  // namespace detail
inline Trace operator/(Trace a, Trace b) { return a * detail::nonlinear(b); }
inline Trace& operator+=(Trace& a, Trace b) { return a = a + b; }
inline Trace& operator-=(Trace& a, Trace b) { return a = a - b; }
inline Trace& operator*=(Trace& a, Trace b) { return a = a * b; }
inline Trace& operator/=(Trace& a, Trace b) { return a = a / b; }

inline TraceMask operator<(Trace a, Trace b) { return {a + b}; }
inline TraceMask operator<=(Trace a, Trace b) { return {a + b}; }
inline TraceMask operator>(Trace a, Trace b) { return {a + b}; }
inline TraceMask operator>=(Trace a, Trace b) { return {a + b}; }
inline TraceMask operator==(Trace a, Trace b) { return {a + b}; }
inline TraceMask operator!=(Trace a, Trace b) { return {a + b}; }
inline Trace select(TraceMask m, Trace a, Trace b) {
  Trace r = a + b + detail::nonlinear(m.cause);
  if (r.slots != 0) r.slope_varies |= m.cause.varies;
  if (r.rate) detail::scale_mass(r, m.cause);
  return r;
}

#define ANSATZ_TRACE_FUNCTION(name) \
  inline Trace name(Trace a) { return detail::nonlinear(a); }
ANSATZ_TRACE_FUNCTION(sqrt)
ANSATZ_TRACE_FUNCTION(exp)
ANSATZ_TRACE_FUNCTION(log)
ANSATZ_TRACE_FUNCTION(log10)
ANSATZ_TRACE_FUNCTION(log2)
ANSATZ_TRACE_FUNCTION(log1p)
ANSATZ_TRACE_FUNCTION(exp2)
ANSATZ_TRACE_FUNCTION(expm1)
ANSATZ_TRACE_FUNCTION(cbrt)
ANSATZ_TRACE_FUNCTION(sin)
ANSATZ_TRACE_FUNCTION(cos)
ANSATZ_TRACE_FUNCTION(tan)
ANSATZ_TRACE_FUNCTION(asin)
ANSATZ_TRACE_FUNCTION(acos)
ANSATZ_TRACE_FUNCTION(atan)
ANSATZ_TRACE_FUNCTION(sinh)
ANSATZ_TRACE_FUNCTION(cosh)
ANSATZ_TRACE_FUNCTION(tanh)
ANSATZ_TRACE_FUNCTION(erf)
ANSATZ_TRACE_FUNCTION(floor)
ANSATZ_TRACE_FUNCTION(abs)
#undef ANSATZ_TRACE_FUNCTION
inline Trace min(Trace a, Trace b) { return detail::nonlinear(a + b); }
inline Trace max(Trace a, Trace b) { return detail::nonlinear(a + b); }
inline Trace pow(Trace a, Trace b) { return detail::nonlinear(a + b); }
inline Trace pow(Trace a, double) { return detail::nonlinear(a); }
inline Trace pow(double, Trace a) { return detail::nonlinear(a); }
inline Trace atan2(Trace a, Trace b) { return detail::nonlinear(a + b); }
inline Trace hypot(Trace a, Trace b) { return detail::nonlinear(a + b); }
/// Of a table at x.
inline Trace table_value(std::uint64_t, Trace x) { return detail::nonlinear(x); }

}  // namespace ansatz::sdk
