#pragma once
/// A scalar that records what a value depends on: the structure of a weak form, found without evaluating it.

#include <algorithm>
#include <cstdint>

namespace ansatz::sdk {

/// Abstract value: which unknowns it depends on, how (affine or not), and whether it varies in space by itself.
///
/// Sound for any function that is generic in its scalar: a branch through select() on a condition that depends on the
/// unknowns counts as nonlinear.
struct Trace {
  std::uint64_t slots = 0;   ///< bit per slot (and per rate, after the slots) that it depends on
  bool nonlinear = false;    ///< not affine in them
  bool varies = false;       ///< depends on position, directly or through a coefficient

  Trace() = default;
  Trace(double) {}  // NOLINT: a number depends on nothing
};

struct TraceMask {
  Trace cause;
  friend TraceMask operator&&(TraceMask a, TraceMask b);
  friend TraceMask operator||(TraceMask a, TraceMask b) { return a && b; }
  friend TraceMask operator!(TraceMask a) { return a; }
};

inline Trace operator+(Trace a, Trace b) {
  a.slots |= b.slots;
  a.nonlinear |= b.nonlinear;
  a.varies |= b.varies;
  return a;
}
inline TraceMask operator&&(TraceMask a, TraceMask b) { return {a.cause + b.cause}; }
inline Trace operator-(Trace a, Trace b) { return a + b; }
inline Trace operator-(Trace a) { return a; }
inline Trace operator*(Trace a, Trace b) {
  Trace r = a + b;
  r.nonlinear |= a.slots != 0 && b.slots != 0;
  return r;
}
namespace detail {
inline Trace nonlinear(Trace a) {
  a.nonlinear |= a.slots != 0;
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
inline Trace select(TraceMask m, Trace a, Trace b) { return a + b + detail::nonlinear(m.cause); }

#define ANSATZ_TRACE_FUNCTION(name) \
  inline Trace name(Trace a) { return detail::nonlinear(a); }
ANSATZ_TRACE_FUNCTION(sqrt)
ANSATZ_TRACE_FUNCTION(exp)
ANSATZ_TRACE_FUNCTION(log)
ANSATZ_TRACE_FUNCTION(log10)
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
inline Trace atan2(Trace a, Trace b) { return detail::nonlinear(a + b); }

}  // namespace ansatz::sdk
