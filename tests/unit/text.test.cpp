#include "ansatz/sdk/text.hpp"

#include <catch2/catch.hpp>
#include <vector>

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
