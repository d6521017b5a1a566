#include "ansatz/sdk/unit.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "expression_tree.hpp"

namespace ansatz::sdk {
namespace {

struct Known {
  std::string_view name;
  double scale;
  Unit::Dimensions dimensions;  ///< m, kg, s, K, A, mol, cd
  bool has_prefixes = true;
};

constexpr double pi = 3.14159265358979323846;
constexpr std::array known{
    Known{"m", 1.0, {1}},
    Known{"g", 1e-3, {0, 1}},
    Known{"s", 1.0, {0, 0, 1}},
    Known{"K", 1.0, {0, 0, 0, 1}},
    Known{"A", 1.0, {0, 0, 0, 0, 1}},
    Known{"mol", 1.0, {0, 0, 0, 0, 0, 1}},
    Known{"cd", 1.0, {0, 0, 0, 0, 0, 0, 1}},
    Known{"N", 1.0, {1, 1, -2}},
    Known{"Pa", 1.0, {-1, 1, -2}},
    Known{"J", 1.0, {2, 1, -2}},
    Known{"W", 1.0, {2, 1, -3}},
    Known{"V", 1.0, {2, 1, -3, 0, -1}},
    Known{"C", 1.0, {0, 0, 1, 0, 1}},
    Known{"F", 1.0, {-2, -1, 4, 0, 2}},
    Known{"Ohm", 1.0, {2, 1, -3, 0, -2}},
    Known{"S", 1.0, {-2, -1, 3, 0, 2}},
    Known{"Wb", 1.0, {2, 1, -2, 0, -1}},
    Known{"T", 1.0, {0, 1, -2, 0, -1}},
    Known{"H", 1.0, {2, 1, -2, 0, -2}},
    Known{"Hz", 1.0, {0, 0, -1}},
    Known{"rad", 1.0, {}},
    Known{"sr", 1.0, {}, false},
    Known{"min", 60.0, {0, 0, 1}, false},
    Known{"h", 3600.0, {0, 0, 1}, false},
    Known{"d", 86400.0, {0, 0, 1}, false},
    Known{"l", 1e-3, {3}},
    Known{"L", 1e-3, {3}},
    Known{"t", 1e3, {0, 1}, false},
    Known{"bar", 1e5, {-1, 1, -2}},
    Known{"eV", 1.602176634e-19, {2, 1, -2}},
    Known{"AU", 149597870700.0, {1}, false},  // IAU 2012, resolution B2
    Known{"deg", pi / 180.0, {}, false},
    Known{"%", 1e-2, {}, false},
    Known{"ppm", 1e-6, {}, false},
};

struct Prefix {
  char letter;
  double factor;
};
constexpr std::array prefixes{Prefix{'f', 1e-15}, Prefix{'p', 1e-12}, Prefix{'n', 1e-9}, Prefix{'u', 1e-6},
                              Prefix{'m', 1e-3},  Prefix{'c', 1e-2},  Prefix{'d', 1e-1}, Prefix{'k', 1e3},
                              Prefix{'M', 1e6},   Prefix{'G', 1e9},   Prefix{'T', 1e12}, Prefix{'P', 1e15}};

/// A symbol without its prefix, and the scale of both.
struct Meaning {
  const Known* unit;
  double scale;
};

std::optional<Meaning> meaning(std::string_view symbol) {
  if (symbol == "kg") return Meaning{&known[1], 1.0};  // exactly
  if (const auto* found = std::ranges::find(known, symbol, &Known::name); found != known.end())
    return Meaning{found, found->scale};
  if (symbol.size() < 2) return std::nullopt;
  const auto* prefix = std::ranges::find(prefixes, symbol.front(), &Prefix::letter);
  const auto* unit = std::ranges::find(known, symbol.substr(1), &Known::name);
  if (prefix == prefixes.end() || unit == known.end() || !unit->has_prefixes) return std::nullopt;
  return Meaning{unit, prefix->factor * unit->scale};
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%'; }

std::string factor_text(const std::string& symbol, double exponent) {
  return exponent == 1.0 ? symbol : symbol + "^" + detail::print_number(exponent);
}

}  // namespace

/// Recursive descent; every function returns nothing where the text is no unit.
class UnitParser {
 public:
  explicit UnitParser(std::string_view text) : text_(text) {}

