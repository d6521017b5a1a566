#include <catch2/catch.hpp>

#include "ansatz/sdk/expression_affine.hpp"

using namespace ansatz::sdk;

namespace {

bool affine(const std::string& text, int end = 100) {
  auto symbols = SymbolTable::space_time(2);
  symbols.add_parameter("k", 0);
  symbols.add_field("u", 0);
  symbols.add_field("v", 1);
  symbols.add_field("n", 7);
  return is_affine(Expression::compile(text, symbols, "test"), SymbolKind::field, end);
}

}  // namespace

TEST_CASE("Sums, multiples and choices by other symbols are affine", "[expression]") {
  for (const auto* text : {"3", "exp(x)*k", "u", "-u + 2*v - 7", "sin(x)*u/k^2", "(u - v)*(x + k)/3", "x < 0.5 ? u : 2 - v",
                           "k*(x > 0 and y > 0 ? 100*u : 0)"}) {
    CAPTURE(text);
    CHECK(affine(text));
  }
}

TEST_CASE("Products, powers, functions and conditions of the symbols are not affine", "[expression]") {
  for (const auto* text : {"u*v", "u^2", "1/u", "x/(1 + u)", "abs(u)", "max(u, 300)", "exp(k*u)", "u < 1 ? 0 : 1", "u > 400 ? u : 0",
                           "sqrt(u^2)"}) {
    CAPTURE(text);
    CHECK_FALSE(affine(text));
  }
}

TEST_CASE("Symbols from an index on are no unknowns", "[expression]") {
  CHECK(affine("u*n + v*n", 7));
  CHECK(affine("u*n^2", 7));
  CHECK_FALSE(affine("u*n", 8));
  CHECK_FALSE(affine("u*v*n", 7));
}
