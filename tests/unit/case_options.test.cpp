// Options of plugins as keys of a case: tables, samples, places, effective text and description from one schema.
#include "engine/input/case_options.hpp"

#include <catch2/catch.hpp>

#include "ansatz/sdk/error.hpp"

using namespace ansatz;
using Catch::Matchers::Contains;

namespace {

sdk::ParameterSchema schema() {
  sdk::ParameterSchema out;
  out.add({.name = "width", .initial = 2.0, .unit = "m", .doc = "a length", .range = sdk::positive});
  out.add({.name = "network.layers", .initial = std::vector<double>{64, 64}, .unit = "1", .doc = "widths"});
  out.add({.name = "network.activation",
           .initial = std::string("tanh"),
           .unit = "1",
           .doc = "of hidden layers",
           .choices = {"tanh", "sin"}});
  out.add({.name = "points", .initial = sdk::Sampling{"sobol", 2000, 1}, .unit = "1", .doc = "of the residual"});
  out.add({.name = "network.seed", .initial = std::int64_t{0}, .unit = "1", .doc = "of weights", .required = true});
  return out;
}

/// Reads a text as the section [solver.toy]; throws what is wrong with it.
sdk::ParameterSet read(const std::string& text) {
  const auto table = toml::parse(text, std::string("case.toml"));
  input::Diagnostics diagnostics("case.toml", text);
  auto options = input::read_options({table, "solver.toy", {"case.toml", 1, 1}, diagnostics}, schema());
  diagnostics.throw_if_any();
  return options;
}

}  // namespace

TEST_CASE("Options of tables and samples are read, with the place of each", "[case]") {
  const auto options = read("network = { layers = [8, 8, 8], seed = 3 }\npoints = { halton = 50, seed = 9 }\n");
  CHECK(options.numbers("network.layers") == std::vector<double>{8, 8, 8});
  CHECK(options.string("network.activation") == "tanh");
  CHECK(options.integer("network.seed") == 3);
  CHECK(options.sampling("points") == sdk::Sampling{"halton", 50, 9});
  CHECK(options.number("width") == 2.0);
  CHECK_THAT(options.where("points"), Contains(":2:"));
  CHECK(options.where("width").empty());
  input::TomlWriter to;
  input::write_options(to, options);
  const auto text = to.take();
  CHECK(text ==
        "width = 2  # m\nnetwork = { layers = [8, 8, 8], activation = \"tanh\", seed = 3 }\n"
        "points = { halton = 50, seed = 9 }\n");
  input::TomlWriter again;
  input::write_options(again, read(text));
  CHECK(again.take() == text);
}

TEST_CASE("Wrong options of tables are refused, each at its place", "[case]") {
  for (const auto& [text, words] :
       {std::pair{"", "\"network.seed\" is missing"}, std::pair{"network = { sed = 3 }", "did you mean \"seed\"?"},
        std::pair{"network = 3", "network"}, std::pair{"network = { seed = 3, activation = \"relu\" }", "not one of"},
        std::pair{"network.seed = 3\npoints = { sobl = 3 }", "sobol"},
        std::pair{"network.seed = 3\npoints = { sobol = 3, halton = 3 }", "several"},
        std::pair{"network.seed = 3\nwidth = -1", "out of its range"}}) {
    CAPTURE(text);
    try {
      read(text);
      FAIL_CHECK("it was taken");
    } catch (const sdk::Error& error) {
      CHECK_THAT(error.report(), Contains(words) && Contains("case.toml"));
    }
  }
}

TEST_CASE("The description of options has tables, defaults and kinds of samples", "[case]") {
  const auto infos = input::option_infos(schema());
  REQUIRE(infos.size() == 3);
  CHECK(infos[0].name == "width");
  CHECK(infos[0].initial == "2");
  REQUIRE(infos[1].keys.size() == 3);
  CHECK(infos[1].keys[1].words == std::vector<std::string>{"tanh", "sin"});
  CHECK(infos[1].keys[2].required);
  CHECK(infos[2].type == input::KeyType::table);
  CHECK(infos[2].keys.size() == 7);
}
