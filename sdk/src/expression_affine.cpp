#include "ansatz/sdk/expression_affine.hpp"

#include <algorithm>

#include "expression_tree.hpp"

namespace ansatz::sdk {
namespace {

using detail::Node;
using detail::Op;
using detail::operation;

/// The symbols in question.
struct Symbols {
  Op op;
  int end;

  bool occur_in(const Node& node) const {
    return (node.op == op && node.index < end) ||
           std::ranges::any_of(node.args, [this](const auto& arg) { return occur_in(*arg); });
  }
};

bool is_affine(const Node& node, const Symbols& symbols) {
  if (!symbols.occur_in(node)) return true;
  const auto& args = node.args;
  const auto without = [&](int i) { return !symbols.occur_in(*args[i]); };
  const auto affine = [&](int i) { return is_affine(*args[i], symbols); };
  switch (node.op) {
    case Op::position:
    case Op::time:
    case Op::parameter:
    case Op::field:
    case Op::data:
      return true;
    case Op::add:
    case Op::subtract:
      return affine(0) && affine(1);
    case Op::multiply:
      return (without(0) && affine(1)) || (without(1) && affine(0));
    case Op::divide:
      return without(1) && affine(0);
    case Op::negate:
      return affine(0);
    case Op::choose:
      return without(0) && affine(1) && affine(2);
    default:
      return false;
  }
}

}  // namespace

bool is_affine(const Expression& expression, SymbolKind kind, int end) {
  return is_affine(*expression.tree(), {operation(kind), end});
}

}  // namespace ansatz::sdk
