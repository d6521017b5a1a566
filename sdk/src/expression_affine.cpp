#include "expression_tree.hpp"

namespace ansatz::sdk {
namespace {

using detail::Node;
using detail::Op;

bool is_affine(const Node& node, unsigned kind) {
  if ((node.kinds & kind) == 0) return true;
  const auto& args = node.args;
  const auto free = [&](int i) { return (args[i]->kinds & kind) == 0; };
  const auto affine = [&](int i) { return is_affine(*args[i], kind); };
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
      return (free(0) && affine(1)) || (free(1) && affine(0));
    case Op::divide:
      return free(1) && affine(0);
    case Op::negate:
      return affine(0);
    case Op::choose:
      return free(0) && affine(1) && affine(2);
    default:
      return false;
  }
}

}  // namespace

bool is_affine(const Expression& expression, SymbolKind kind) {
  return is_affine(*expression.tree(), 1U << static_cast<int>(kind));
}

}  // namespace ansatz::sdk
