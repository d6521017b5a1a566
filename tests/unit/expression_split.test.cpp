#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/expression.hpp"

using namespace ansatz::sdk;

namespace {

SymbolTable symbols() {
  SymbolTable table = SymbolTable::space_time(3);
  for (int i = 0; i < 3; ++i) table.add_parameter(std::string("k") + std::to_string(i + 1), i);
  table.add_field("u", 0);
  table.add_data("w", 0);
  table.add_constant("rho", 7.0);
  table.add_table("curve", {{-10.0, 0.0, 1.0, 10.0}, {2.0, 4.0, -1.0, 0.0}});
  return table;
}

Expression compile(const std::string& text) { return Expression::compile(text, symbols(), "test"); }

/// Random positive values of all symbols.
struct Sample {
  double position[3], time, parameters[3], fields[1], data[1];
  explicit Sample(std::mt19937& random) {
    std::uniform_real_distribution<double> uniform(0.1, 2.0);
    for (double* v : {&position[0], &position[1], &position[2], &time, &parameters[0], &parameters[1], &parameters[2],
                      &fields[0], &data[0]}) {
      *v = uniform(random);
    }
  }
  ExpressionInputs<double> all() const { return {position, time, parameters, fields, data}; }
  ExpressionInputs<double> only_parameters() const { return {.parameters = parameters}; }
  ExpressionInputs<double> no_parameters() const { return {position, time, nullptr, fields, data}; }
};

struct Example {
  const char* text;
  std::size_t terms;
};

const Example separable[] = {
    {"3", 1},
    {"x*y + t", 1},
    {"k1", 1},
    {"k1 + k2", 1},
    {"-k1", 1},
    {"k1*x", 1},
    {"x*k1", 1},
    {"k1*x + k1*y", 1},
    {"k1*x + y*k1 + 2*k1", 1},
    {"2*k1*x + 3*k1*y", 1},
    {"k1*k2*x + k2*k1*y", 1},
    {"(k1 + k2)*x + (k2 + k1)*y", 1},
    {"k1*x + k2*x", 1},
    {"2*k1*x - 3*k2*x", 1},
    {"k1*x + k1*y + k2*x + k2*y", 1},
    {"k1*x + k2*y", 2},
    {"k1 + x", 2},
    {"1 + k1*x - 2 + y", 2},
    {"k1*x + k2*y + k3*z + 1", 4},
    {"k1*x - k2*(y - k3)", 3},
    {"k1 + k2*x + k3", 2},
    {"(k1 + x)*(k2 + y)", 4},
    {"(k1 + x)*(k1 - x)", 2},
    {"(k1 + x)^2", 3},
    {"(k1 - 2*x)^5", 6},
    {"(k1*x)^3", 1},
    {"(k1*x)^-2", 1},
    {"(k1 + x*y)^2*u", 3},
    {"(k1 + x)/k2", 2},
    {"(k1 + x)/(k2 + k3)", 2},
    {"(k1 + x)/(1 + x^2)", 2},
    {"(k1*x + y)/(k2*z)", 2},
    {"k1*x/k1", 1},
    {"sin(k1)*cos(x) + sin(k1)*cos(y)", 1},
    {"exp(k1)*exp(-u)", 1},
    {"exp(k1 + x)", 1},
    {"exp(k1 - x^2 + 3) + exp(k1)*y", 1},
    {"exp(k1 + x)*(k2 + y)", 2},
    {"2^(k1 - 3*x)", 1},
    {"abs(k1*x - 2*k1*y)", 1},
    {"sign(k1*x*(-3))", 1},
    {"1/(k1*x + k1*y)", 1},
    {"(k1*x + k2*x)^-3", 1},
    {"(k1*x + k1*y)^3", 1},
    {"if(x < 1, k1, k2)", 2},
    {"if(x < 1, k1*y + k1*z, k1*u)", 1},
    {"if(x < 1, k1 + y, 3*k1)", 2},
    {"x < 1 ? k1 : y < 1 ? k2 : k3", 3},
    {"if(k1 < 1, x, y)", 2},
    {"if(k1 < k2, k3*x, x)", 1},
    {"k1*curve(x) + curve(k2)*w", 2},
    {"k1*(1 + u^2) + rho*k1*t", 1},
    {"step(k1 - 1)*x", 1},
    {"k1^2.5*x^0.5", 1},
    {"k1^k2*x^y", 1},
    {"(k1*x + k2*y)*(k1*x - k2*y)", 2},
};

}  // namespace

