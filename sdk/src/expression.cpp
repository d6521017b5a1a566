#include "ansatz/sdk/expression.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <unordered_set>

#include "ansatz/sdk/error.hpp"
#include "expression_parser.hpp"
#include "expression_tree.hpp"

namespace ansatz::sdk {
namespace {

using detail::Node;
using detail::NodePtr;
using detail::Op;
using detail::operation;

}  // namespace

SymbolTable SymbolTable::space_time(int dimension) {
  constexpr std::array names{"x", "y", "z"};
  SymbolTable table;
  for (int i = 0; i < dimension; ++i) table.add_position(names.at(static_cast<std::size_t>(i)), i);
  table.add_time("t");
  return table;
}

void SymbolTable::check_new(const std::string& name) const {
  const auto fail = [&](const std::string& what, const std::string& hint) {
    throw Error(ErrorKind::case_file, "\"" + name + "\" " + what, {}, hint);
  };
  if (!detail::is_identifier(name))
    fail("cannot be a name in expressions", "use letters, digits and _, with a letter first");
  if (detail::is_keyword(name) || detail::is_function(name) || name == "pi") {
    fail("is a reserved name", "it means an operator, a function or a constant in expressions");
  }
  if (find(name) != nullptr || find_table(name))
    fail("is defined twice", "names of expressions are unique: rename one");
}

void SymbolTable::add(const std::string& name, const Symbol& symbol) {
  check_new(name);
  symbols_.emplace(name, symbol);
}

void SymbolTable::add_table(const std::string& name, Table table) {
  check_new(name);
  table.name = name;
  detail::check_points(table);
  tables_.emplace(name, std::make_shared<const Table>(std::move(table)));
}

const Symbol* SymbolTable::find(std::string_view name) const {
  const auto at = symbols_.find(name);
  return at == symbols_.end() ? nullptr : &at->second;
}

std::shared_ptr<const Table> SymbolTable::find_table(std::string_view name) const {
  const auto at = tables_.find(name);
  return at == tables_.end() ? nullptr : at->second;
}

std::vector<std::string> SymbolTable::names() const {
  std::vector<std::string> out;
  for (const auto& [name, symbol] : symbols_) out.push_back(name);
  for (const auto& [name, table] : tables_) out.push_back(name);
  std::sort(out.begin(), out.end());
  return out;
}

Expression::Expression() : Expression(0.0) {}

Expression::Expression(double constant) : Expression(detail::make_constant(constant), detail::print_number(constant)) {}

Expression::Expression(NodePtr tree, std::string text)
    : is_constant_(detail::is_constant(tree)), kinds_(tree->kinds), constant_(is_constant_ ? tree->value : 0.0) {
  detail::Program program = detail::emit(tree);
  program.text = std::move(text);
  program.tree = std::move(tree);
  program_ = std::make_shared<const detail::Program>(std::move(program));
}

Expression Expression::compile(std::string_view text, const SymbolTable& symbols, const std::string& where) {
  const NodePtr tree = detail::parse(text, symbols, where);
  try {
    return Expression(tree, std::string(text));
  } catch (const Error& error) {
    throw Error(error.kind(), error.what(), where, error.hint());
  }
}

std::vector<int> Expression::indices_used(SymbolKind kind) const {
  std::set<int> used;
  const Op wanted = operation(kind);
  for (const detail::Instruction& i : program_->code) {
    if (i.op == wanted && wanted != Op::constant) used.insert(i.index);
  }
  return {used.begin(), used.end()};
}

}  // namespace ansatz::sdk
