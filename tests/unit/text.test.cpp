#include "ansatz/sdk/text.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "ansatz/sdk/terminal.hpp"

using namespace ansatz::sdk;

TEST_CASE("The closest candidate is found for every kind of typing error", "[text]") {
  const std::vector<std::string> names{"left", "right", "conductivity", "kappa", "k1", "x", "Temperature"};
  CHECK(closest("lft", names) == "left");                  // missing letter
  CHECK(closest("leftt", names) == "left");                // extra letter
  CHECK(closest("keft", names) == "left");                 // wrong letter
  CHECK(closest("rihgt", names) == "right");               // swapped letters
  CHECK(closest("condcutivty", names) == "conductivity");  // two errors in a long word
  CHECK(closest("temperature", names) == "Temperature");   // case
  CHECK(closest("k2", names) == "k1");
  CHECK(closest("X", names) == "x");
}

TEST_CASE("No candidate is suggested where none is near", "[text]") {
  const std::vector<std::string> names{"left", "x", "y"};
  CHECK(closest("q", names).empty());
  CHECK(closest("bottom", names).empty());
  CHECK(closest("", names).empty());
  CHECK(closest(std::string(100000, 'a'), names).empty());
  CHECK(closest("left", {}).empty());
}

TEST_CASE("The first of equally near candidates wins, and an exact one wins over all", "[text]") {
  const std::vector<std::string> names{"k1", "k2", "k3"};
  CHECK(closest("k4", names) == "k1");
  CHECK(closest("k3", names) == "k3");
  CHECK(did_you_mean("k3x", names) == "did you mean \"k3\"?");
  CHECK(did_you_mean("density", names).empty());
}

TEST_CASE("Text for XML is escaped, and loses what XML forbids", "[text]") {
  CHECK(xml_escaped("a < b & \"c\" > d") == "a &lt; b &amp; &quot;c&quot; &gt; d");
  CHECK(xml_escaped("one\ttwo\n") == "one two ");
}

TEST_CASE("XML gets no characters that it does not have", "[text]") {
  CHECK(xml_escaped("a\x7f"
                    "b\xC2\x85"
                    "c") == "a b c");
  CHECK(xml_escaped("a\xFF"
                    "b\xEF\xBF\xBE"
                    "c\xEF\xBF\xBF"
                    "d") ==
        "a\uFFFD"
        "b\uFFFD"
        "c\uFFFD"
        "d");
  CHECK(xml_escaped("W/(m\u00B2 K) \U0001F525") == "W/(m\u00B2 K) \U0001F525");
}

TEST_CASE("What commands a terminal is written out, and everything else stays", "[text]") {
  CHECK(printable("T\x1b]0;owned\a\x1b[31mX\u202E\x01") == "T\\x1b]0;owned\\x07\\x1b[31mX\\u202e\\x01");
  CHECK(printable("one\n\ttwo \u00B5m \u4F60 \U0001F525") == "one\n\ttwo \u00B5m \u4F60 \U0001F525");
  CHECK(printable("\xC2\x9B"
                  "31m") == "\\x9b31m");  // C1 is the same command to some
  CHECK(printable("\x9B"
                  "31m\xC3") == "\\x9b31m\\xc3");  // no UTF-8
  CHECK(printable("\xC0\x9B \xED\xA0\x80 \xF4\x90\x80\x80") ==
        "\\xc0\\x9b \\xed\\xa0\\x80 \\xf4\\x90\\x80\\x80");  // overlong, a surrogate, beyond Unicode
  CHECK(printable("a\x7f\u2028\u2066") == "a\\x7f\\u2028\\u2066");
  CHECK(printable_line("K\n\tfake") == "K\\x0a\\x09fake");
}
