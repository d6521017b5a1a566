#pragma once
/// A scalar that carries a dimension: the units of a weak form, found without evaluating it.

#include <array>
#include <cmath>
#include <optional>

#include "ansatz/sdk/lanes.hpp"

namespace ansatz::sdk {

/// Abstract value: its powers of m, kg, s, K, A, mol, cd.
///
/// The number 0 has any dimension. Sums of unlike dimensions, functions that are no powers of what has one, and all
/// that is made of these have none that is known; comparisons are of no concern, and both branches of select() count.
struct Dimensional {
  using Powers = std::array<double, 7>;
  std::optional<Powers> powers = Powers{};  ///< nothing: not known
  bool zero = false;                        ///< is the number 0

  Dimensional() = default;
  /// A number has the dimension 1; what keeps a root from 0 (1e-300) is as good as 0.
  Dimensional(double x) : zero(std::abs(x) < 1e-200) {}  // NOLINT
  explicit Dimensional(const Powers& p) : powers(p) {}

  static Dimensional unknown() {
    Dimensional r;
    r.powers.reset();
    return r;
  }
  bool is_number() const { return zero || powers == Powers{}; }
};

template <>
inline constexpr bool detail::is_scalar<Dimensional> = true;

inline Dimensional value(Dimensional x) { return x; }

struct DimensionalMask {
  template <std::same_as<bool> B>
  explicit operator B() const {
    return detail::condition_in_if<B>();
  }
  friend DimensionalMask operator&&(DimensionalMask a, DimensionalMask) { return a; }
  friend DimensionalMask operator||(DimensionalMask a, DimensionalMask) { return a; }
  friend DimensionalMask operator!(DimensionalMask a) { return a; }
};

namespace detail {
/// a b^exponent.
inline Dimensional product(Dimensional a, const Dimensional& b, double exponent) {
  if (!a.powers || !b.powers) return Dimensional::unknown();
  for (std::size_t i = 0; i < a.powers->size(); ++i) (*a.powers)[i] += exponent * (*b.powers)[i];
  return a;
}
/// A function that is no power.
inline Dimensional of_number(const Dimensional& a) { return a.is_number() ? Dimensional() : Dimensional::unknown(); }
}  // namespace detail

inline Dimensional operator+(const Dimensional& a, const Dimensional& b) {
  if (a.zero) return b;
  if (b.zero || a.powers == b.powers) return a;
  return Dimensional::unknown();
}
inline Dimensional operator-(const Dimensional& a, const Dimensional& b) { return a + b; }
inline Dimensional operator-(const Dimensional& a) { return a; }
inline Dimensional operator*(const Dimensional& a, const Dimensional& b) {
  return a.zero || b.zero ? Dimensional(0.0) : detail::product(a, b, 1.0);
}
inline Dimensional operator/(const Dimensional& a, const Dimensional& b) {
  return a.zero ? a : detail::product(a, b, -1.0);
}
inline Dimensional& operator+=(Dimensional& a, const Dimensional& b) { return a = a + b; }
inline Dimensional& operator-=(Dimensional& a, const Dimensional& b) { return a = a - b; }
inline Dimensional& operator*=(Dimensional& a, const Dimensional& b) { return a = a * b; }
inline Dimensional& operator/=(Dimensional& a, const Dimensional& b) { return a = a / b; }

inline DimensionalMask operator<(const Dimensional&, const Dimensional&) { return {}; }
inline DimensionalMask operator<=(const Dimensional&, const Dimensional&) { return {}; }
inline DimensionalMask operator>(const Dimensional&, const Dimensional&) { return {}; }
inline DimensionalMask operator>=(const Dimensional&, const Dimensional&) { return {}; }
inline DimensionalMask operator==(const Dimensional&, const Dimensional&) { return {}; }
inline DimensionalMask operator!=(const Dimensional&, const Dimensional&) { return {}; }
inline bool any_of(DimensionalMask) { return false; }
inline Dimensional select(DimensionalMask, const Dimensional& a, const Dimensional& b) { return a + b; }
inline Dimensional min(const Dimensional& a, const Dimensional& b) { return a + b; }
inline Dimensional max(const Dimensional& a, const Dimensional& b) { return a + b; }
inline Dimensional abs(const Dimensional& a) { return a; }

inline Dimensional pow(const Dimensional& a, double p) { return a.zero ? a : detail::product(Dimensional(), a, p); }
inline Dimensional pow(const Dimensional& a, const Dimensional& p) {
  return a.is_number() ? detail::of_number(p) : Dimensional::unknown();
}
inline Dimensional pow(double, const Dimensional& p) { return detail::of_number(p); }
inline Dimensional sqrt(const Dimensional& a) { return pow(a, 0.5); }
inline Dimensional cbrt(const Dimensional& a) { return pow(a, 1.0 / 3.0); }
inline Dimensional hypot(const Dimensional& a, const Dimensional& b) { return a + b; }
/// Tables do not tell the units of their points.
inline Dimensional table_value(std::uint64_t, const Dimensional&) { return Dimensional::unknown(); }
inline Dimensional atan2(const Dimensional& a, const Dimensional& b) { return detail::of_number(a / b); }

#define ANSATZ_DIMENSIONAL_FUNCTION(name) \
  inline Dimensional name(const Dimensional& a) { return detail::of_number(a); }
ANSATZ_DIMENSIONAL_FUNCTION(exp)
ANSATZ_DIMENSIONAL_FUNCTION(log)
ANSATZ_DIMENSIONAL_FUNCTION(log10)
ANSATZ_DIMENSIONAL_FUNCTION(log2)
ANSATZ_DIMENSIONAL_FUNCTION(log1p)
ANSATZ_DIMENSIONAL_FUNCTION(exp2)
ANSATZ_DIMENSIONAL_FUNCTION(expm1)
ANSATZ_DIMENSIONAL_FUNCTION(sin)
ANSATZ_DIMENSIONAL_FUNCTION(cos)
ANSATZ_DIMENSIONAL_FUNCTION(tan)
ANSATZ_DIMENSIONAL_FUNCTION(asin)
ANSATZ_DIMENSIONAL_FUNCTION(acos)
ANSATZ_DIMENSIONAL_FUNCTION(atan)
ANSATZ_DIMENSIONAL_FUNCTION(sinh)
ANSATZ_DIMENSIONAL_FUNCTION(cosh)
ANSATZ_DIMENSIONAL_FUNCTION(tanh)
ANSATZ_DIMENSIONAL_FUNCTION(erf)
ANSATZ_DIMENSIONAL_FUNCTION(floor)
#undef ANSATZ_DIMENSIONAL_FUNCTION

}  // namespace ansatz::sdk
