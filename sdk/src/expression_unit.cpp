#include <algorithm>

#include "ansatz/sdk/unit.hpp"
#include "expression_tree.hpp"

namespace ansatz::sdk {
namespace {

using detail::Node;
using detail::Op;
using Result = std::optional<Unit>;

bool is_zero(const Node& node) { return node.op == Op::constant && node.value == 0.0; }

/// Units of trees for given units of symbols.
class Units {
 public:
  explicit Units(const UnitOfSymbol& of_symbol) : of_symbol_(of_symbol) {}

  Result of(const Node& node) const {
    const auto arg = [&](std::size_t i) { return of(*node.args[i]); };
    switch (node.op) {
      case Op::constant:
        return node.value == 1.0 ? Result(Unit()) : std::nullopt;
      case Op::position:
        return of_symbol_(SymbolKind::position, node.index);
      case Op::time:
        return of_symbol_(SymbolKind::time, node.index);
      case Op::parameter:
        return of_symbol_(SymbolKind::parameter, node.index);
      case Op::field:
        return of_symbol_(SymbolKind::field, node.index);
      case Op::data:
        return of_symbol_(SymbolKind::data, node.index);
      case Op::add:
      case Op::subtract:
      case Op::minimum:
      case Op::maximum:
        return common(*node.args[0], *node.args[1]);
      case Op::choose:
        return common(*node.args[1], *node.args[2]);
      case Op::multiply:
        return combined(arg(0), arg(1), 1.0);
      case Op::divide:
        return combined(arg(0), arg(1), -1.0);
      case Op::negate:
      case Op::abs:
        return arg(0);
      case Op::integer_power:
        return raised(arg(0), node.index);
      case Op::constant_power:
        return raised(arg(0), node.value);
      case Op::sqrt:
        return raised(arg(0), 0.5);
      case Op::sign:
      case Op::step:
      case Op::number:
        return Unit();
      case Op::power:
      case Op::atan2:
        return number(arg(0)) && number(arg(1)) ? Result(Unit()) : std::nullopt;
      case Op::sin:
      case Op::cos:
      case Op::tan:
      case Op::asin:
      case Op::acos:
      case Op::atan:
      case Op::sinh:
      case Op::cosh:
      case Op::tanh:
      case Op::exp:
      case Op::log:
      case Op::log10:
      case Op::erf:
      case Op::floor:
        return number(arg(0)) ? Result(Unit()) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

 private:
  static bool number(const Result& unit) { return unit && same(*unit, Unit()); }
  static Result combined(const Result& a, const Result& b, double exponent) {
    return a && b ? Result(*a * power(*b, exponent)) : std::nullopt;
  }
  static Result raised(const Result& a, double exponent) { return a ? Result(power(*a, exponent)) : std::nullopt; }
  Result common(const Node& a, const Node& b) const {
    if (is_zero(b)) return of(a);
    if (is_zero(a)) return of(b);
    const auto first = of(a), second = of(b);
    return first && second && same(*first, *second) ? first : std::nullopt;
  }

  const UnitOfSymbol& of_symbol_;
};

}  // namespace

std::optional<Unit> unit_of(const Expression& expression, const UnitOfSymbol& of_symbol) {
  return Units(of_symbol).of(*expression.tree());
}

}  // namespace ansatz::sdk
