#pragma once
/// Expressions of a case file: compiled once, evaluated for any scalar, split into parameter and space parts.
///
///   SymbolTable symbols = SymbolTable::space_time(2);
///   symbols.add_parameter("k", 0);
///   const auto e = Expression::compile("1 + k*sin(pi*x)", symbols, "case.toml:7:12");
///   const double position[] = {0.5, 0.0}, parameters[] = {3.0};
///   e.evaluate<double>({.position = position, .parameters = parameters});  // 4
///
/// Grammar, from the weakest to the strongest operator:
///   cond ? a : b      or      and      not      < <= > >= == !=      + -      * /      unary - +      ^ (right to
///   left)
/// so that -x^2 = -(x^2) and 2^3^2 = 2^9. Comparisons do not chain. A condition used as a number is 1 or 0; a number is
/// never a condition. Functions: sin cos tan asin acos atan atan2 sinh cosh tanh exp log log10 sqrt abs sign min max
/// pow erf floor step if(cond, a, b); min and max take two or more arguments; constants pi and e (symbols may shadow
/// them). Both branches of a choice are evaluated, the one not taken has no influence. Constants are folded; nothing
/// else is rearranged except x*1, x/1, x+0, x-0, x^1 and --x.

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ansatz/sdk/expression_program.hpp"

namespace ansatz::sdk {

/// Where the value of a symbol comes from.
enum class SymbolKind : int { position, time, parameter, field, constant, data };

struct Symbol {
  SymbolKind kind = SymbolKind::constant;
  int index = 0;       ///< into the array of its kind in ExpressionInputs
  double value = 0.0;  ///< of a constant
};

/// The names that an expression may use. Letters, digits and _, beginning with a letter or _; parts joined by dots.
class SymbolTable {
 public:
  /// x, y, z up to the dimension, and t.
  static SymbolTable space_time(int dimension);

  // All of these throw Error of kind case_file for a malformed, reserved or repeated name.
  void add_position(const std::string& name, int index) { add(name, {SymbolKind::position, index}); }
  void add_time(const std::string& name) { add(name, {SymbolKind::time, 0}); }
  void add_parameter(const std::string& name, int index) { add(name, {SymbolKind::parameter, index}); }
  void add_field(const std::string& name, int index) { add(name, {SymbolKind::field, index}); }
  void add_data(const std::string& name, int index) { add(name, {SymbolKind::data, index}); }
  void add_constant(const std::string& name, double value) { add(name, {SymbolKind::constant, 0, value}); }
  void add(const std::string& name, const Symbol& symbol);
  /// \throws Error of kind case_file also where the points are not finite, fewer than two or not increasing in x.
  void add_table(const std::string& name, Table table);

  /// Null if there is no such symbol.
  const Symbol* find(std::string_view name) const;
  /// Null if there is no such table.
  std::shared_ptr<const Table> find_table(std::string_view name) const;
  /// All symbols and tables, sorted, for suggestions.
  std::vector<std::string> names() const;

 private:
  void check_new(const std::string& name) const;

  std::map<std::string, Symbol, std::less<>> symbols_;
  std::map<std::string, std::shared_ptr<const Table>, std::less<>> tables_;
};

/// An immutable expression; copies share one program.
class Expression {
 public:
  /// The constant 0.
  Expression();
  explicit Expression(double constant);
  /// An expression from its syntax tree, for the splitting.
  Expression(std::shared_ptr<const detail::Node> tree, std::string text);

  /// \param where of the text, for errors \throws Error of kind case_file with column, marked text and suggestion.
  static Expression compile(std::string_view text, const SymbolTable& symbols, const std::string& where);

  bool is_constant() const { return is_constant_; }
  std::optional<double> constant_value() const { return is_constant_ ? std::optional(constant_) : std::nullopt; }
  bool depends_on(SymbolKind kind) const { return (kinds_ >> static_cast<int>(kind) & 1U) != 0; }
  /// On a symbol of one of these kinds.
  /// \param kinds a bit of each SymbolKind
  bool depends_on_any(unsigned kinds) const { return (kinds_ & kinds) != 0; }
  /// Sorted indices of the symbols of one kind.
  std::vector<int> indices_used(SymbolKind kind) const;
  std::vector<int> parameters_used() const { return indices_used(SymbolKind::parameter); }
  /// As written; for the parts of a split expression in a canonical form that compiles again.
  const std::string& text() const { return program_->text; }

  /// Allocates nothing. S is double, Lanes or a dual number over them.
  template <class S>
  S evaluate(const ExpressionInputs<S>& inputs) const {
    if (is_constant_) return S(constant_);
    if (program_->num_values <= detail::few_values) return detail::execute<detail::few_values>(*program_, inputs);
    return detail::execute<detail::max_values>(*program_, inputs);
  }

  /// The syntax tree, for the splitting.
  const std::shared_ptr<const detail::Node>& tree() const { return program_->tree; }

 private:
  bool is_constant_ = true;
  unsigned kinds_ = 0;  ///< bit of each SymbolKind
  double constant_ = 0.0;
  std::shared_ptr<const detail::Program> program_;
};

struct SeparatedTerm {
  Expression theta;  ///< of parameters only
  Expression g;      ///< of everything but parameters; constant factors are here
};

/// Sum_j theta_j(mu) g_j(x, t, u, ...); nullopt where it does not separate.
///
/// Products, integer powers (to 16) and quotients by one-term expressions are expanded to at most 64 products; terms
/// with equal theta, and then those with proportional g, are merged. An expression without parameters is one term with
/// theta = 1. Equal theta of separate calls have equal text() where they are products of the same factors.
std::optional<std::vector<SeparatedTerm>> separate(const Expression& expression);

/// The expression with all symbols of one kind replaced by numbers: f(x, mu) with mu fixed, or with x fixed.
///
/// \param values of the symbols by their index, one for time \returns an expression with a canonical text() that
/// compiles again, of which constant parts are folded \throws Error of kind internal where a value is missing.
Expression substitute(const Expression& expression, SymbolKind kind, std::span<const double> values);

/// The expression with t as the parameter of this index, of the same name: what separate() then takes for a parameter.
Expression with_time_as_parameter(const Expression& expression, int index);
/// The other way: the parameter of this index is time, as jump_times() needs it.
Expression with_parameter_as_time(const Expression& expression, int index);

/// A condition, step or floor in the expression depends on t, and on no more than parameters besides.
bool may_jump_in_time(const Expression& expression);
/// Times in (from, to] at which a condition, step or floor that depends on t alone changes: the first numbers with the
/// new value, ascending, so that the number below each has the old one. By interval arithmetic, which misses none; but
/// the search of one condition ends after 100,000 intervals, as where it is undecided for long.
/// \param parameters values of all parameters
std::vector<double> jump_times(const Expression& expression, double from, double to,
                               std::span<const double> parameters);

/// sum_k factors[k] expressions[k]. Both of one size.
Expression linear_combination(std::span<const double> factors, std::span<const Expression> expressions);

/// Interval that contains every value of an expression in parameters only over a box, rounded outwards.
///
/// The box is subdivided, so a parameter that occurs more than once costs little sharpness.
/// \param low, high (num_parameters) \returns infinite bounds where a value may not be defined.
/// \throws Error of kind internal if it depends on anything but parameters.
std::pair<double, double> interval(const Expression& theta, std::span<const double> low, std::span<const double> high);

}  // namespace ansatz::sdk
