#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/expression.hpp"

using namespace ansatz::sdk;

namespace {

const SymbolTable& symbols() {
  static const SymbolTable table = [] {
    SymbolTable t = SymbolTable::space_time(2);
    t.add_parameter("k", 0);
    t.add_parameter("m", 1);
    t.add_table("curve", {{-5.0, 0.0, 5.0}, {1.0, 2.0, 0.5}});
    return t;
  }();
  return table;
}

/// Compiles, evaluates and separates; counts what compiled and what separated. Only Error may be thrown.
struct Attempt {
  int compiled = 0, separated = 0, unequal = 0, unreadable = 0;

  void operator()(const std::string& text) {
    try {
      check(Expression::compile(text, symbols(), "fuzz"));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::case_file || error.report().size() > 2000) ++unreadable;
    }
  }

 private:
  void check(const Expression& e) {
    ++compiled;
    const double position[] = {0.3, 1.7}, parameters[] = {0.9, 1.4};
    const ExpressionInputs<double> inputs{.position = position, .time = 0.6, .parameters = parameters};
    const double value = e.evaluate(inputs);
    const auto terms = separate(e);
    if (!terms) return;
    ++separated;
    double sum = 0.0, scale = 0.0;
    for (const SeparatedTerm& term : *terms) {
      const double product = term.theta.evaluate(inputs) * term.g.evaluate(inputs);
      sum += product;
      scale += std::abs(product);
    }
    // Rounding is magnified by functions such as exp of exp; steps and non-finite values are left out.
    if (std::isfinite(value) && std::isfinite(sum) && scale < 1e6 && std::abs(sum - value) > 1e-9 * scale) {
      ++unequal;
      UNSCOPED_INFO(e.text() << " = " << value << ", separated " << sum);
    }
  }
};

}  // namespace

TEST_CASE("Random bytes either compile or give an error", "[expression]") {
  std::mt19937 random(1);
  Attempt attempt;
  for (int i = 0; i < 5000; ++i) {
    std::string text(random() % 40, ' ');
    for (char& c : text) c = static_cast<char>(i % 2 == 0 ? random() % 256 : ' ' + random() % 95);
    attempt(text);
  }
  CHECK(attempt.unreadable == 0);
  CHECK(attempt.unequal == 0);
}

TEST_CASE("Random sequences of tokens either compile or give an error", "[expression]") {
  const char* tokens[] = {"x", "y", "t",   "k",    "m",    "2",      "0.5",  "1e3",  "pi",    "+",   "-",  "*",
                          "/", "^", "(",   ")",    ",",    "<",      "<=",   "==",   "!=",    "and", "or", "not",
                          "?", ":", "if(", "sin(", "exp(", "curve(", "min(", "abs(", "step(", "**",  "nix"};
  std::mt19937 random(2);
  Attempt attempt;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (unsigned n = 1 + random() % 12; n > 0; --n) text += std::string(tokens[random() % std::size(tokens)]) + " ";
    attempt(text);
  }
  CHECK(attempt.compiled > 100);
  CHECK(attempt.unreadable == 0);
  CHECK(attempt.unequal == 0);
}

namespace {

std::string random_expression(std::mt19937& random, int depth);

std::string random_condition(std::mt19937& random, int depth) {
  const auto number = [&] { return random_expression(random, depth - 1); };
  if (depth > 1 && random() % 3 == 0) {
    return std::string("(") + random_condition(random, depth - 1) + (random() % 2 == 0 ? " and not " : " or ") +
           random_condition(random, depth - 1) + ")";
  }
  return number() + (random() % 2 == 0 ? " < " : " >= ") + number();
}

std::string random_expression(std::mt19937& random, int depth) {
  const auto part = [&] { return random_expression(random, depth - 1); };
  const char* leaves[] = {"x", "y", "t", "k", "m", "2", "0.5", "3", "k*x", "pi"};
  const char* functions[] = {"sin", "cos", "exp", "abs", "sqrt", "tanh", "sign", "step", "curve", "-", "atan", "floor"};
  const char* operators[] = {"+", "-", "*", "/", " + ", " - ", "*"};
  if (depth <= 0) return leaves[random() % std::size(leaves)];
  switch (random() % 8) {
    case 0:
      return std::string(functions[random() % std::size(functions)]) + "(" + part() + ")";
    case 1:
      return std::string("(") + part() + ")^" + std::to_string(static_cast<int>(random() % 7) - 3);
    case 2:
      return std::string("if(") + random_condition(random, depth) + ", " + part() + ", " + part() + ")";
    case 3:
      return std::string("min(") + part() + ", " + part() + ")";
    default:
      return std::string("(") + part() + operators[random() % std::size(operators)] + part() + ")";
  }
}

}  // namespace

TEST_CASE("Random well-formed expressions compile, and separate without a change of value", "[expression]") {
  std::mt19937 random(3);
  Attempt attempt;
  for (int i = 0; i < 4000; ++i) attempt(random_expression(random, 1 + i % 5));
  CHECK(attempt.compiled > 3000);
  CHECK(attempt.separated > 1000);
  CHECK(attempt.unreadable == 0);
  CHECK(attempt.unequal == 0);
}

TEST_CASE("Very long and very deep texts do not crash", "[expression]") {
  Attempt attempt;
  const auto repeated = [](const std::string& part, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += part;
    return out;
  };
  const int n = 100000;
  for (const char* part :
       {"(",        ")",    "-",      "+",       "x",    "x+", "x-", "x*", "x^",   "2^", "1",  "9.",   "sin(", "not ",
        "x<1 and ", "x<1?", "x<1?1:", "if(x<1,", "min(", "1,", "e",  "e1", "\xff", "\n", "k(", "a.b.", "<"}) {
    INFO(part);
    attempt(repeated(part, n));
    attempt(repeated(part, n) + "x");
  }
  const int before = attempt.compiled;
  attempt(std::string("x") + repeated("+x", 999));
  CHECK(attempt.compiled == before + 1);
  attempt(repeated("(", 400) + "x" + repeated(")", 400));
  CHECK(attempt.compiled == before + 2);
  attempt(std::string("min(") + repeated("x,", 900) + "k)");
  CHECK(attempt.compiled == before + 3);
  CHECK(attempt.unreadable == 0);

  std::mt19937 random(4);
  std::string garbage(n, ' ');
  for (char& c : garbage) c = static_cast<char>(random() % 256);
  attempt(garbage);
  for (char& c : garbage) c = "xyk123.+-*/^()<>=,?: e"[random() % 22];
  attempt(garbage);
  CHECK(attempt.unreadable == 0);
}
