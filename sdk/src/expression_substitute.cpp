// New expressions from old ones: symbols replaced by numbers, linear combinations.
#include "ansatz/sdk/error.hpp"
#include "expression_tree.hpp"

namespace ansatz::sdk {
namespace {

using namespace detail;

/// The same operation on other operands; folded.
NodePtr rebuilt(const Node& node, std::vector<NodePtr> args) {
  switch (node.op) {
    case Op::table:
      return make_table(node.table, node.name, args[0]);
    case Op::choose:
      return make_choose(args[0], args[1], args[2]);
    case Op::number:
      return make_number(args[0]);
    case Op::integer_power:
      return make_power(args[0], make_constant(node.index));
    case Op::constant_power:
      return make_power(args[0], make_constant(node.value));
    default:
      return args.size() == 1 ? make_unary(node.op, args[0]) : make_binary(node.op, args[0], args[1]);
  }
}

/// \param leaf what takes the place of a symbol
template <class Leaf>
NodePtr replaced(const NodePtr& node, SymbolKind kind, const Leaf& leaf) {
  if ((node->kinds >> static_cast<int>(kind) & 1U) == 0) return node;
  if (node->args.empty()) return leaf(node);
  std::vector<NodePtr> args;
  for (const auto& arg : node->args) args.push_back(replaced(arg, kind, leaf));
  return rebuilt(*node, std::move(args));
}

}  // namespace

Expression substitute(const Expression& expression, SymbolKind kind, std::span<const double> values) {
  const NodePtr tree = replaced(expression.tree(), kind, [&](const NodePtr& node) {
    const auto index = static_cast<std::size_t>(kind == SymbolKind::time ? 0 : node->index);
    if (index < values.size()) return make_constant(values[index]);
    throw Error(ErrorKind::internal, "there is no value for the symbol " + node->name, "sdk::substitute");
  });
  return {tree, print(tree)};
}

Expression with_time_as_parameter(const Expression& expression, int index) {
  if (!expression.depends_on(SymbolKind::time)) return expression;
  const NodePtr tree = replaced(expression.tree(), SymbolKind::time, [&](const NodePtr& node) {
    return make_symbol({SymbolKind::parameter, index}, node->name);
  });
  return {tree, print(tree)};
}

Expression with_parameter_as_time(const Expression& expression, int index) {
  const NodePtr tree = replaced(expression.tree(), SymbolKind::parameter, [&](const NodePtr& node) {
    return node->index == index ? make_symbol({SymbolKind::time, 0}, node->name) : node;
  });
  return {tree, print(tree)};
}

Expression linear_combination(std::span<const double> factors, std::span<const Expression> expressions) {
  NodePtr sum = make_constant(0.0);
  for (std::size_t k = 0; k < expressions.size(); ++k) {
    if (factors[k] == 0.0) continue;
    sum = make_binary(Op::add, sum, make_binary(Op::multiply, make_constant(factors[k]), expressions[k].tree()));
  }
  return {sum, print(sum)};
}

}  // namespace ansatz::sdk