  std::optional<Unit> all() {
    auto unit = product();
    skip();
    return unit && at_ == text_.size() ? unit : std::nullopt;
  }

 private:
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool begins_factor() {
    skip();
    return at_ < text_.size() && (is_letter(text_[at_]) || text_[at_] == '(' || text_[at_] == '1');
  }

  std::optional<Unit> product() {
    auto unit = factor();
    bool divided = false;
    while (unit) {
      if (take('/')) {
        const auto next = factor();
        unit = next ? std::optional(*unit / *next) : std::nullopt;
        divided = true;
      } else if (take('*') || take('.') || begins_factor()) {
        const auto next = divided ? std::nullopt : factor();
        unit = next ? std::optional(*unit * *next) : std::nullopt;
      } else {
        break;
      }
    }
    return unit;
  }

  std::optional<Unit> factor() {
    std::optional<Unit> unit;
    if (take('(')) {
      unit = product();
      if (!take(')')) return std::nullopt;
    } else if (take('1')) {
      return Unit();
    } else {
      skip();
      const auto first = at_;
      while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
      const auto symbol = text_.substr(first, at_ - first);
      if (meaning(symbol)) unit = Unit::symbol(std::string(symbol));
    }
    if (!unit || at_ == text_.size() || text_[at_] != '^') return unit;
    ++at_;
    double exponent = 0.0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), exponent, std::chars_format::fixed);
    if (error != std::errc{} || !std::isfinite(exponent)) return std::nullopt;
    at_ = static_cast<std::size_t>(end - text_.data());
    return power(*unit, exponent);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<Unit> Unit::parse(std::string_view text) { return UnitParser(text).all(); }

std::string unit_hint(std::string_view text) {
  for (const std::string_view celsius : {"degC", "°C", "Celsius", "celsius"}) {
    if (text.find(celsius) != std::string_view::npos) return "temperatures are in K: 0 degrees Celsius are not 0 K";
  }
  if (text == "-" || text.empty()) return "what has no unit has the unit \"1\"";
  return "units are products, quotients and powers of kg, m, s, K, A, mol, cd, N, Pa, J, W, ... such as m/s^2, W/(m^2 "
         "K), 1/s, %";
}

Unit::Dimensions Unit::dimensions() const {
  Dimensions sum{};
  for (const auto& [symbol, exponent] : powers_) {
    const auto& of_symbol = meaning(symbol)->unit->dimensions;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += exponent * of_symbol[i];
  }
  return sum;
}

double Unit::scale() const {
  double product = 1.0;
  for (const auto& [symbol, exponent] : powers_) product *= std::pow(meaning(symbol)->scale, exponent);
  return product;
}

std::string Unit::text() const {
  std::string above, below;
  int num_below = 0;
  for (const auto& [symbol, exponent] : powers_) {
    auto& side = exponent > 0.0 ? above : below;
    if (!side.empty()) side += ' ';
    side += factor_text(symbol, std::abs(exponent));
    num_below += exponent < 0.0 ? 1 : 0;
  }
  if (above.empty()) above = "1";
  if (num_below == 0) return above;
  return above + "/" + (num_below > 1 ? "(" + below + ")" : below);
}

Unit operator*(const Unit& a, const Unit& b) {
  auto powers = a.powers_;
  for (const auto& [symbol, exponent] : b.powers_) {
    const auto found = std::ranges::find(powers, symbol, [](const auto& entry) { return entry.first; });
    if (found == powers.end()) {
      powers.emplace_back(symbol, exponent);
    } else {
      found->second += exponent;
    }
  }
  std::erase_if(powers, [](const auto& entry) { return entry.second == 0.0; });
  return Unit(std::move(powers));
}

Unit power(const Unit& a, double exponent) {
  auto powers = a.powers_;
  for (auto& [symbol, e] : powers) e *= exponent;
  std::erase_if(powers, [](const auto& entry) { return entry.second == 0.0; });
  return Unit(std::move(powers));
}

}  // namespace ansatz::sdk
