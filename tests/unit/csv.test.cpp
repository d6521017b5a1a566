#include "engine/io/charts/csv.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace ansatz;

TEST_CASE("Fields of tables are quoted where RFC 4180 wants it, and only there", "[io]") {
  CHECK(io::csv_field("plain text") == "plain text");
  CHECK(io::csv_field("") == "");
  CHECK(io::csv_field("K, mean") == "\"K, mean\"");
  CHECK(io::csv_field("per \"unit\"") == "\"per \"\"unit\"\"\"");
  CHECK(io::csv_field(" K") == "\" K\"");
  CHECK(io::csv_label("m", "K, mean") == "\"m [K, mean]\"");
  CHECK(io::csv_label("m", "") == "m");
  CHECK(io::csv_line(std::vector<std::string>{"a", "\"b,c\""}) == "a,\"b,c\"\n");
}

TEST_CASE("A field is one line, whatever it holds", "[io]") {
  CHECK(io::csv_field("K\nfake,row\x1b[2J") == "\"K\\x0afake,row\\x1b[2J\"");
  CHECK(io::csv_field("a\r\n") == "a\\x0d\\x0a");
}

TEST_CASE("Numbers of tables have all their digits, and zero has no sign", "[io]") {
  CHECK(io::csv_number(-0.0) == "0");
  CHECK(io::csv_number(0.1) == "0.10000000000000001");
  CHECK(io::csv_number(-2.5e-300) == "-2.5e-300");
}