TEST_CASE("A separated expression has the expected number of terms and the same values", "[expression]") {
  std::mt19937 random(11);
  for (const Example& example : separable) {
    INFO(example.text);
    const Expression e = compile(example.text);
    const auto terms = separate(e);
    REQUIRE(terms);
    CHECK(terms->size() == example.terms);
    for (const SeparatedTerm& term : *terms) {
      INFO(term.theta.text() << "  |  " << term.g.text());
      for (const SymbolKind kind : {SymbolKind::position, SymbolKind::time, SymbolKind::field, SymbolKind::data}) {
        CHECK_FALSE(term.theta.depends_on(kind));
      }
      CHECK_FALSE(term.g.depends_on(SymbolKind::parameter));
    }
    for (int repeat = 0; repeat < 20; ++repeat) {
      const Sample sample(random);
      double sum = 0.0, scale = 0.0;
      for (const SeparatedTerm& term : *terms) {
        const double product = term.theta.evaluate(sample.only_parameters()) * term.g.evaluate(sample.no_parameters());
        sum += product;
        scale += std::abs(product);
      }
      CHECK(std::abs(sum - e.evaluate(sample.all())) <= 1e-14 * scale);
    }
  }
}

TEST_CASE("What does not separate is refused", "[expression]") {
  for (const char* text : {"sin(k1*x)", "sqrt(k1*x)", "x^k1", "k1^x", "1/(k1 + x)", "exp(k1*x)", "if(x < k1, 1, 2)",
                           "max(k1, x)", "curve(k1 + x)", "abs(k1 + x)", "(k1 + x)^0.5", "(k1 + x)^-1", "(k1 + x)^40",
                           "k1*x + sin(k1*x)", "log(k1*x)", "floor(x + k1)", "atan2(k1, x)", "(-2)^(k1 + x)"}) {
    INFO(text);
    CHECK_FALSE(separate(compile(text)));
  }
}

TEST_CASE("An expansion beyond the limit is refused, a long sum is not", "[expression]") {
  CHECK_FALSE(separate(compile("((k1 + x)*(k2 + y)*(k3 + z)*(k1 + u)*(k2 + w)*(k3 + t)*(k1 + y)*(k2 + z))^2")));
  std::string sum = "k1*x";
  for (int i = 2; i <= 300; ++i) sum += " + sin(" + std::to_string(i) + "*k1)*cos(" + std::to_string(i) + "*x)";
  const auto terms = separate(compile(sum));
  REQUIRE(terms);
  CHECK(terms->size() == 300);
}

TEST_CASE("The parts of a separated expression have readable texts", "[expression]") {
  const auto texts = [](const char* text) {
    std::string out;
    const auto terms = separate(compile(text));
    for (const SeparatedTerm& term : *terms) out += "[" + term.theta.text() + " | " + term.g.text() + "]";
    return out;
  };
  CHECK(texts("x + y") == "[1 | x + y]");
  CHECK(texts("k1*x + k1*y") == "[k1 | x + y]");
  CHECK(texts("2*k1*x - k2") == "[k1 | 2*x][k2 | -1]");
  CHECK(texts("k1") == "[k1 | 1]");
  CHECK(texts("k2*k1*x") == texts("k1*x*k2"));
  CHECK(texts("x/k1^2") == "[1/k1^2 | x]");
  CHECK(texts("if(x < 1, k1, k2)") == "[k1 | if(x < 1, 1, 0)][k2 | if(x < 1, 0, 1)]");
  CHECK(texts("k1*x - k1*x") == "[1 | 0]");
}

TEST_CASE("The canonical text of a part compiles to the same function", "[expression]") {
  std::mt19937 random(5);
  const SymbolTable table = symbols();
  const char* more[] = {"k1*(x - (y - z))*2 - -y", "k1*(x/(y/z) - (-x)^2 + -x^2 + 2^-x^2 + (2^x)^y + x^y^z)",
                        "k1*(if(not (x < 1 or y < 1) and z != 1, 1e-30, -1.5e300) + (x < y)*2 + (x <= 1))",
                        "k1*(min(x, y, z) + atan2(-x, y)^-3 + (-2)^3*x - (0.1)^x + (x + y)*(x - y)/(x*y))"};
  std::vector<std::string> all(std::begin(more), std::end(more));
  for (const Example& example : separable) all.emplace_back(example.text);
  for (const std::string& text : all) {
    const auto terms = separate(compile(text));
    REQUIRE(terms);
    for (const SeparatedTerm& term : *terms) {
      for (const Expression* part : {&term.theta, &term.g}) {
        INFO(text << "  ->  " << part->text());
        const Expression again = Expression::compile(part->text(), table, "printed");
        const Sample sample(random);
        CHECK(again.evaluate(sample.all()) == part->evaluate(sample.all()));
      }
    }
  }
}

