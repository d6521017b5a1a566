// Expressions made from others: symbols replaced by numbers, linear combinations.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/expression.hpp"

using namespace ansatz::sdk;

namespace {

SymbolTable symbols() {
  SymbolTable table = SymbolTable::space_time(2);
  table.add_parameter("a", 0);
  table.add_parameter("b", 1);
  table.add_data("w", 0);
  table.add_constant("rho", 7.0);
  table.add_table("curve", {{-10.0, 0.0, 10.0}, {2.0, 4.0, -6.0}});
  return table;
}

Expression compile(const std::string& text) { return Expression::compile(text, symbols(), "test"); }

constexpr double x[] = {0.3, -0.7, 0.0}, mu[] = {1.25, 0.1}, w[] = {3.0};

}  // namespace

TEST_CASE("Parameters or positions of an expression are replaced by numbers", "[expression]") {
  for (const char* text :
       {"exp(-2*((x-a)^2 + (y-b)^2))", "rho*a*w - b/x", "if(x < a and not y > b, sin(a*x), b^-3)", "curve(a*x)^2.5",
        "a^x + x^a + (x + a)^0.5", "max(a, x, y) + (x < a)", "-(-a*y)", "atan2(y, a) + abs(x - b)*t"}) {
    INFO(text);
    const auto original = compile(text);
    const double value = original.evaluate<double>({x, 0.5, mu, nullptr, w});
    const auto of_space = substitute(original, SymbolKind::parameter, mu);
    CHECK_FALSE(of_space.depends_on(SymbolKind::parameter));
    CHECK(of_space.evaluate<double>({x, 0.5, nullptr, nullptr, w}) == Approx(value).epsilon(1e-15));
    CHECK(compile(of_space.text()).evaluate<double>({x, 0.5, nullptr, nullptr, w}) == Approx(value).epsilon(1e-15));
    const auto of_parameters = substitute(original, SymbolKind::position, x);
    CHECK_FALSE(of_parameters.depends_on(SymbolKind::position));
    CHECK(of_parameters.evaluate<double>({nullptr, 0.5, mu, nullptr, w}) == Approx(value).epsilon(1e-15));
  }
}

TEST_CASE("What is constant after a substitution is folded", "[expression]") {
  const auto value = substitute(compile("rho*a + exp(b)*(1 < 2)"), SymbolKind::parameter, mu).constant_value();
  REQUIRE(value);
  CHECK(*value == Approx(7.0 * 1.25 + std::exp(0.1)).epsilon(1e-15));
  CHECK(substitute(compile("x + 0*t"), SymbolKind::time, std::vector{0.0}).text() ==
        substitute(compile("x+0*t"), SymbolKind::time, std::vector{0.0}).text());
}

TEST_CASE("A symbol without a value is an error", "[expression]") {
  CHECK_THROWS_AS(substitute(compile("a + b"), SymbolKind::parameter, std::span(mu, 1)), Error);
}

TEST_CASE("Linear combinations of expressions", "[expression]") {
  const std::vector expressions{compile("x"), compile("exp(y)"), compile("a*w")};
  const std::vector factors{2.0, 0.0, -0.5};
  const auto sum = linear_combination(factors, expressions);
  CHECK(sum.evaluate<double>({x, 0.0, mu, nullptr, w}) == Approx(2.0 * 0.3 - 0.5 * 1.25 * 3.0).epsilon(1e-15));
  CHECK_FALSE(linear_combination(factors, expressions).text().empty());
  CHECK(linear_combination({}, {}).constant_value() == 0.0);
}

TEST_CASE("Time becomes a parameter, by which an expression then separates", "[expression]") {
  const auto original = compile("a*sin(2*t)*x + t*exp(-b*t)");
  const auto moved = with_time_as_parameter(original, 2);
  CHECK_FALSE(moved.depends_on(SymbolKind::time));
  CHECK(moved.parameters_used() == std::vector{0, 1, 2});
  const double values[] = {mu[0], mu[1], 0.4};
  CHECK(moved.evaluate<double>({x, 99.0, values}) == Approx(original.evaluate<double>({x, 0.4, mu})).epsilon(1e-15));
  const auto terms = separate(moved);
  REQUIRE(terms);
  CHECK(terms->size() == 2);
  for (const auto& term : *terms) CHECK_FALSE(term.g.depends_on(SymbolKind::parameter));
  const auto back = with_parameter_as_time(moved, 2);
  CHECK(back.parameters_used() == std::vector{0, 1});
  CHECK(back.evaluate<double>({x, 0.4, mu}) == Approx(original.evaluate<double>({x, 0.4, mu})).epsilon(1e-15));
  const auto without = compile("a*x");
  CHECK(with_time_as_parameter(without, 2).text() == without.text());
}

TEST_CASE("Times at which conditions on t alone change are found to the last number", "[expression]") {
  SymbolTable symbols = SymbolTable::space_time(1);
  symbols.add_parameter("k", 0);
  symbols.add_field("u", 0);
  const std::vector<double> parameters{3.0};
  const auto times = [&](const std::string& text, double from, double to) {
    return jump_times(Expression::compile(text, symbols, "test"), from, to, parameters);
  };
  CHECK(times("t < 0.37 ? 2 : -5", 0.0, 1.0) == std::vector{0.37});
  CHECK(times("x*step(t - 0.5) + (t <= 0.37 ? 2 : u)", 0.0, 1.0) == std::vector{std::nextafter(0.37, 1.0), 0.5});
  CHECK(times("t*k > 1 and x < 0.5 ? 1 : 0", 0.0, 10.0).size() == 1);
  CHECK(times("floor(t/3600)", 0.0, 86400.0 + 1.0) == [] {
    std::vector<double> hours;
    for (int n = 1; n <= 24; ++n) hours.push_back(3600.0 * n);
    return hours;
  }());
  const auto square = times("sin(2*pi*t) > 0 ? 1 : 0", 0.1, 2.6);
  REQUIRE(square.size() == 5);
  for (std::size_t n = 0; n < 5; ++n) CHECK(square[n] == Approx(0.5 * double(n + 1)).epsilon(1e-14));
  const auto pulses = times("t - 0.3*floor(t/0.3) < 0.1 ? 1 : 0", 0.05, 1.0);
  REQUIRE(pulses.size() == 7);  // the last one at the end, 0.9 + 0.1
  CHECK(pulses[1] == Approx(0.3).epsilon(1e-14));
  CHECK(pulses[2] == Approx(0.4).epsilon(1e-14));
  CHECK(times("(t < x ? 1 : 0) + (u > t ? 1 : 0) + abs(t - 0.5) + sin(t)", 0.0, 1.0).empty());
  CHECK(times("floor(t)", -2.5, 2.5) == std::vector{-2.0, -1.0, 0.0, 1.0, 2.0});
  CHECK(times("floor(t)", 0.0, 2.0) == std::vector{1.0, 2.0});
  CHECK(times("t < 1e-9 ? 1 : 0", 0.0, 1e-6) == std::vector{1e-9});
  // The value just below each time is the old one.
  for (const std::string text : {"t/3600 < 2 ? 1 : 0", "exp(t/1000) < 3 ? 1 : 0", "1/t > 0.001 ? 1 : 0"}) {
    const auto found = times(text, 0.0, 1e4);
    REQUIRE(found.size() == 1);
    const auto f = Expression::compile(text, symbols, "test");
    CHECK(f.evaluate<double>({.time = std::nextafter(found[0], 0.0)}) == 1.0);
    CHECK(f.evaluate<double>({.time = found[0]}) == 0.0);
  }
}
