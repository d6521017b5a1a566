#include "expression_tree.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"

namespace ansatz::sdk::detail {
namespace {

constexpr int largest_multiplied_power = 64;

NodePtr finish(Node node) {
  measure(node);
  return std::make_shared<const Node>(std::move(node));
}

bool all_constant(const Node& node) {
  return !node.args.empty() &&
         std::all_of(node.args.begin(), node.args.end(), [](const NodePtr& a) { return is_constant(a); });
}

double evaluate(const NodePtr& tree) { return execute<few_values>(emit(tree), ExpressionInputs<double>{}); }

NodePtr make_truth(bool value) {
  Node node;
  node.op = Op::truth;
  node.value = value ? 1.0 : 0.0;
  return finish(std::move(node));
}

bool is_truth(const NodePtr& a) { return a->op == Op::truth; }

/// The node, or its value where that is a finite constant; what is not finite stays visible as an operation.
NodePtr fold(Node node) {
  const bool constant = all_constant(node);
  const NodePtr tree = finish(std::move(node));
  if (!constant) return tree;
  if (is_mask(tree)) return make_truth(evaluate(make_number(tree)) != 0.0);
  const double value = evaluate(tree);
  return std::isfinite(value) ? make_constant(value) : tree;
}

/// a op b where that is a or b itself, else null.
NodePtr simplified(Op op, const NodePtr& a, const NodePtr& b) {
  switch (op) {
    case Op::add:
      if (is_constant(a, 0.0)) return b;
      return is_constant(b, 0.0) ? a : nullptr;
    case Op::subtract:
      return is_constant(b, 0.0) ? a : nullptr;
    case Op::multiply:
      if (is_constant(a, 1.0)) return b;
      return is_constant(b, 1.0) ? a : nullptr;
    case Op::divide:
      return is_constant(b, 1.0) ? a : nullptr;
    case Op::both:
      if (is_truth(a)) return a->value != 0.0 ? b : a;
      if (is_truth(b)) return b->value != 0.0 ? a : b;
      return nullptr;
    case Op::either:
      if (is_truth(a)) return a->value != 0.0 ? a : b;
      if (is_truth(b)) return b->value != 0.0 ? b : a;
      return nullptr;
    default:
      return nullptr;
  }
}

}  // namespace

NodePtr make_constant(double value) {
  Node node;
  node.value = value;
  return finish(std::move(node));
}

NodePtr make_symbol(const Symbol& symbol, std::string name) {
  if (symbol.kind == SymbolKind::constant) return make_constant(symbol.value);
  Node node;
  switch (symbol.kind) {
    case SymbolKind::position:
      node.op = Op::position;
      break;
    case SymbolKind::time:
      node.op = Op::time;
      break;
    case SymbolKind::parameter:
      node.op = Op::parameter;
      break;
    case SymbolKind::field:
      node.op = Op::field;
      break;
    default:
      node.op = Op::data;
      break;
  }
  node.index = symbol.index;
  node.name = std::move(name);
  node.kinds = 1U << static_cast<int>(symbol.kind);
  return finish(std::move(node));
}

NodePtr make_table(std::shared_ptr<const Table> table, std::string name, NodePtr argument) {
  Node node;
  node.op = Op::table;
  node.name = std::move(name);
  node.table = std::move(table);
  node.args = {std::move(argument)};
  return fold(std::move(node));
}

NodePtr make_unary(Op op, NodePtr a) {
  if (op == Op::negate && a->op == Op::negate) return a->args[0];
  if (op == Op::opposite && a->op == Op::opposite) return a->args[0];
  if (op == Op::opposite && is_truth(a)) return make_truth(a->value == 0.0);
  Node node;
  node.op = op;
  node.args = {std::move(a)};
  return fold(std::move(node));
}

NodePtr make_binary(Op op, NodePtr a, NodePtr b) {
  if (op == Op::power) return make_power(std::move(a), std::move(b));
  if (NodePtr simple = simplified(op, a, b)) return simple;
  Node node;
  node.op = op;
  node.args = {std::move(a), std::move(b)};
  return fold(std::move(node));
}

NodePtr make_power(NodePtr a, NodePtr b) {
  Node node;
  if (!is_constant(b)) {
    node.op = Op::power;
    node.args = {std::move(a), std::move(b)};
    return finish(std::move(node));
  }
  const double exponent = b->value;
  if (exponent == 0.0) return make_constant(1.0);
  if (exponent == 1.0) return a;
  if (std::floor(exponent) == exponent && std::abs(exponent) <= largest_multiplied_power) {
    node.op = Op::integer_power;
    node.index = static_cast<int>(exponent);
  } else {
    node.op = Op::constant_power;
    node.value = exponent;
  }
  node.args = {std::move(a)};
  return fold(std::move(node));
}

NodePtr make_choose(NodePtr condition, NodePtr a, NodePtr b) {
  if (is_truth(condition)) return condition->value != 0.0 ? a : b;
  Node node;
  node.op = Op::choose;
  node.args = {std::move(condition), std::move(a), std::move(b)};
  return finish(std::move(node));
}

NodePtr make_number(NodePtr a) {
  if (is_truth(a)) return make_constant(a->value);
  if (!is_mask(a)) return a;
  Node node;
  node.op = Op::number;
  node.args = {std::move(a)};
  return finish(std::move(node));
}

Op operation(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::position:
      return Op::position;
    case SymbolKind::time:
      return Op::time;
    case SymbolKind::parameter:
      return Op::parameter;
    case SymbolKind::field:
      return Op::field;
    case SymbolKind::data:
      return Op::data;
    case SymbolKind::constant:
      break;
  }
  return Op::constant;
}

}  // namespace ansatz::sdk::detail