TEST_CASE("The interval of an expression contains its values", "[expression]") {
  const char* texts[] = {"k1 + k2*k3",
                         "k1 - k2",
                         "-k1",
                         "k1/k2",
                         "1/k1",
                         "k1^2 - 3*k1",
                         "k1^3",
                         "k1^-2",
                         "k1^-3",
                         "k1^1.7",
                         "k1^k2",
                         "2^k1",
                         "sin(5*k1)",
                         "cos(7*k2)",
                         "tan(k1/3)",
                         "tan(3*k1)",
                         "asin(k1/3)",
                         "acos(k2/4)",
                         "atan(k3 - 2)",
                         "atan2(k1, k2)",
                         "atan2(k1 - 1, k2 - 1)",
                         "sinh(k1 - 1)",
                         "cosh(k1 - 1)",
                         "tanh(k2)",
                         "exp(-k1*k2)",
                         "log(k1)",
                         "log10(k2*k3)",
                         "sqrt(k1*k2)",
                         "abs(k1 - 1)",
                         "sign(k1 - 1)",
                         "erf(k1 - k2)",
                         "floor(3*k1)",
                         "step(k1 - 1)",
                         "min(k1, k2, k3)",
                         "max(k1, 1)",
                         "if(k1 < 1, k2, 5)",
                         "k1 < k2",
                         "k1 <= 5",
                         "k1 == k2",
                         "k1 != k2",
                         "if(not k1 > 1 and k2 >= 1 or k3 < 1, k1, -k2)",
                         "curve(3*k1)",
                         "curve(k1 - 1)",
                         "(k1 + k2)^2/(1 + k3^2)",
                         "sin(k1)*cos(k2) - k3/(k1 + 1)"};
  std::mt19937 random(3);
  for (const char* text : texts) {
    const Expression theta = compile(text);
    for (int box = 0; box < 10; ++box) {
      const Sample a(random), b(random);
      double low[3], high[3], width[3];
      for (int i = 0; i < 3; ++i) {
        low[i] = std::min(a.parameters[i], b.parameters[i]);
        high[i] = std::max(a.parameters[i], b.parameters[i]);
        width[i] = high[i] - low[i];
      }
      const auto [least, most] = interval(theta, low, high);
      INFO(text << " in [" << least << ", " << most << "]");
      int outside = 0;
      for (int k = 0; k < 100; ++k) {
        std::uniform_real_distribution<double> unit(0.0, 1.0);
        double mu[3];
        for (int i = 0; i < 3; ++i) mu[i] = k == 0 ? low[i] : k == 1 ? high[i] : low[i] + width[i] * unit(random);
        const double value = theta.evaluate<double>({.parameters = mu});
        if (!(least <= value && value <= most)) ++outside;
      }
      CHECK(outside == 0);
    }
  }
}

TEST_CASE("The interval of an expression is sharp where it can be", "[expression]") {
  const auto check = [](const char* text, double low1, double high1, double least, double most, double tolerance) {
    INFO(text);
    const double low[] = {low1, 1.0, 1.0}, high[] = {high1, 2.0, 2.0};
    const auto found = interval(compile(text), low, high);
    CHECK(found.first <= least);
    CHECK(found.first >= least - tolerance);
    CHECK(found.second >= most);
    CHECK(found.second <= most + tolerance);
  };
  check("3", 0.0, 1.0, 3.0, 3.0, 0.0);
  check("k1", 0.1, 1.0, 0.1, 1.0, 0.0);
  check("2*k1 + k2", 0.1, 1.0, 1.2, 4.0, 1e-13);
  check("k1^2", -1.0, 2.0, 0.0, 4.0, 1e-13);
  check("abs(k1)", -3.0, 2.0, 0.0, 3.0, 1e-13);
  check("sin(k1)", 0.0, 2.0, 0.0, 1.0, 1e-13);
  check("cos(k1)", 1.0, 4.0, -1.0, std::cos(1.0), 1e-13);
  check("1/k1", 0.5, 2.0, 0.5, 2.0, 1e-13);
  check("exp(k1)", 0.0, 1.0, 1.0, std::exp(1.0), 1e-13);
  check("curve(k1)", -1.0, 0.5, 1.5, 4.0, 1e-10);
  check("if(k1 < 5, k1, -1)", 0.0, 1.0, 0.0, 1.0, 1e-13);
  check("k1^2 - k1 + 1", 0.0, 1.0, 0.75, 1.0, 0.02);  // k1 occurs twice: only nearly sharp, but seen to be positive
  check("k1*(1 - k1)", 0.0, 1.0, 0.0, 0.25, 0.02);
}

TEST_CASE("The interval is infinite where a value may be undefined, and refuses what is not a parameter",
          "[expression]") {
  const double low[] = {-1.0, 1.0, 0.0}, high[] = {1.0, 2.0, 1.0};
  for (const char* text :
       {"1/k1", "log(k1)", "sqrt(k1)", "k1^0.5", "k1^k2", "tan(2*k1)", "asin(2*k2)", "curve(100*k1)", "1/k3"}) {
    INFO(text);
    const auto [least, most] = interval(compile(text), low, high);
    CHECK(least == -std::numeric_limits<double>::infinity());
    CHECK(most == std::numeric_limits<double>::infinity());
  }
  CHECK_THROWS_AS(interval(compile("k1*x"), low, high), Error);
  CHECK_THROWS_AS(interval(compile("k3"), std::span(low).first(2), std::span(high).first(2)), Error);
}
