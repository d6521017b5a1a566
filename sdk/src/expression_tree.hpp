#pragma once
/// Syntax trees of expressions: immutable, shared, folded as they are built.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ansatz/sdk/expression.hpp"

namespace ansatz::sdk::detail {

using NodePtr = std::shared_ptr<const Node>;

struct Node {
  Op op = Op::constant;
  int index = 0;                       ///< of a symbol; exponent of integer_power
  double value = 0.0;                  ///< of a constant or truth (0 or 1); exponent of constant_power
  std::string name;                    ///< of a symbol or table
  std::shared_ptr<const Table> table;  ///< of a table
  std::vector<NodePtr> args;

  unsigned kinds = 0;  ///< bit of each SymbolKind that occurs below
  int height = 1;
  double size = 1;     ///< number of nodes, shared ones counted each time
  int num_values = 1;  ///< needed on the stack of numbers
  int num_masks = 0;   ///< needed on the stack of conditions
};

inline bool is_constant(const NodePtr& a) { return a->op == Op::constant; }
inline bool is_constant(const NodePtr& a, double value) { return is_constant(a) && a->value == value; }
inline bool depends_on_parameters(const NodePtr& a) {
  return (a->kinds >> static_cast<int>(SymbolKind::parameter) & 1U) != 0;
}
inline bool depends_on_others(const NodePtr& a) {
  return (a->kinds & ~(1U << static_cast<int>(SymbolKind::parameter))) != 0;
}
/// A condition rather than a number.
inline bool is_mask(Op op) { return op == Op::truth || (op >= Op::less && op <= Op::opposite); }
inline bool is_mask(const NodePtr& a) { return is_mask(a->op); }

/// Of the nodes that are symbols of this kind.
Op operation(SymbolKind kind);

NodePtr make_constant(double value);
NodePtr make_symbol(const Symbol& symbol, std::string name);
NodePtr make_table(std::shared_ptr<const Table> table, std::string name, NodePtr argument);
/// Functions of one number, negate and opposite.
NodePtr make_unary(Op op, NodePtr a);
/// Arithmetic, comparisons, both, either.
NodePtr make_binary(Op op, NodePtr a, NodePtr b);
/// a^b: repeated multiplication for integers up to 64.
NodePtr make_power(NodePtr a, NodePtr b);
NodePtr make_choose(NodePtr condition, NodePtr a, NodePtr b);
/// 1 where the condition holds, else 0; a number is returned as it is.
NodePtr make_number(NodePtr a);

/// Text that compiles to the same tree.
std::string print(const NodePtr& tree);
/// Equal for trees that are equal up to the order of sums and products.
std::string key(const NodePtr& tree);
/// As written in a case file: "sin", "<=", "and"; empty where it has no name.
std::string_view spelling(Op op);
/// Shortest text that reads back as the same number.
std::string print_number(double value);

/// Interval that contains every value of a tree in the first parameter alone, rounded outwards; not subdivided.
std::pair<double, double> enclosure(const NodePtr& tree, double low, double high);

/// Heavier operand first, so that the stacks stay low. \throws Error of kind case_file where they do not suffice.
Program emit(const NodePtr& tree);
/// Sets kinds, height, size and the stack needs from the operands.
void measure(Node& node);

}  // namespace ansatz::sdk::detail
