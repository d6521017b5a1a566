#include "expression_parser.hpp"

#include <algorithm>
#include <array>
#include <numbers>
#include <vector>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/expression_functions.hpp"
#include "ansatz/sdk/text.hpp"
#include "expression_lexer.hpp"

namespace ansatz::sdk::detail {
namespace {

constexpr int deepest_nesting = 500;  // of operands within operands
constexpr int highest_tree = 1000;    // also of a chain such as a + b + c + ...

/// Binding strengths; an operand of a prefix operator binds at least as strongly as the operator.
enum Power { weakest = 0, ternary, either, both, opposite, comparison, sum, product, sign, power };

struct Infix {
  std::string_view text;
  Op op;
  int power;
};

constexpr std::array<Infix, 14> infixes{{
    {"or", Op::either, either},
    {"and", Op::both, both},
    {"<", Op::less, comparison},
    {"<=", Op::less_equal, comparison},
    {">", Op::greater, comparison},
    {">=", Op::greater_equal, comparison},
    {"==", Op::equal, comparison},
    {"!=", Op::not_equal, comparison},
    {"+", Op::add, sum},
    {"-", Op::subtract, sum},
    {"*", Op::multiply, product},
    {"/", Op::divide, product},
    {"^", Op::power, power},
    {"?", Op::choose, ternary},
}};

struct Function {
  ExpressionFunction info;
  Op op;
};

constexpr std::size_t many = 1000;
constexpr std::array<Function, 23> functions{{
    {{"sin", 1, 1, "sine, of radians"}, Op::sin},
    {{"cos", 1, 1, "cosine"}, Op::cos},
    {{"tan", 1, 1, "tangent"}, Op::tan},
    {{"asin", 1, 1, "inverse sine"}, Op::asin},
    {{"acos", 1, 1, "inverse cosine"}, Op::acos},
    {{"atan", 1, 1, "inverse tangent"}, Op::atan},
    {{"atan2", 2, 2, "atan2(y, x): the angle of the point (x, y)"}, Op::atan2},
    {{"sinh", 1, 1, "hyperbolic sine"}, Op::sinh},
    {{"cosh", 1, 1, "hyperbolic cosine"}, Op::cosh},
    {{"tanh", 1, 1, "hyperbolic tangent"}, Op::tanh},
    {{"exp", 1, 1, "exponential"}, Op::exp},
    {{"log", 1, 1, "natural logarithm"}, Op::log},
    {{"log10", 1, 1, "logarithm to base 10"}, Op::log10},
    {{"sqrt", 1, 1, "square root"}, Op::sqrt},
    {{"abs", 1, 1, "absolute value"}, Op::abs},
    {{"sign", 1, 1, "-1, 0 or 1"}, Op::sign},
    {{"min", 2, many, "least of its arguments"}, Op::minimum},
    {{"max", 2, many, "largest of its arguments"}, Op::maximum},
    {{"pow", 2, 2, "pow(x, y) = x^y"}, Op::power},
    {{"erf", 1, 1, "error function"}, Op::erf},
    {{"floor", 1, 1, "largest integer that is not above"}, Op::floor},
    {{"step", 1, 1, "1 from 0 on, 0 below"}, Op::step},
    {{"if", 3, 3, "if(condition, a, b), as condition ? a : b"}, Op::choose},
}};

const Function* find_function(std::string_view name) {
  const auto at =
      std::find_if(functions.begin(), functions.end(), [&](const Function& f) { return f.info.name == name; });
  return at == functions.end() ? nullptr : &*at;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t most = 60;
  return '"' + std::string(text.substr(0, most)) + (text.size() > most ? "...\"" : "\"");
}

class Parser {
 public:
  Parser(std::string_view text, const SymbolTable& symbols, const std::string& where)
      : lexer_(text, where), symbols_(symbols), token_(lexer_.next()) {}

  NodePtr run() {
    if (token_.kind == TokenKind::end) lexer_.fail(token_, "the expression is empty", "write a number, such as 0");
    const NodePtr tree = make_number(parse(weakest));
    if (token_.kind != TokenKind::end) unexpected();
    return tree;
  }

 private:
  bool at_mark(std::string_view mark) const { return token_.kind == TokenKind::mark && token_.text == mark; }

  Token take() {
    const Token token = token_;
    token_ = lexer_.next();
    return token;
  }

  /// The infix operator at the present token, or null.
  const Infix* infix() const {
    if (token_.kind != TokenKind::mark && token_.kind != TokenKind::name) return nullptr;
    const auto at = std::find_if(infixes.begin(), infixes.end(), [&](const Infix& i) { return i.text == token_.text; });
    return at == infixes.end() ? nullptr : &*at;
  }

