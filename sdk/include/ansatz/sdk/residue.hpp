#pragma once
/// A scalar of arithmetic modulo a prime: identities between derivatives, decided without tolerance.

#include <cmath>
#include <cstdint>
#include <string_view>

#include "ansatz/sdk/lanes.hpp"

namespace ansatz::sdk {

/// Element of the field of p = 2^61 - 1 elements.
///
/// Doubles are dyadic rationals, so each has its place in the field and arithmetic is exact. A symbol (an unknown, a
/// coefficient that varies) is a fixed, random-looking element; a function that is no polynomial gives one that depends
/// on its argument alone. Two expressions of degree d that are not the same rational function of their symbols agree
/// with probability <= d / p (Schwartz, Journal of the ACM 27, 1980); equal ones that need an identity of such
/// functions (sqrt(x)^2 = x) are taken for different.
struct Residue {
  static constexpr std::uint64_t prime = (std::uint64_t{1} << 61) - 1;
  static constexpr bool is_exact = true;  ///< products need no care of infinities
  std::uint64_t v;

  Residue() : v(0) {}
  Residue(double x) : v(of_number(x)) {}  // NOLINT: a number is a Residue

  /// A symbol: the element of a 64-bit word, by SplitMix64.
  static Residue symbol(std::uint64_t word) {
    word += 0x9e3779b97f4a7c15U;
    word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9U;
    word = (word ^ word >> 27) * 0x94d049bb133111ebU;
    Residue r;
    r.v = (word ^ word >> 31) % prime;
    return r;
  }
  /// The symbol of a text and a number.
  static Residue symbol(std::string_view text, std::uint64_t number = 0) {
    std::uint64_t word = 0xcbf29ce484222325U ^ number;  // FNV-1a
    for (const char c : text) word = (word ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return symbol(word);
  }
  /// What a function that is no polynomial gives.
  static Residue function(std::string_view name, Residue a, Residue b) {
    return symbol(name, a.v * 0x2545f4914f6cdd1dU + b.v);
  }
  static Residue function(std::string_view name, Residue a) { return function(name, a, Residue(0.0)); }

  friend Residue operator+(Residue a, Residue b) { return raw((a.v + b.v) % prime); }
  friend Residue operator-(Residue a) { return raw((prime - a.v) % prime); }
  friend Residue operator-(Residue a, Residue b) { return a + -b; }
  friend Residue operator*(Residue a, Residue b) {
    __extension__ typedef unsigned __int128 Wide;
    return raw(static_cast<std::uint64_t>(static_cast<Wide>(a.v) * b.v % prime));
  }
  /// a b^(p - 2); division by 0 gives a symbol.
  friend Residue operator/(Residue a, Residue b) {
    if (b.v == 0) return function("division by zero", a);
    return a * power(b, prime - 2);
  }
  Residue& operator+=(Residue b) { return *this = *this + b; }
  Residue& operator-=(Residue b) { return *this = *this - b; }
  Residue& operator*=(Residue b) { return *this = *this * b; }
  Residue& operator/=(Residue b) { return *this = *this / b; }

  static Residue power(Residue base, std::uint64_t exponent) {
    Residue result = raw(1);
    for (; exponent != 0; exponent /= 2) {
      if (exponent % 2 == 1) result = result * base;
      base = base * base;
    }
    return result;
  }

 private:
  static Residue raw(std::uint64_t v) {
    Residue r;
    r.v = v;
    return r;
  }
  /// m 2^e, as 2^61 = 1.
  static std::uint64_t of_number(double x) {
    if (!std::isfinite(x)) return symbol("not finite").v;
    int exponent = 0;
    const auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(x, &exponent), 53));
    const int shift = ((exponent - 53) % 61 + 61) % 61;
    const Residue size =
        raw(static_cast<std::uint64_t>(mantissa < 0 ? -mantissa : mantissa) % prime) * raw(std::uint64_t{1} << shift);
    return (mantissa < 0 ? -size : size).v;
  }
};

template <>
inline constexpr bool detail::is_scalar<Residue> = true;

