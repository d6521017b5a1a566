#pragma once
/// The machine that evaluates compiled expressions: postfix code on two fixed stacks, for any scalar.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ansatz/sdk/table.hpp"

namespace ansatz::sdk {

/// Values of the symbols of an expression. Only the arrays that it depends on are read; the others may be null.
template <class S>
struct ExpressionInputs {
  const S* position = nullptr;    ///< (dim) [m]
  S time = S(0.0);                ///< [s]
  const S* parameters = nullptr;  ///< (num_parameters)
  const S* fields = nullptr;      ///< (components of the unknowns)
  const S* data = nullptr;        ///< (fields read from files)
};

namespace detail {

struct Node;

/// Operations of expression trees and of programs. Each takes its operands from the stacks and leaves its result there.
enum class Op : std::uint8_t {
  // clang-format off
  constant, truth, position, time, parameter, field, data,
  add, subtract, multiply, divide, power, minimum, maximum, atan2,
  negate, integer_power, constant_power, table,
  sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, exp, log, log10, sqrt, abs, erf, floor, sign, step,
  less, less_equal, greater, greater_equal, equal, not_equal,
  both, either, opposite,
  choose, number,
  // In programs alone:
  add_constant, multiply_constant, divide_by_constant, constant_minus, constant_over, swap,
  // clang-format on
};

struct Instruction {
  Op op = Op::constant;
  int index = 0;       ///< of a symbol or table, or an integer exponent
  double value = 0.0;  ///< of a constant
};

inline constexpr int max_values = 32;  ///< on the stack of numbers
inline constexpr int max_masks = 16;   ///< on the stack of conditions
inline constexpr int few_values = 6;   ///< enough for nearly all expressions

/// What evaluation and splitting need of one expression.
struct Program {
  std::string text;
  std::vector<Instruction> code;
  std::vector<std::shared_ptr<const Table>> tables;
  int num_values = 1;  ///< largest number of values on the stack
  std::shared_ptr<const Node> tree;
};

/// x^n by repeated multiplication, n != 0.
template <class S>
S integer_power(const S& x, int n) {
  if (n == 2) return x * x;
  unsigned rest = static_cast<unsigned>(n < 0 ? -n : n);
  S square = x;
  for (; rest % 2 == 0; rest /= 2) square = square * square;
  S result = square;
  for (rest /= 2; rest != 0; rest /= 2) {
    square = square * square;
    if (rest % 2 == 1) result = result * square;
  }
  return n < 0 ? S(1.0) / result : result;
}

// A NaN among the operands gives NaN in these three, so that no fault of a coefficient is hidden.
template <class S>
S minimum(const S& a, const S& b) {
  return select(b < a, b, select(a <= b, a, a + b));
}
template <class S>
S maximum(const S& a, const S& b) {
  return select(a < b, b, select(b <= a, a, a + b));
}
template <class S>
S step(const S& x) {
  const S zero(0.0);
  return select(x >= zero, S(1.0), select(x < zero, zero, x * zero));
}

template <class S>
using MaskOf = decltype(std::declval<S>() < std::declval<S>());

/// Runs a program.
/// \param top first free value, room for max(program.num_values)
/// \param mask first free mask, for max_masks
template <class S>
S execute(const Program& program, const ExpressionInputs<S>& in, S* top, MaskOf<S>* mask) {
  using std::exp, std::log, std::log10, std::sqrt, std::abs, std::erf, std::floor, std::pow;
  using std::sin, std::cos, std::tan, std::asin, std::acos, std::atan, std::atan2, std::sinh, std::cosh, std::tanh;
  for (const Instruction& i : program.code) {
    switch (i.op) {
      // clang-format off
      case Op::constant: *top++ = S(i.value); break;
      case Op::truth: break;
      case Op::position: *top++ = in.position[i.index]; break;
      case Op::time: *top++ = in.time; break;
      case Op::parameter: *top++ = in.parameters[i.index]; break;
      case Op::field: *top++ = in.fields[i.index]; break;
      case Op::data: *top++ = in.data[i.index]; break;
      case Op::add: --top; top[-1] = top[-1] + top[0]; break;
      case Op::subtract: --top; top[-1] = top[-1] - top[0]; break;
      case Op::multiply: --top; top[-1] = top[-1] * top[0]; break;
      case Op::divide: --top; top[-1] = top[-1] / top[0]; break;
      case Op::power: --top; top[-1] = pow(top[-1], top[0]); break;
      case Op::minimum: --top; top[-1] = minimum(top[-1], top[0]); break;
      case Op::maximum: --top; top[-1] = maximum(top[-1], top[0]); break;
      case Op::atan2: --top; top[-1] = atan2(top[-1], top[0]); break;
      case Op::negate: top[-1] = -top[-1]; break;
      case Op::integer_power: top[-1] = integer_power(top[-1], i.index); break;
      case Op::constant_power: top[-1] = pow(top[-1], i.value); break;
      case Op::table: top[-1] = interpolate(*program.tables[static_cast<std::size_t>(i.index)], top[-1]); break;
      case Op::sin: top[-1] = sin(top[-1]); break;
      case Op::cos: top[-1] = cos(top[-1]); break;
      case Op::tan: top[-1] = tan(top[-1]); break;
      case Op::asin: top[-1] = asin(top[-1]); break;
      case Op::acos: top[-1] = acos(top[-1]); break;
      case Op::atan: top[-1] = atan(top[-1]); break;
      case Op::sinh: top[-1] = sinh(top[-1]); break;
      case Op::cosh: top[-1] = cosh(top[-1]); break;
      case Op::tanh: top[-1] = tanh(top[-1]); break;
      case Op::exp: top[-1] = exp(top[-1]); break;
      case Op::log: top[-1] = log(top[-1]); break;
      case Op::log10: top[-1] = log10(top[-1]); break;
      case Op::sqrt: top[-1] = sqrt(top[-1]); break;
      case Op::abs: top[-1] = abs(top[-1]); break;
      case Op::erf: top[-1] = erf(top[-1]); break;
      case Op::floor: top[-1] = floor(top[-1]); break;
      case Op::sign: top[-1] = sdk::sign(top[-1]); break;
      case Op::step: top[-1] = step(top[-1]); break;
      case Op::less: top -= 2; *mask++ = top[0] < top[1]; break;
      case Op::less_equal: top -= 2; *mask++ = top[0] <= top[1]; break;
      case Op::greater: top -= 2; *mask++ = top[0] > top[1]; break;
      case Op::greater_equal: top -= 2; *mask++ = top[0] >= top[1]; break;
      case Op::equal: top -= 2; *mask++ = top[0] == top[1]; break;
      case Op::not_equal: top -= 2; *mask++ = top[0] != top[1]; break;
      case Op::both: --mask; mask[-1] = mask[-1] && mask[0]; break;
      case Op::either: --mask; mask[-1] = mask[-1] || mask[0]; break;
      case Op::opposite: mask[-1] = !mask[-1]; break;
      case Op::choose: --top; top[-1] = select(*--mask, top[-1], top[0]); break;
      case Op::number: *top++ = select(*--mask, S(1.0), S(0.0)); break;
      case Op::add_constant: top[-1] = top[-1] + i.value; break;
      case Op::multiply_constant: top[-1] = top[-1] * i.value; break;
      case Op::divide_by_constant: top[-1] = top[-1] / i.value; break;
      case Op::constant_minus: top[-1] = i.value - top[-1]; break;
      case Op::constant_over: top[-1] = i.value / top[-1]; break;
      case Op::swap: std::swap(top[-1], top[-2]); break;
        // clang-format on
    }
  }
  return top[-1];
}

/// Runs a program on stacks of its own.
template <int capacity, class S>
S execute(const Program& program, const ExpressionInputs<S>& in) {
  S values[capacity];
  MaskOf<S> masks[max_masks];
  return execute(program, in, values, masks);
}

}  // namespace detail
}  // namespace ansatz::sdk