  [[noreturn]] void unexpected() const {
    if (token_.kind == TokenKind::end)
      lexer_.fail(token_, "the expression ends too early", "something is missing after this");
    const bool operand = token_.kind == TokenKind::number || token_.kind == TokenKind::name || at_mark("(");
    std::string hint = operand ? "is an operator missing? A product is written 2*x" : "";
    if (at_mark("**")) hint = "a power is written x^2";
    if (at_mark(")")) hint = "no parenthesis is open here, or something is missing before it";
    lexer_.fail(token_, "unexpected " + quoted(token_.text), hint);
  }

  /// Everything from here that binds at least as strongly as `least`.
  NodePtr parse(int least) {
    if (++depth_ > deepest_nesting) {
      lexer_.fail(token_, "the expression is nested too deeply",
                  "simplify it, or give it as a table or a field read from a file");
    }
    NodePtr left = prefix();
    for (const Infix* i = infix(); i != nullptr && i->power >= least; i = infix()) left = combine(std::move(left), *i);
    --depth_;
    return left;
  }

  NodePtr prefix() {
    if (at_mark("-") || at_mark("+")) {
      const Token at = take();
      const NodePtr a = make_number(parse(sign));
      return at.text == "-" ? checked(at, make_unary(Op::negate, a)) : a;
    }
    if (token_.kind == TokenKind::name && token_.text == "not") {
      take();
      const Token at = token_;
      return checked(at, make_unary(Op::opposite, condition(at, parse(opposite))));
    }
    return primary();
  }

  NodePtr primary() {
    const Token at = token_;
    if (at.kind == TokenKind::number) {
      take();
      return make_constant(at.value);
    }
    if (at.kind == TokenKind::name && !is_keyword(at.text)) {
      take();
      return at_mark("(") ? call(at) : symbol(at);
    }
    if (!at_mark("(")) unexpected();
    take();
    NodePtr inner = parse(weakest);
    if (!at_mark(")")) {
      if (token_.kind != TokenKind::end) unexpected();
      lexer_.fail(at, "this parenthesis is never closed");
    }
    take();
    return inner;
  }

  NodePtr symbol(const Token& at) const {
    const std::string name(at.text);
    if (const Symbol* found = symbols_.find(at.text)) return make_symbol(*found, name);
    if (name == "pi") return make_constant(std::numbers::pi);
    if (name == "e") return make_constant(std::numbers::e);
    if (is_function(at.text) || symbols_.find_table(at.text)) {
      lexer_.fail(at, quoted(at.text) + " needs an argument in parentheses", "write " + name + "(x)");
    }
    std::vector<std::string> names = symbols_.names();
    names.insert(names.end(), {"pi", "e"});
    const std::string hint = did_you_mean(at.text, names);
    lexer_.fail(at, "unknown name " + quoted(at.text), hint.empty() ? known_names() : hint);
  }

  std::string known_names() const {
    std::string list;
    for (const std::string& name : symbols_.names()) list += (list.empty() ? "known here: " : ", ") + name;
    constexpr std::size_t most = 200;
    return list.size() > most ? list.substr(0, most) + "..." : list;
  }

  NodePtr call(const Token& at) {
    const auto table = symbols_.find_table(at.text);
    const Function* function = table ? nullptr : find_function(at.text);
    if (!table && function == nullptr) unknown_function(at);
    const std::vector<NodePtr> arguments = argument_list(at, function != nullptr && function->op == Op::choose);
    const std::size_t fewest = table ? 1 : function->info.fewest;
    if (arguments.size() < fewest || arguments.size() > (table ? 1 : function->info.most)) {
      lexer_.fail(at, quoted(at.text) + " takes " + std::to_string(fewest) +
                          (table || function->info.most != many ? "" : " or more") +
                          (fewest == 1 ? " argument" : " arguments") + ", here it has " +
                          std::to_string(arguments.size()));
    }
    if (table) return checked(at, make_table(table, std::string(at.text), arguments[0]));
    if (function->op == Op::choose) return checked(at, make_choose(arguments[0], arguments[1], arguments[2]));
    if (function->info.most == 1) return checked(at, make_unary(function->op, arguments[0]));
    NodePtr result = arguments[0];
    for (std::size_t i = 1; i < arguments.size(); ++i)
      result = checked(at, make_binary(function->op, result, arguments[i]));
    return result;
  }