/// A comparison: the field has no order, so which branch is taken stays open.
struct ResidueMask {
  Residue symbol;
  template <std::same_as<bool> B>
  explicit operator B() const {
    return detail::condition_in_if<B>();
  }
  friend ResidueMask operator&&(ResidueMask a, ResidueMask b) { return {Residue::function("and", a.symbol, b.symbol)}; }
  friend ResidueMask operator||(ResidueMask a, ResidueMask b) { return {Residue::function("or", a.symbol, b.symbol)}; }
  friend ResidueMask operator!(ResidueMask a) { return {Residue(1.0) - a.symbol}; }
};
inline ResidueMask operator<(Residue a, Residue b) { return {Residue::function("<", a, b)}; }
inline ResidueMask operator>(Residue a, Residue b) { return b < a; }
inline ResidueMask operator<=(Residue a, Residue b) { return !(b < a); }
inline ResidueMask operator>=(Residue a, Residue b) { return !(a < b); }
inline ResidueMask operator==(Residue a, Residue b) {
  return {a.v == b.v ? Residue(1.0) : Residue::function("==", a, b)};
}
inline ResidueMask operator!=(Residue a, Residue b) { return !(a == b); }
/// w a + (1 - w) b with the symbol w of the condition, so that what holds for the result holds for both branches.
inline Residue select(ResidueMask m, Residue a, Residue b) { return m.symbol * a + (Residue(1.0) - m.symbol) * b; }
inline Residue select(bool m, Residue a, Residue b) { return m ? a : b; }
inline Residue value(Residue x) { return x; }
inline bool any_of(const ResidueMask&) { return false; }

#define ANSATZ_RESIDUE_FUNCTION(name) \
  inline Residue name(Residue a) { return Residue::function(#name, a); }
ANSATZ_RESIDUE_FUNCTION(sqrt)
ANSATZ_RESIDUE_FUNCTION(exp)
ANSATZ_RESIDUE_FUNCTION(log)
ANSATZ_RESIDUE_FUNCTION(log10)
ANSATZ_RESIDUE_FUNCTION(log2)
ANSATZ_RESIDUE_FUNCTION(log1p)
ANSATZ_RESIDUE_FUNCTION(exp2)
ANSATZ_RESIDUE_FUNCTION(expm1)
ANSATZ_RESIDUE_FUNCTION(cbrt)
ANSATZ_RESIDUE_FUNCTION(sin)
ANSATZ_RESIDUE_FUNCTION(cos)
ANSATZ_RESIDUE_FUNCTION(tan)
ANSATZ_RESIDUE_FUNCTION(asin)
ANSATZ_RESIDUE_FUNCTION(acos)
ANSATZ_RESIDUE_FUNCTION(atan)
ANSATZ_RESIDUE_FUNCTION(sinh)
ANSATZ_RESIDUE_FUNCTION(cosh)
ANSATZ_RESIDUE_FUNCTION(tanh)
ANSATZ_RESIDUE_FUNCTION(erf)
ANSATZ_RESIDUE_FUNCTION(floor)
#undef ANSATZ_RESIDUE_FUNCTION
inline Residue atan2(Residue a, Residue b) { return Residue::function("atan2", a, b); }
inline Residue hypot(Residue a, Residue b) { return Residue::function("hypot", a, b); }
/// Of the table with this key at x, and its slope there.
inline Residue table_value(std::uint64_t key, Residue x) { return Residue::function("table", Residue::symbol(key), x); }
inline Residue table_slope(std::uint64_t key, Residue x) { return Residue::function("slope", Residue::symbol(key), x); }
inline Residue pow(Residue a, Residue b) { return Residue::function("pow", a, b); }
inline Residue pow(double a, Residue b) { return pow(Residue(a), b); }
inline Residue pow(Residue a, double p) {
  constexpr double most = 64.0;
  if (p == std::floor(p) && std::abs(p) <= most) {
    const Residue r = Residue::power(a, static_cast<std::uint64_t>(std::abs(p)));
    return p < 0.0 ? Residue(1.0) / r : r;
  }
  return Residue::function("pow", a, Residue(p));
}

}  // namespace ansatz::sdk
