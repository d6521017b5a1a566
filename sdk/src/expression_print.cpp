// Canonical text and comparison keys of syntax trees.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "expression_tree.hpp"

namespace ansatz::sdk::detail {
namespace {

constexpr std::array<std::pair<Op, std::string_view>, 36> spellings{{
    {Op::add, "+"},         {Op::subtract, "-"},  {Op::multiply, "*"},       {Op::divide, "/"},
    {Op::power, "^"},       {Op::minimum, "min"}, {Op::maximum, "max"},      {Op::atan2, "atan2"},
    {Op::negate, "-"},      {Op::sin, "sin"},     {Op::cos, "cos"},          {Op::tan, "tan"},
    {Op::asin, "asin"},     {Op::acos, "acos"},   {Op::atan, "atan"},        {Op::sinh, "sinh"},
    {Op::cosh, "cosh"},     {Op::tanh, "tanh"},   {Op::exp, "exp"},          {Op::log, "log"},
    {Op::log10, "log10"},   {Op::sqrt, "sqrt"},   {Op::abs, "abs"},          {Op::erf, "erf"},
    {Op::floor, "floor"},   {Op::sign, "sign"},   {Op::step, "step"},        {Op::less, "<"},
    {Op::less_equal, "<="}, {Op::greater, ">"},   {Op::greater_equal, ">="}, {Op::equal, "=="},
    {Op::not_equal, "!="},  {Op::both, "and"},    {Op::either, "or"},        {Op::opposite, "not"},
}};

/// Binding strength of what print() writes.
enum Level {
  level_or = 2,
  level_and,
  level_not,
  level_comparison,
  level_sum,
  level_product,
  level_sign,
  level_power,
  level_atom
};

int level(const Node& node) {
  switch (node.op) {
    case Op::either:
      return level_or;
    case Op::both:
      return level_and;
    case Op::opposite:
      return level_not;
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
    case Op::equal:
    case Op::not_equal:
      return level_comparison;
    case Op::add:
    case Op::subtract:
      return level_sum;
    case Op::multiply:
    case Op::divide:
      return level_product;
    case Op::negate:
      return level_sign;
    case Op::constant:
      return node.value < 0.0 ? level_sign : level_atom;
    case Op::power:
    case Op::integer_power:
    case Op::constant_power:
      return level_power;
    default:
      return level_atom;
  }
}

class Printer {
 public:
  std::string take() { return std::move(out_); }

  void print(const Node& node) {
    switch (node.op) {
      case Op::constant:
        out_ += print_number(node.value);
        return;
      case Op::truth:
        out_ += node.value != 0.0 ? "(0 == 0)" : "(0 != 0)";
        return;
      case Op::position:
      case Op::time:
      case Op::parameter:
      case Op::field:
      case Op::data:
        out_ += node.name;
        return;
      case Op::choose:
        call("if", node);
        return;
      case Op::table:
        call(node.name, node);
        return;
      case Op::number:
        parenthesised(*node.args[0]);
        return;
      case Op::negate:
      case Op::opposite:
        out_ += spelling(node.op);
        if (node.op == Op::opposite) out_ += ' ';
        operand(*node.args[0], level(node));
        return;
      case Op::power:
        operand(*node.args[0], level_atom);
        out_ += '^';
        operand(*node.args[1], level_sign);
        return;
      case Op::integer_power:
      case Op::constant_power:
        operand(*node.args[0], level_atom);
        out_ += '^' + print_number(node.op == Op::integer_power ? node.index : node.value);
        return;
      default:
        break;
    }
    if (level(node) == level_atom) {
      call(spelling(node.op), node);
    } else {
      infix(node);
    }
  }

 private:
  void infix(const Node& node) {
    const int own = level(node);
    operand(*node.args[0], own == level_comparison ? own + 1 : own);
    const bool tight = own == level_product;
    if (!tight) out_ += ' ';
    out_ += spelling(node.op);
    if (!tight) out_ += ' ';
    operand(*node.args[1], own + 1);
  }

  void operand(const Node& node, int least) {
    if (level(node) >= least) {
      print(node);
    } else {
      parenthesised(node);
    }
  }

  void parenthesised(const Node& node) {
    out_ += '(';
    print(node);
    out_ += ')';
  }

  void call(std::string_view name, const Node& node) {
    out_ += name;
    out_ += '(';
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      if (i > 0) out_ += ", ";
      print(*node.args[i]);
    }
    out_ += ')';
  }

  std::string out_;
};

void collect_terms(const NodePtr& node, bool negative, std::vector<std::string>& terms) {
  if (node->op == Op::add || node->op == Op::subtract) {
    collect_terms(node->args[0], negative, terms);
    collect_terms(node->args[1], negative != (node->op == Op::subtract), terms);
  } else if (node->op == Op::negate) {
    collect_terms(node->args[0], !negative, terms);
  } else {
    terms.push_back(negative ? "-" : "+");
    terms.back() += key(node);
  }
}

void collect_factors(const NodePtr& node, std::vector<std::string>& factors) {
  if (node->op == Op::multiply) {
    collect_factors(node->args[0], factors);
    collect_factors(node->args[1], factors);
  } else {
    factors.push_back(key(node));
  }
}

std::string joined(std::string_view name, std::vector<std::string> parts, bool sorted) {
  if (sorted) std::sort(parts.begin(), parts.end());
  std::string out = "[";
  out += name;
  for (const std::string& part : parts) out += ' ' + part;
  return out + ']';
}

}  // namespace

std::string_view spelling(Op op) {
  const auto at =
      std::find_if(spellings.begin(), spellings.end(), [op](const auto& entry) { return entry.first == op; });
  return at == spellings.end() ? std::string_view() : at->second;
}

std::string print_number(double value) {
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), result.ptr);
}

std::string print(const NodePtr& tree) {
  Printer printer;
  printer.print(*tree);
  return printer.take();
}

std::string key(const NodePtr& tree) {
  std::vector<std::string> parts;
  switch (tree->op) {
    case Op::add:
    case Op::subtract:
    case Op::negate:
      collect_terms(tree, false, parts);
      return joined("+", parts, true);
    case Op::multiply:
      collect_factors(tree, parts);
      return joined("*", parts, true);
    default:
      break;
  }
  if (tree->args.empty()) return print(tree);
  for (const NodePtr& argument : tree->args) parts.push_back(key(argument));
  std::string name(spelling(tree->op));
  if (tree->op == Op::table) name = "table " + tree->name;
  if (tree->op == Op::integer_power) name = '^' + std::to_string(tree->index);
  if (tree->op == Op::constant_power) name = '^' + print_number(tree->value);
  if (tree->op == Op::choose) name = "if";
  if (tree->op == Op::number) name = "number";
  return joined(name, parts, false);
}

}  // namespace ansatz::sdk::detail