  [[noreturn]] void unknown_function(const Token& at) const {
    const std::string name(at.text.substr(0, 60));
    if (symbols_.find(at.text) != nullptr || name == "pi" || name == "e") {
      lexer_.fail(at, quoted(at.text) + " is not a function", "a product is written " + name + "*(...)");
    }
    std::vector<std::string> names = symbols_.names();
    std::erase_if(names, [&](const std::string& n) { return !symbols_.find_table(n); });
    for (const Function& f : functions) names.emplace_back(f.info.name);
    lexer_.fail(at, "unknown function " + quoted(at.text), did_you_mean(at.text, names));
  }

  std::vector<NodePtr> argument_list(const Token& name, bool begins_with_condition) {
    const Token open = take();
    std::vector<NodePtr> arguments;
    if (at_mark(")")) lexer_.fail(name, quoted(name.text) + " has no argument");
    while (true) {
      const Token at = token_;
      NodePtr argument = parse(weakest);
      const bool is_condition = begins_with_condition && arguments.empty();
      arguments.push_back(is_condition ? condition(at, std::move(argument)) : make_number(std::move(argument)));
      if (at_mark(")")) break;
      if (token_.kind == TokenKind::end) lexer_.fail(open, "this parenthesis is never closed");
      if (!at_mark(",")) unexpected();
      take();
    }
    take();
    return arguments;
  }

  NodePtr condition(const Token& at, NodePtr a) const {
    if (!is_mask(a)) lexer_.fail(at, "a condition is expected here, this is a number", "compare it, for example x > 0");
    return a;
  }

  NodePtr combine(NodePtr left, const Infix& i) {
    const Token at = take();
    if (i.op == Op::choose) return ternary_rest(at, condition(at, std::move(left)));
    // Powers group from the right and take a sign after ^; everything else groups from the left.
    NodePtr right = parse(i.power == power ? sign : i.power + 1);
    if (i.power == both || i.power == either) {
      return checked(at, make_binary(i.op, condition(at, std::move(left)), condition(at, std::move(right))));
    }
    const Infix* next = infix();
    if (i.power == comparison && next != nullptr && next->power == comparison) {
      lexer_.fail(token_, "comparisons cannot be chained", "write 0 < x and x < 1");
    }
    return checked(at, make_binary(i.op, make_number(std::move(left)), make_number(std::move(right))));
  }

  NodePtr ternary_rest(const Token& at, NodePtr chosen_by) {
    NodePtr a = make_number(parse(ternary));
    if (!at_mark(":")) lexer_.fail(token_, "a : is expected here", "a choice is written condition ? a : b");
    take();
    return checked(at, make_choose(std::move(chosen_by), std::move(a), make_number(parse(ternary))));
  }

  /// \throws Error where an operation on constants has no finite value, or the tree is too high.
  NodePtr checked(const Token& at, NodePtr a) const {
    if (a->height > highest_tree) {
      lexer_.fail(at, "the expression is a chain of more than " + std::to_string(highest_tree) + " operations",
                  "group a long sum by parentheses, or give it as a table or a field read from a file");
    }
    const bool numbers =
        !a->args.empty() && std::all_of(a->args.begin(), a->args.end(), [](const auto& b) { return is_constant(b); });
    if (!numbers) return a;
    if (a->op == Op::table) {
      lexer_.fail(at, "table " + quoted(a->name) + " is not defined at " + print_number(a->args[0]->value),
                  "it reaches from " + print_number(a->table->x.front()) + " to " + print_number(a->table->x.back()));
    }
    lexer_.fail(at, "this operation on constants has no finite value");
  }

  Lexer lexer_;
  const SymbolTable& symbols_;
  Token token_;
  int depth_ = 0;
};

}  // namespace

bool is_keyword(std::string_view name) { return name == "and" || name == "or" || name == "not"; }
bool is_function(std::string_view name) { return find_function(name) != nullptr; }
bool is_identifier(std::string_view name) { return !name.empty() && name_length(name) == name.size(); }

NodePtr parse(std::string_view text, const SymbolTable& symbols, const std::string& where) {
  return Parser(text, symbols, where).run();
}

}  // namespace ansatz::sdk::detail

namespace ansatz::sdk {

std::span<const ExpressionFunction> expression_functions() {
  static const auto list = [] {
    std::array<ExpressionFunction, detail::functions.size()> out;
    std::ranges::transform(detail::functions, out.begin(), [](const auto& function) { return function.info; });
    return out;
  }();
  return list;
}

}  // namespace ansatz::sdk
