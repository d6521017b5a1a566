#include "ansatz/sdk/expression.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include "ansatz/sdk/dual.hpp"
#include "ansatz/sdk/error.hpp"

using namespace ansatz::sdk;
using Catch::Matchers::Contains;

namespace {

/// x = 0.7, y = -1.3, z = 2.5, t = 0.4; parameters k = 3, m = 0.25; field u = 1.5; data w = -0.5; constant rho = 1000.
struct Place {
  double position[3] = {0.7, -1.3, 2.5};
  double parameters[2] = {3.0, 0.25};
  double fields[1] = {1.5};
  double data[1] = {-0.5};
  ExpressionInputs<double> inputs() const { return {position, 0.4, parameters, fields, data}; }
};

SymbolTable symbols() {
  SymbolTable table = SymbolTable::space_time(3);
  table.add_parameter("k", 0);
  table.add_parameter("m", 1);
  table.add_field("u", 0);
  table.add_data("w", 0);
  table.add_constant("rho", 1000.0);
  table.add_table("curve", {{0.0, 1.0, 3.0}, {2.0, 4.0, 0.0}});
  return table;
}

Expression compile(const std::string& text) { return Expression::compile(text, symbols(), "case.toml:3:7"); }
double value_of(const std::string& text) { return compile(text).evaluate(Place().inputs()); }

Error error_of(const std::string& text) {
  try {
    compile(text);
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error for: " << text);
  throw;
}

}  // namespace

TEST_CASE("Operators bind and group as in mathematics", "[expression]") {
  const double x = 0.7, y = -1.3, z = 2.5;
  CHECK(value_of("1+2*3") == 7.0);
  CHECK(value_of("(1+2)*3") == 9.0);
  CHECK(value_of("2^3^2") == 512.0);
  CHECK(value_of("-2^2") == -4.0);
  CHECK(value_of("(-2)^2") == 4.0);
  CHECK(value_of("2^-1") == 0.5);
  CHECK(value_of("2^-2^2") == 1.0 / 16.0);
  CHECK(value_of("2*-3") == -6.0);
  CHECK(value_of("10-4-3") == 3.0);
  CHECK(value_of("100/10/5") == 2.0);
  CHECK(value_of("--3") == 3.0);
  CHECK(value_of("+3 - +2") == 1.0);
  CHECK(value_of("1e-3*.5e1") == 1e-3 * 5.0);
  CHECK(value_of("x - y - z") == x - y - z);
  CHECK(value_of("x - (y - z)") == x - (y - z));
  CHECK(value_of("x / y / z") == x / y / z);
  CHECK(value_of("x / (y / z)") == x / (y / z));
  CHECK(value_of("-x^2") == -(x * x));
  CHECK(value_of("2^x^2") == std::pow(2.0, x * x));
  CHECK(value_of("x*y + z/x") == x * y + z / x);
  CHECK(value_of("3 - x") == 3.0 - x);
  CHECK(value_of("3 / x") == 3.0 / x);
  CHECK(value_of("x - 3") == x - 3.0);
  CHECK(value_of("x / 3") == x / 3.0);
}

TEST_CASE("Every kind of symbol has its value", "[expression]") {
  CHECK(value_of("x") == 0.7);
  CHECK(value_of("y") == -1.3);
  CHECK(value_of("z") == 2.5);
  CHECK(value_of("t") == 0.4);
  CHECK(value_of("k") == 3.0);
  CHECK(value_of("m") == 0.25);
  CHECK(value_of("u") == 1.5);
  CHECK(value_of("w") == -0.5);
  CHECK(value_of("rho") == 1000.0);
  CHECK(value_of("pi") == std::numbers::pi);
  CHECK(value_of("e") == std::numbers::e);
}

TEST_CASE("Functions agree with the standard library", "[expression]") {
  const double x = 0.7, y = -1.3;
  CHECK(value_of("sin(x)") == std::sin(x));
  CHECK(value_of("cos(x)") == std::cos(x));
  CHECK(value_of("tan(x)") == std::tan(x));
  CHECK(value_of("asin(x)") == std::asin(x));
  CHECK(value_of("acos(x)") == std::acos(x));
  CHECK(value_of("atan(y)") == std::atan(y));
  CHECK(value_of("atan2(y, -x)") == std::atan2(y, -x));
  CHECK(value_of("sinh(y)") == std::sinh(y));
  CHECK(value_of("cosh(y)") == std::cosh(y));
  CHECK(value_of("tanh(y)") == std::tanh(y));
  CHECK(value_of("exp(y)") == std::exp(y));
  CHECK(value_of("log(x)") == std::log(x));
  CHECK(value_of("log10(x)") == std::log10(x));
  CHECK(value_of("sqrt(x)") == std::sqrt(x));
  CHECK(value_of("abs(y)") == 1.3);
  CHECK(value_of("sign(y)") == -1.0);
  CHECK(value_of("sign(0*x)") == 0.0);
  CHECK(value_of("sign(x)") == 1.0);
  CHECK(value_of("min(x, y)") == y);
  CHECK(value_of("max(x, y)") == x);
  CHECK(value_of("min(x, y, -5, 3)") == -5.0);
  CHECK(value_of("max(x, y, z, 2)") == 2.5);
  CHECK(value_of("pow(x, y)") == std::pow(x, y));
  CHECK(value_of("x^0.5") == std::pow(x, 0.5));
  CHECK(value_of("erf(y)") == std::erf(y));
  CHECK(value_of("floor(y)") == -2.0);
  CHECK(value_of("step(y)") == 0.0);
  CHECK(value_of("step(0*x)") == 1.0);
  CHECK(value_of("step(x)") == 1.0);
}

TEST_CASE("Integer powers are multiplied out, also of negative numbers", "[expression]") {
  const double y = -1.3;
  CHECK(value_of("y^2") == y * y);
  CHECK(value_of("y^3") == y * y * y);
  CHECK(value_of("y^-1") == 1.0 / y);
  CHECK(value_of("y^-2") == 1.0 / (y * y));
  CHECK(value_of("y^0") == 1.0);
  CHECK(value_of("y^1") == y);
  for (int n = 2; n <= 70; ++n) {
    CHECK(value_of("y^" + std::to_string(n)) == Approx(std::pow(y, n)).epsilon(1e-14).margin(0));
    CHECK(value_of("y^-" + std::to_string(n)) == Approx(std::pow(y, -n)).epsilon(1e-14).margin(0));
  }
}

TEST_CASE("Conditions choose, combine and count as one or zero", "[expression]") {
  CHECK(value_of("if(x > 0, 1, 2)") == 1.0);
  CHECK(value_of("if(y > 0, 1, 2)") == 2.0);
  CHECK(value_of("x < 0 ? 1 : x < 1 ? 2 : 3") == 2.0);
  CHECK(value_of("x < y ? 1 : 2 + 1") == 3.0);
  CHECK(value_of("if(x > 0 and y > 0, 1, 2)") == 2.0);
  CHECK(value_of("if(x > 0 or y > 0, 1, 2)") == 1.0);
  CHECK(value_of("if(not x > 0, 1, 2)") == 2.0);
  CHECK(value_of("if(not (x > 0 and y > 0), 1, 2)") == 1.0);
  CHECK(value_of("if(x < 0 and y < 0 or z > 2, 1, 2)") == 1.0);  // and binds before or
  CHECK(value_of("if(z > 2 or x < 0 and y > 0, 1, 2)") == 1.0);
  CHECK(value_of("(x < 1)*5 + (x > 1)*7") == 5.0);
  CHECK(value_of("x <= 0.7") == 1.0);
  CHECK(value_of("x >= 0.7") == 1.0);
  CHECK(value_of("x == 0.7") == 1.0);
  CHECK(value_of("x != 0.7") == 0.0);
  CHECK(value_of("x + 1 < z*2") == 1.0);
  CHECK(value_of("if(1 < 2, x, y)") == 0.7);
  CHECK(value_of("if(x > 0 and 1 > 2, 1, 2)") == 2.0);
  CHECK(value_of("if(y > 0, log(y), 4)") == 4.0);  // the branch not taken is NaN
  CHECK(value_of("if(if(x > 0, x, y) < if(y > 0, x, y), 1, if(z > 0, 8, 9))") == 8.0);
}

TEST_CASE("Constants are folded and symbols in use are known", "[expression]") {
  CHECK(compile("2*pi*rho").is_constant());
  CHECK(compile("2*pi*rho").constant_value() == 2.0 * std::numbers::pi * 1000.0);
  CHECK(compile("if(rho > 5, sin(1), 2)").constant_value() == std::sin(1.0));
  CHECK(compile("curve(2)").constant_value() == 2.0);
  CHECK_FALSE(compile("0*x").is_constant());  // NaN where x is
  CHECK_FALSE(compile("x - x").is_constant());
  CHECK(Expression().constant_value() == 0.0);
  CHECK(Expression(2.5).constant_value() == 2.5);
  CHECK(Expression(2.5).text() == "2.5");
  CHECK(Expression(2.5).evaluate(ExpressionInputs<double>{}) == 2.5);

  const Expression e = compile("m*x + sin(t)*k + m^2");
  CHECK(e.text() == "m*x + sin(t)*k + m^2");
  CHECK(e.parameters_used() == std::vector<int>{0, 1});
  CHECK(e.indices_used(SymbolKind::position) == std::vector<int>{0});
  CHECK(e.depends_on(SymbolKind::position));
  CHECK(e.depends_on(SymbolKind::time));
  CHECK(e.depends_on(SymbolKind::parameter));
  CHECK_FALSE(e.depends_on(SymbolKind::field));
  CHECK_FALSE(e.depends_on(SymbolKind::data));
  CHECK(compile("u").depends_on(SymbolKind::field));
  CHECK(compile("w").depends_on(SymbolKind::data));
  CHECK_FALSE(compile("if(rho > 1, x, k)").depends_on(SymbolKind::parameter));
}

TEST_CASE("A table is interpolated linearly and never extrapolated", "[expression]") {
  Place place;
  const Expression e = compile("curve(x)");
  const auto at = [&](double x) {
    place.position[0] = x;
    return e.evaluate(place.inputs());
  };
  CHECK(at(0.0) == 2.0);
  CHECK(at(0.25) == 2.5);
  CHECK(at(1.0) == 4.0);
  CHECK(at(2.0) == 2.0);
  CHECK(at(3.0) == Approx(0.0).margin(1e-15));
  CHECK(at(3.0 + 1e-13) == Approx(0.0).margin(1e-12));  // round-off of the argument
  CHECK(std::isnan(at(3.001)));
  CHECK(std::isnan(at(-1e-6)));
  CHECK(std::isnan(at(std::numeric_limits<double>::quiet_NaN())));

  Lanes position[3];
  for (int lane = 0; lane < num_lanes; ++lane) position[0].set(lane, 0.5 * lane);
  const Lanes many = e.evaluate<Lanes>({.position = position});
  const double expected[] = {2.0, 3.0, 4.0, 3.0, 2.0, 1.0, 0.0};
  for (int lane = 0; lane < 7; ++lane) CHECK(many[lane] == Approx(expected[lane]).margin(1e-15));
  CHECK(std::isnan(many[7]));
}

TEST_CASE("A value that is not a number is never hidden by min, max, sign or step", "[expression]") {
  Place place;
  place.position[0] = 7.0;  // outside of the table
  for (const char* text :
       {"min(curve(x), 5)", "min(5, curve(x))", "max(curve(x), 5)", "max(5, curve(x))", "sign(curve(x))",
        "step(curve(x))", "abs(curve(x))", "curve(x)*0", "if(x > 3, curve(x), 1)"}) {
    INFO(text);
    CHECK(std::isnan(compile(text).evaluate(place.inputs())));
  }
  CHECK(compile("if(x > 3, 1, curve(x))").evaluate(place.inputs()) == 1.0);
}

TEST_CASE("A malformed table is refused", "[expression]") {
  SymbolTable table;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(table.add_table("a", {{0.0, 1.0}, {1.0}}), Contains("2 x and 1 y"));
  CHECK_THROWS_WITH(table.add_table("a", {{0.0}, {1.0}}), Contains("fewer than two"));
  CHECK_THROWS_WITH(table.add_table("a", {{0.0, 1.0, 1.0}, {1.0, 2.0, 3.0}}),
                    Contains("does not increase in x at point 3"));
  CHECK_THROWS_WITH(table.add_table("a", {{0.0, 1.0}, {nan, 2.0}}), Contains("not finite at point 1"));
}

TEST_CASE("Names of symbols are checked when they are added", "[expression]") {
  SymbolTable table = SymbolTable::space_time(2);
  CHECK(table.names() == std::vector<std::string>{"t", "x", "y"});
  CHECK_THROWS_WITH(table.add_parameter("x", 0), Contains("defined twice"));
  CHECK_THROWS_WITH(table.add_table("x", {{0.0, 1.0}, {1.0, 2.0}}), Contains("defined twice"));
  CHECK_THROWS_WITH(table.add_parameter("sin", 0), Contains("reserved"));
  CHECK_THROWS_WITH(table.add_parameter("and", 0), Contains("reserved"));
  CHECK_THROWS_WITH(table.add_parameter("2k", 0), Contains("cannot be a name"));
  CHECK_THROWS_WITH(table.add_parameter("", 0), Contains("cannot be a name"));
  CHECK_THROWS_WITH(table.add_parameter("a b", 0), Contains("cannot be a name"));
  table.add_field("velocity.x", 3);
  table.add_parameter("e", 1);  // shadows Euler's number
  const double parameters[] = {0.0, 7.0};
  const double fields[] = {0.0, 0.0, 0.0, 5.0};
  const Expression e = Expression::compile("velocity.x*e", table, "");
  CHECK(e.evaluate<double>({.parameters = parameters, .fields = fields}) == 35.0);
}

TEST_CASE("An error names the column, marks the text and suggests a remedy", "[expression]") {
  const Error error = error_of("2*kx + rh*3");
  CHECK(error.kind() == ErrorKind::case_file);
  CHECK(error.where() == "case.toml:3:7");
  CHECK(std::string(error.what()) == "unknown name \"kx\" (column 3)\n    2*kx + rh*3\n      ^~");
  CHECK(error.hint() == "did you mean \"k\"?");
  CHECK(error_of("rh*3").hint() == "did you mean \"rho\"?");
  CHECK_THAT(error_of("temperature").hint(), Contains("known here: curve, k, m, rho, t, u, w, x, y, z"));

  struct Example {
    const char* text;
    const char* what;
    const char* hint;
  };
  const Example examples[] = {
      {"", "empty (column 1)", "write a number"},
      {"   ", "empty (column 4)", ""},
      {"1 +", "ends too early (column 4)", ""},
      {"2x", "unexpected \"x\" (column 2)", "2*x"},
      {"2 (x)", "unexpected \"(\" (column 3)", "2*x"},
      {"x y", "unexpected \"y\" (column 3)", "operator missing"},
      {"(1 + x", "never closed (column 1)", ""},
      {"sin(x", "never closed (column 4)", ""},
      {"1 + x)", "unexpected \")\" (column 6)", "parenthesis"},
      {"()", "unexpected \")\" (column 2)", ""},
      {"x**2", "unexpected \"**\" (column 2)", "x^2"},
      {"x = 2", "a single = compares nothing (column 3)", "=="},
      {"x && y", "does not exist (column 3)", "and"},
      {"x % 2", "does not exist (column 3)", "floor"},
      {"x $ 2", "cannot be used in an expression (column 3)", "ASCII"},
      {"x \xe2\x88\x92 2", "cannot be used in an expression (column 3)", "ASCII"},
      {"sine(x)", "unknown function \"sine\" (column 1)", "did you mean \"sin\"?"},
      {"k(x)", "\"k\" is not a function (column 1)", "k*(...)"},
      {"1 + sin", "\"sin\" needs an argument in parentheses (column 5)", "sin(x)"},
      {"curve + 1", "\"curve\" needs an argument", "curve(x)"},
      {"sin(x, y)", "\"sin\" takes 1 argument, here it has 2 (column 1)", ""},
      {"atan2(x)", "\"atan2\" takes 2 arguments, here it has 1", ""},
      {"min(x)", "\"min\" takes 2 or more arguments, here it has 1", ""},
      {"sin()", "\"sin\" has no argument", ""},
      {"if(x, 1, 2)", "a condition is expected here, this is a number (column 4)", "x > 0"},
      {"x ? 1 : 2", "a condition is expected here, this is a number (column 3)", "x > 0"},
      {"x and y", "a condition is expected", "x > 0"},
      {"not x", "a condition is expected here, this is a number (column 5)", "x > 0"},
      {"0 < x < 1", "comparisons cannot be chained (column 7)", "0 < x and x < 1"},
      {"x > 0 ? 1", "a : is expected here (column 10)", "condition ? a : b"},
      {"1e999", "too large or too small (column 1)", ""},
      {"1/0", "no finite value (column 2)", ""},
      {"x + log(-1)", "no finite value (column 5)", ""},
      {"(-8)^(1/3)", "no finite value (column 5)", ""},
      {"curve(4)", "table \"curve\" is not defined at 4 (column 1)", "from 0 to 3"},
  };
  for (const Example& example : examples) {
    INFO(example.text);
    const Error found = error_of(example.text);
    CHECK(found.kind() == ErrorKind::case_file);
    CHECK_THAT(found.what(), Contains(example.what));
    CHECK_THAT(found.hint(), Contains(example.hint));
  }
}

TEST_CASE("The mark of an error in a long text stands below the right word", "[expression]") {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "x + ";
  text += "wrong + ";
  text += text;
  const std::string what = error_of(text).what();
  CHECK_THAT(what, Contains("(column 201)"));
  const auto first = what.find('\n') + 1;
  const auto second = what.find('\n', first) + 1;
  const std::string line = what.substr(first, second - first - 1);
  const std::string mark = what.substr(second);
  CHECK(line.substr(mark.find('^'), 5) == "wrong");
  CHECK(mark.find('~') == mark.find('^') + 1);
  CHECK(mark.size() - mark.find('^') == 5);
  CHECK(line.size() <= 80);
}

TEST_CASE("Lanes give what eight single evaluations give", "[expression]") {
  const char* texts[] = {"sin(x)*exp(y) + k*z^3 - t", "if(x < y, x^2, sqrt(abs(y))) + max(x, y)*step(z)",
                         "atan2(y, x) + pow(abs(x) + 1, y) - m/(1 + u^2) + erf(w)*floor(z)",
                         "((x < 0.2 and y > 0) or not z > 0) ? tanh(x) : log(2 + cos(x*y))"};
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(-2.0, 2.0);
  for (const char* text : texts) {
    INFO(text);
    const Expression e = compile(text);
    Lanes position[3], parameters[2], fields[1], data[1], time;
    for (Lanes* v :
         {&position[0], &position[1], &position[2], &parameters[0], &parameters[1], &fields[0], &data[0], &time}) {
      for (int lane = 0; lane < num_lanes; ++lane) v->set(lane, uniform(random));
    }
    const Lanes many = e.evaluate(ExpressionInputs<Lanes>{position, time, parameters, fields, data});
    for (int lane = 0; lane < num_lanes; ++lane) {
      const double p[] = {position[0][lane], position[1][lane], position[2][lane]};
      const double q[] = {parameters[0][lane], parameters[1][lane]};
      const double f[] = {fields[0][lane]};
      const double d[] = {data[0][lane]};
      CHECK(many[lane] ==
            Approx(e.evaluate(ExpressionInputs<double>{p, time[lane], q, f, d})).epsilon(1e-14).margin(0));
    }
  }
}

TEST_CASE("Derivatives by dual numbers are the analytic ones", "[expression]") {
  const double x = 0.7, y = -1.3;
  struct Example {
    const char* text;
    double dx;
  };
  const Example examples[] = {
      {"3*x + y", 3.0},
      {"x^2", 2 * x},
      {"x^-3", -3 * std::pow(x, -4)},
      {"(x - 1)^5", 5 * std::pow(x - 1, 4)},
      {"x^2.5", 2.5 * std::pow(x, 1.5)},
      {"x^x", std::pow(x, x) * (std::log(x) + 1)},
      {"2^x", std::pow(2.0, x) * std::log(2.0)},
      {"1/x", -1 / (x * x)},
      {"x/y", 1 / y},
      {"5 - x", -1.0},
      {"sin(x*y)", y * std::cos(x * y)},
      {"cos(2*x)", -2 * std::sin(2 * x)},
      {"tan(x)", 1 / (std::cos(x) * std::cos(x))},
      {"asin(x)", 1 / std::sqrt(1 - x * x)},
      {"acos(x)", -1 / std::sqrt(1 - x * x)},
      {"atan(x)", 1 / (1 + x * x)},
      {"atan2(y, x)", -y / (x * x + y * y)},
      {"sinh(x)", std::cosh(x)},
      {"cosh(x)", std::sinh(x)},
      {"tanh(x)", 1 / (std::cosh(x) * std::cosh(x))},
      {"exp(x*x)", 2 * x * std::exp(x * x)},
      {"log(x)", 1 / x},
      {"log10(x)", 1 / (x * std::log(10.0))},
      {"sqrt(x)", 0.5 / std::sqrt(x)},
      {"abs(x - 1)", -1.0},
      {"erf(x)", 2 / std::sqrt(std::numbers::pi) * std::exp(-x * x)},
      {"floor(x)", 0.0},
      {"sign(x)", 0.0},
      {"step(x)", 0.0},
      {"min(x, 1)", 1.0},
      {"max(x^2, 1)", 0.0},
      {"if(x < 1, x^3, sqrt(x - 1))", 3 * x * x},
      {"(x < 1)*x", 1.0},
      {"curve(x)", 2.0},
      {"curve(2*x)", -4.0},
      {"7", 0.0},
  };
  using D = Dual<double, 1>;
  for (const Example& example : examples) {
    INFO(example.text);
    const Expression e = compile(example.text);
    D position[3] = {D(x), D(y), D(2.5)};
    position[0].d[0] = 1.0;
    const D result = e.evaluate<D>({.position = position});
    CHECK(result.d[0] == Approx(example.dx).epsilon(1e-14).margin(1e-300));
    CHECK(result.v == Approx(value_of(example.text)).epsilon(1e-14).margin(0));
  }
}

TEST_CASE("Derivatives in time, parameters, fields and data are those of differences", "[expression]") {
  const Expression e = compile("k*sin(t)*u^2 + exp(-m*t)/w + atan2(u, k) + curve(m + t)");
  using D = Dual<Lanes, 4>;  // t, m, u, w
  D parameters[2] = {D(3.0), D(0.25)}, fields[1] = {D(1.5)}, data[1] = {D(-0.5)}, time(0.4);
  time.d[0] = parameters[1].d[1] = fields[0].d[2] = data[0].d[3] = Lanes(1.0);
  const D result = e.evaluate<D>({.time = time, .parameters = parameters, .fields = fields, .data = data});
  const auto f = [&](double dt, double dm, double du, double dw) {
    const double p[] = {3.0, 0.25 + dm}, u[] = {1.5 + du}, w[] = {-0.5 + dw};
    return e.evaluate<double>({.time = 0.4 + dt, .parameters = p, .fields = u, .data = w});
  };
  const double h = 1e-5;
  CHECK(result.v[3] == Approx(f(0, 0, 0, 0)).epsilon(1e-14));
  CHECK(result.d[0][0] == Approx((f(h, 0, 0, 0) - f(-h, 0, 0, 0)) / (2 * h)).epsilon(1e-8));
  CHECK(result.d[1][7] == Approx((f(0, h, 0, 0) - f(0, -h, 0, 0)) / (2 * h)).epsilon(1e-8));
  CHECK(result.d[2][5] == Approx((f(0, 0, h, 0) - f(0, 0, -h, 0)) / (2 * h)).epsilon(1e-8));
  CHECK(result.d[3][2] == Approx((f(0, 0, 0, h) - f(0, 0, 0, -h)) / (2 * h)).epsilon(1e-8));
}

TEST_CASE("Second derivatives come from nested dual numbers", "[expression]") {
  using D = Dual<Dual<Lanes, 1>, 1>;
  D position[1];
  position[0].v = Dual<Lanes, 1>(0.7);
  position[0].v.d[0] = Lanes(1.0);
  position[0].d[0] = Dual<Lanes, 1>(1.0);
  const auto second = [&](const char* text) { return compile(text).evaluate<D>({.position = position}).d[0].d[0][4]; };
  CHECK(second("x^4") == Approx(12 * 0.49));
  CHECK(second("sin(2*x)") == Approx(-4 * std::sin(1.4)));
  CHECK(second("x^2.5") == Approx(2.5 * 1.5 * std::sqrt(0.7)));
  CHECK(second("exp(x)/x") == Approx(std::exp(0.7) * (1 / 0.7 - 2 / 0.49 + 2 / 0.343)));
  CHECK(second("if(x > 0, x*x, 1) + curve(x)") == Approx(2.0));
}

TEST_CASE("The order of evaluation keeps the stack low whatever way the text is nested", "[expression]") {
  std::string right = "x", left = "x", choice = "9", condition = "x";
  for (int i = 0; i < 100; ++i) {
    right = "1+(y-(" + right + "))";  // 1 + y - r twice gives r again
    left = "(" + left + "-y)+1";
    choice = "(x > " + std::to_string(1000 - i) + " ? x : " + choice + ")";
  }
  CHECK(value_of(right) == Approx(0.7));
  CHECK(value_of(left) == Approx(0.7 + 100 * 2.3));
  CHECK(value_of(choice) == 9.0);
  for (int i = 0; i < 10; ++i) condition = "if(" + condition + " > y, x, z)";
  CHECK(value_of(condition) == 0.7);

  const auto tree = [](auto&& self, int depth, int& leaf) -> std::string {
    if (depth == 0) return "x^" + std::to_string(2 + leaf++ % 3);
    const std::string a = self(self, depth - 1, leaf);
    return "(" + a + (depth % 2 == 0 ? "-" : "*") + self(self, depth - 1, leaf) + ")";
  };
  int leaf = 0;
  const double x = 0.7;
  const auto balanced = [&](auto&& self, int depth, int& n) -> double {
    if (depth == 0) return std::pow(x, 2 + n++ % 3);
    const double a = self(self, depth - 1, n);
    const double b = self(self, depth - 1, n);
    return depth % 2 == 0 ? a - b : a * b;
  };
  int n = 0;
  CHECK(value_of(tree(tree, 9, leaf)) == Approx(balanced(balanced, 9, n)).epsilon(1e-9));
}
