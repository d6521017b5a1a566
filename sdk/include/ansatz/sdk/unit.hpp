#pragma once
/// Units of physical quantities: read, multiplied out, written; and the units of expressions.
///
///   const auto u = Unit::parse("W/(m K)");   // W, m^-1, K^-1
///   (*u * power(Unit::symbol("m"), 2)).text();   // "W m/K"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ansatz/sdk/expression.hpp"

namespace ansatz::sdk {

/// A product of powers of symbols, which are kept as they were written.
///
/// Symbols: m g s K A mol cd, N Pa J W V C F Ohm S Wb T H Hz rad sr, and min h d l L t bar eV AU deg, with the prefixes
/// from f to P where the metre would have them, % and ppm. Degrees Celsius are no unit, since 0 degC is not 0 K:
/// temperatures are in K. Written as products (spaces, * or .), quotients and powers, for example "W/(m^2 K)", "1/s",
/// "m^0.5"; a quotient that a further factor follows without brackets is ambiguous.
class Unit {
 public:
  /// The unit 1.
  Unit() = default;
  static Unit symbol(std::string name) { return Unit({{std::move(name), 1.0}}); }
  /// \returns nothing for what is no unit: in a case the text is a label then, which is kept and never multiplied out;
  /// plugins that declare it are refused.
  static std::optional<Unit> parse(std::string_view text);

  using Dimensions = std::array<double, 7>;  ///< powers of m, kg, s, K, A, mol, cd
  Dimensions dimensions() const;
  /// What one of it is in these base units.
  double scale() const;
  /// As parse() reads it; "1" without symbols.
  std::string text() const;

  friend Unit operator*(const Unit& a, const Unit& b);
  friend Unit operator/(const Unit& a, const Unit& b) { return a * power(b, -1.0); }
  friend Unit power(const Unit& a, double exponent);
  /// The same quantity, however it is spelled.
  friend bool same(const Unit& a, const Unit& b) { return a.dimensions() == b.dimensions() && a.scale() == b.scale(); }

 private:
  friend class UnitParser;
  using Powers = std::vector<std::pair<std::string, double>>;
  explicit Unit(Powers powers) : powers_(std::move(powers)) {}

  Powers powers_;  ///< in the order in which they occurred, none zero
};

/// What is to be done about a text that is no unit: for the hint of an Error.
std::string unit_hint(std::string_view text);

/// Unit of a symbol of an expression, or nothing where it is not known.
using UnitOfSymbol = std::function<std::optional<Unit>(SymbolKind kind, int index)>;

/// Unit of an expression, as it is written: products, quotients, powers and roots of units, sums of equal ones,
/// functions of numbers. Numbers in it may have units that it does not tell, so that only 1, and 0 beside anything,
/// have one here. \returns nothing where it is not known.
std::optional<Unit> unit_of(const Expression& expression, const UnitOfSymbol& of_symbol);

}  // namespace ansatz::sdk
