#include "ansatz/sdk/unit.hpp"

#include <catch2/catch.hpp>

using namespace ansatz;
using sdk::Unit;

namespace {

std::string read(const std::string& text) {
  const auto unit = Unit::parse(text);
  return unit ? unit->text() : "none";
}

/// Of an expression in u [K], v [m/s], s [Pa], x [m], k (a parameter of unknown unit).
std::string unit_of(const std::string& text) {
  auto symbols = sdk::SymbolTable::space_time(2);
  for (int i = 0; i < 3; ++i) symbols.add_field(std::string(1, "uvs"[i]), i);
  symbols.add_parameter("k", 0);
  const auto unit = sdk::unit_of(sdk::Expression::compile(text, symbols, "test"),
                                 [](sdk::SymbolKind kind, int i) -> std::optional<Unit> {
                                   if (kind == sdk::SymbolKind::position) return Unit::symbol("m");
                                   if (kind != sdk::SymbolKind::field) return std::nullopt;
                                   return Unit::parse(i == 0 ? "K" : i == 1 ? "m/s" : "Pa");
                                 });
  return unit ? unit->text() : "none";
}

}  // namespace

TEST_CASE("Units are read as products, quotients and powers, and written in one way", "[sdk][unit]") {
  CHECK(read("W/(m K)") == "W/(m K)");
  CHECK(read("J/(m^3 K)") == "J/(m^3 K)");
  CHECK(read("m^3/(kg s^2)") == "m^3/(kg s^2)");
  CHECK(read("kg*m/s^2") == "kg m/s^2");
  CHECK(read("m/s/s") == "m/s^2");
  CHECK(read("s^-1") == "1/s");
  CHECK(read("m^0.5") == "m^0.5");
  CHECK(read("1") == "1");
  CHECK(read("mm") == "mm");
  CHECK(read("m m^2/m^3") == "1");
  CHECK(read("m m^2") == "m^3");
}

TEST_CASE("What is no unit or ambiguous is a label", "[sdk][unit]") {
  for (const auto* text : {"", "W/m K", "degrees", "10 m", "W/(m K", "m^", "/s", "N,m", "quanta", "m**2", "°C", "degC",
                           "m/s/", "kg-m", "K, times area", "5%", "m%"}) {
    CAPTURE(text);
    CHECK(read(text) == "none");
  }
}

TEST_CASE("Units are the same where their dimensions and scales are", "[sdk][unit]") {
  const auto equal = [](const char* a, const char* b) { return same(*Unit::parse(a), *Unit::parse(b)); };
  CHECK(equal("N/m^2", "Pa"));
  CHECK(equal("W", "J/s"));
  CHECK(equal("V A", "kg m^2/s^3"));
  CHECK(equal("C/(V s)", "1/Ohm"));
  CHECK_FALSE(equal("MPa", "Pa"));
  CHECK_FALSE(equal("N m", "N"));
  CHECK(Unit::parse("mm")->scale() == Approx(1e-3));
  CHECK(Unit::parse("kg")->scale() == 1.0);
  CHECK(Unit::parse("GPa")->scale() == Approx(1e9));
  CHECK(Unit::parse("%")->scale() == 0.01);
  CHECK(equal("%/K", "%/K"));
  CHECK_FALSE(equal("%", "1"));
  CHECK(sdk::unit_hint("degC") == "temperatures are in K: 0 degrees Celsius are not 0 K");
}

TEST_CASE("Units multiply out and cancel", "[sdk][unit]") {
  const auto metre = Unit::symbol("m");
  CHECK((*Unit::parse("W/m^3") * power(metre, 2)).text() == "W/m");
  CHECK((*Unit::parse("W/m^2") * power(metre, 2)).text() == "W");
  CHECK((*Unit::parse("1/m") * metre).text() == "1");
  CHECK(power(*Unit::parse("K^2 m^3"), 0.5).text() == "K m^1.5");
}

TEST_CASE("Expressions have the unit that their parts multiply out to, or none that is known", "[sdk][unit]") {
  CHECK(unit_of("-u") == "K");
  CHECK(unit_of("u*x") == "K m");
  CHECK(unit_of("s*v^2/u") == "Pa m^2/(s^2 K)");
  CHECK(unit_of("sqrt(v^2 + v*v)") == "m/s");
  CHECK(unit_of("max(u, 0)") == "K");
  CHECK(unit_of("abs(u) - min(u, u)") == "K");
  CHECK(unit_of("sin(u/u)") == "1");
  CHECK(unit_of("x > 0 ? u : 0") == "K");
  CHECK(unit_of("1") == "1");
  CHECK(unit_of("1/u") == "1/K");
  // Numbers may convert units; sums of different units have none; nor have functions of what is not a number.
  for (const auto* text : {"1000*u", "u - 273.15", "u + v", "sin(u)", "k*u", "2", "u^k", "exp(x)"}) {
    CAPTURE(text);
    CHECK(unit_of(text) == "none");
  }
}
