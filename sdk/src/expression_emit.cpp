// From syntax trees to postfix programs.
#include <algorithm>
#include <array>

#include "ansatz/sdk/error.hpp"
#include "expression_tree.hpp"

namespace ansatz::sdk::detail {
namespace {

bool is_binary(Op op) { return (op >= Op::add && op <= Op::atan2) || (op >= Op::less && op <= Op::not_equal); }

/// Operands of a binary operation on numbers, the one that needs more values first.
bool second_is_heavier(const Node& node, std::size_t first, std::size_t second) {
  return node.args[second]->num_values > node.args[first]->num_values;
}

bool second_mask_is_heavier(const Node& node) { return node.args[1]->num_masks > node.args[0]->num_masks; }

/// Values for two numbers, the heavier evaluated first.
int pair_of_values(const Node& a, const Node& b) {
  return std::max({a.num_values, b.num_values, 1 + std::min(a.num_values, b.num_values)});
}

/// Whether a deep condition of a choice is evaluated before the two numbers rather than after them.
bool condition_first(const Node& node) {
  return node.args[0]->num_values > pair_of_values(*node.args[1], *node.args[2]);
}

/// add_constant and its kin where one operand is a constant; constant where there is no such operation.
Op with_constant(const Node& node) {
  const bool left = is_constant(node.args[0]);
  const bool right = is_constant(node.args[1]);
  if (left == right) return Op::constant;  // two constants stay where their value is not finite
  switch (node.op) {
    case Op::add:
      return Op::add_constant;
    case Op::subtract:
      return left ? Op::constant_minus : Op::add_constant;
    case Op::multiply:
      return Op::multiply_constant;
    case Op::divide:
      return left ? Op::constant_over : Op::divide_by_constant;
    default:
      return Op::constant;
  }
}

void measure_stacks(Node& node) {
  if (is_binary(node.op)) {
    const Node& a = *node.args[0];
    const Node& b = *node.args[1];
    node.num_values = pair_of_values(a, b);
    if (with_constant(node) != Op::constant) node.num_values = is_constant(node.args[0]) ? b.num_values : a.num_values;
    node.num_masks = std::max({a.num_masks, b.num_masks, is_mask(node.op) ? 1 : 0});
  } else if (node.op == Op::both || node.op == Op::either) {
    const int a = node.args[0]->num_masks;
    const int b = node.args[1]->num_masks;
    node.num_masks = std::max({a, b, 1 + std::min(a, b)});
    node.num_values = std::max(node.args[0]->num_values, node.args[1]->num_values);
  } else if (node.op == Op::choose) {
    const Node& condition = *node.args[0];
    const int numbers = pair_of_values(*node.args[1], *node.args[2]);
    const int masks = std::max(node.args[1]->num_masks, node.args[2]->num_masks);
    const bool first = condition_first(node);
    node.num_values = std::max(numbers, condition.num_values + (first ? 0 : 2));
    node.num_masks = std::max(condition.num_masks, masks + (first ? 1 : 0));
  } else if (!node.args.empty()) {
    node.num_values = node.args[0]->num_values;
    node.num_masks = node.args[0]->num_masks;
  }
}

class Emitter {
 public:
  explicit Emitter(Program& program) : program_(program) {}

  void emit(const Node& node) {
    if (is_binary(node.op)) {
      binary(node);
    } else if (node.op == Op::choose) {
      if (condition_first(node)) emit(*node.args[0]);
      numbers(node, 1, 2);
      if (!condition_first(node)) emit(*node.args[0]);
      add(node.op);
    } else if (node.op == Op::both || node.op == Op::either) {
      emit(*node.args[second_mask_is_heavier(node) ? 1 : 0]);
      emit(*node.args[second_mask_is_heavier(node) ? 0 : 1]);
      add(node.op);
    } else {
      for (const NodePtr& argument : node.args) emit(*argument);
      add(node.op, node.op == Op::table ? table(node.table) : node.index, node.value);
    }
  }

 private:
  void add(Op op, int index = 0, double value = 0.0) { program_.code.push_back({op, index, value}); }

  int table(const std::shared_ptr<const Table>& table) {
    auto& tables = program_.tables;
    const auto at = std::find(tables.begin(), tables.end(), table);
    if (at == tables.end()) {
      tables.push_back(table);
      return static_cast<int>(tables.size()) - 1;
    }
    return static_cast<int>(at - tables.begin());
  }

  void numbers(const Node& node, std::size_t first, std::size_t second) {
    const bool turn = second_is_heavier(node, first, second);
    emit(*node.args[turn ? second : first]);
    emit(*node.args[turn ? first : second]);
    if (turn) add(Op::swap);
  }

  void binary(const Node& node) {
    const Op op = with_constant(node);
    if (op == Op::constant) {
      numbers(node, 0, 1);
      add(node.op);
      return;
    }
    const bool left = is_constant(node.args[0]);
    emit(*node.args[left ? 1 : 0]);
    const double value = node.args[left ? 0 : 1]->value;
    add(op, 0, node.op == Op::subtract && !left ? -value : value);
  }

  Program& program_;
};

}  // namespace

void measure(Node& node) {
  for (const NodePtr& argument : node.args) {
    node.kinds |= argument->kinds;
    node.height = std::max(node.height, 1 + argument->height);
    node.size += argument->size;
  }
  measure_stacks(node);
}

Program emit(const NodePtr& tree) {
  if (tree->num_values > max_values || tree->num_masks > max_masks) {
    throw Error(ErrorKind::case_file, "the expression is nested too deeply to be evaluated", {},
                "name parts of it, for example as fields read from a file or as tables");
  }
  Program program;
  program.num_values = std::max(tree->num_values, 1);
  Emitter(program).emit(*tree);
  return program;
}

}  // namespace ansatz::sdk::detail
