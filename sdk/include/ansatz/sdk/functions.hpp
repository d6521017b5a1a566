#pragma once
/// Functions that an author writes with unknowns and numbers mixed, and what is refused in plain words.

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/dimensional.hpp"
#include "ansatz/sdk/dual.hpp"
#include "ansatz/sdk/residue.hpp"
#include "ansatz/sdk/table.hpp"
#include "ansatz/sdk/trace.hpp"

namespace ansatz::sdk {

// Where the scalar is double itself (systems of ordinary differential equations).
inline double min(double a, double b) { return std::min(a, b); }
inline double max(double a, double b) { return std::max(a, b); }
template <std::same_as<double> S>
S abs(S x) {
  return std::fabs(x);
}

#define ANSATZ_WITH_NUMBERS(name)                                                  \
  template <class S, class A>                                                      \
  requires detail::Scalar<S> && detail::Number<A> S name(const S& a, const A& b) { \
    return name(a, S(static_cast<double>(b)));                                     \
  }                                                                                \
  template <class A, class S>                                                      \
  requires detail::Scalar<S> && detail::Number<A> S name(const A& a, const S& b) { \
    return name(S(static_cast<double>(a)), b);                                     \
  }
ANSATZ_WITH_NUMBERS(min)
ANSATZ_WITH_NUMBERS(max)
ANSATZ_WITH_NUMBERS(atan2)
ANSATZ_WITH_NUMBERS(hypot)
#undef ANSATZ_WITH_NUMBERS

template <class S, class A>
requires detail::Scalar<S> && detail::Number<A> &&(!std::same_as<A, double>)S pow(const S& x, const A& p) {
  return pow(x, static_cast<double>(p));
}
template <class A, class S>
requires detail::Scalar<S> && detail::Number<A> &&(!std::same_as<A, double>)S pow(const A& b, const S& x) {
  return pow(static_cast<double>(b), x);
}

template <class M, class S, class A>
requires detail::Scalar<S> && detail::Number<A> S select(const M& mask, const S& a, const A& b) {
  return select(mask, a, S(static_cast<double>(b)));
}
template <class M, class A, class S>
requires detail::Scalar<S> && detail::Number<A> S select(const M& mask, const A& a, const S& b) {
  return select(mask, S(static_cast<double>(a)), b);
}

}  // namespace ansatz::sdk

namespace ansatz::sdk::detail {
/// Once for each function of std, which stands in the compiler's next lines. \tparam Function any type
template <class Function>
constexpr void function_of_numbers() {
  static_assert(never<Function>,
                "functions of unknowns are written without std::, as exp(u), pow(u, 2), max(u, 0.0): those of std are "
                "for numbers "
                "alone and know no derivatives");
}
}  // namespace ansatz::sdk::detail

// Calls that are written with std:: arrive here; for all others the functions above are better matches.
namespace std {

#define ANSATZ_REFUSE_UNARY(name)                              \
  struct ansatz_##name;                                        \
  template <class S>                                           \
  requires ansatz::sdk::detail::Scalar<S> S name(const S& x) { \
    ansatz::sdk::detail::function_of_numbers<ansatz_##name>(); \
    return x;                                                  \
  }
#define ANSATZ_REFUSE_BINARY(name)                                                                               \
  struct ansatz_##name;                                                                                          \
  template <class S, class T>                                                                                    \
  requires(ansatz::sdk::detail::Scalar<S> || ansatz::sdk::detail::Scalar<T>) auto name(const S& a, const T& b) { \
    ansatz::sdk::detail::function_of_numbers<ansatz_##name>();                                                   \
    return a + b;                                                                                                \
  }
ANSATZ_REFUSE_UNARY(sqrt)
ANSATZ_REFUSE_UNARY(cbrt)
ANSATZ_REFUSE_UNARY(exp)
ANSATZ_REFUSE_UNARY(exp2)
ANSATZ_REFUSE_UNARY(expm1)
ANSATZ_REFUSE_UNARY(log)
ANSATZ_REFUSE_UNARY(log2)
ANSATZ_REFUSE_UNARY(log10)
ANSATZ_REFUSE_UNARY(log1p)
ANSATZ_REFUSE_UNARY(sin)
ANSATZ_REFUSE_UNARY(cos)
ANSATZ_REFUSE_UNARY(tan)
ANSATZ_REFUSE_UNARY(asin)
ANSATZ_REFUSE_UNARY(acos)
ANSATZ_REFUSE_UNARY(atan)
ANSATZ_REFUSE_UNARY(sinh)
ANSATZ_REFUSE_UNARY(cosh)
ANSATZ_REFUSE_UNARY(tanh)
ANSATZ_REFUSE_UNARY(erf)
ANSATZ_REFUSE_UNARY(floor)
ANSATZ_REFUSE_UNARY(abs)
ANSATZ_REFUSE_BINARY(pow)
ANSATZ_REFUSE_BINARY(atan2)
ANSATZ_REFUSE_BINARY(hypot)
ANSATZ_REFUSE_BINARY(min)
ANSATZ_REFUSE_BINARY(max)
#undef ANSATZ_REFUSE_UNARY
#undef ANSATZ_REFUSE_BINARY

}  // namespace std
