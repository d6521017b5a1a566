#include "ansatz/sdk/parameters.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "ansatz/sdk/physics_interface.hpp"
#include "tests/support/fake_physics.hpp"

using namespace ansatz;
using Catch::Matchers::Contains;
using test::error_of;

namespace {

sdk::ParameterSchema schema() {
  sdk::ParameterSchema out;
  out.add({"tolerance", 1e-6, "1", "where to stop", sdk::Range{0.0, 1.0, true, true}});
  out.add({"steps", std::int64_t{10}, "1", "how many", sdk::Range{1, 100}});
  out.add({"kernel", std::string("gauss"), "1", "which kernel", {}, {"gauss", "matern"}});
  out.add({"layers", std::vector<double>{8, 8}, "1", "widths", sdk::positive});
  out.add({"names", std::vector<std::string>{}, "1", "names"});
  out.add({"length", 0.0, "m", "a length without default", sdk::positive, {}, true});
  out.add({"verbose", false, "1", "talk"});
  return out;
}

}  // namespace

TEST_CASE("a range says what it contains and in words", "[parameters]") {
  CHECK(sdk::any.text() == "any");
  CHECK(sdk::positive.text() == "> 0");
  CHECK(sdk::nonnegative.text() == ">= 0");
  CHECK(sdk::Range{-1.0, 0.5, false, true}.text() == "[-1, 0.5)");
  CHECK(sdk::Range{-INFINITY, 3.0, false, true}.text() == "< 3");
  CHECK_FALSE(sdk::positive.contains(0.0));
  CHECK(sdk::nonnegative.contains(0.0));
  CHECK_FALSE(sdk::Range{-1.0, 0.5, false, true}.contains(0.5));
}

TEST_CASE("parameters have their defaults until they are set", "[parameters]") {
  sdk::ParameterSet set(schema());
  CHECK(set.number("tolerance") == 1e-6);
  CHECK(set.integer("steps") == 10);
  set.set("tolerance", 0.25);
  set.set("steps", std::int64_t{7});
  set.set("kernel", std::string("matern"));
  set.set("layers", std::vector<double>{3});
  set.set("length", std::int64_t{2});
  set.set("names", std::vector<double>{});
  set.set("verbose", true);
  CHECK(set.number("tolerance") == 0.25);
  CHECK(set.integer("steps") == 7);
  CHECK(set.string("kernel") == "matern");
  CHECK(set.numbers("layers") == std::vector<double>{3});
  CHECK(set.strings("names").empty());
  CHECK(set.number("length") == 2.0);
  CHECK(set.boolean("verbose"));
}

TEST_CASE("a wrong parameter is an error that says what is right", "[parameters]") {
  sdk::ParameterSet set(schema());
  const auto unknown = error_of([&] { set.set("tolerence", 0.5, "case.toml:4:1"); });
  CHECK(unknown.kind() == sdk::ErrorKind::parameter);
  CHECK(sdk::exit_code(unknown.kind()) == 2);
  CHECK(unknown.where() == "case.toml:4:1");
  CHECK_THAT(unknown.what(), Contains("unknown parameter \"tolerence\""));
  CHECK_THAT(unknown.hint(), Contains("\"tolerance\""));
  CHECK_THAT(error_of([&] { set.set("tolerance", 1.0); }).what(),
             Contains("\"tolerance\" = 1 is out of its range: (0, 1)"));
  CHECK_THAT(error_of([&] { set.set("length", -2.0); }).what(), Contains("\"length\" = -2 m is out of its range: > 0"));
  CHECK_THAT(error_of([&] { set.set("tolerance", NAN); }).what(), Contains("is not finite"));
  CHECK_THAT(error_of([&] { set.set("steps", 2.5); }).what(), Contains("must be an integer, not a number"));
  CHECK_THAT(error_of([&] { set.set("layers", std::vector<double>{1, 0}); }).what(), Contains("out of its range"));
  const auto choice = error_of([&] { set.set("kernel", std::string("gaus")); });
  CHECK_THAT(choice.what(), Contains("\"gaus\" is not one of \"gauss\", \"matern\""));
  CHECK_THAT(choice.hint(), Contains("\"gauss\""));
  CHECK(set.number("tolerance") == 1e-6);
}

TEST_CASE("every required parameter that is missing is named", "[parameters]") {
  auto two = schema();
  two.add({"width", 0.0, "m", "another", {}, {}, true});
  sdk::ParameterSet set(two);
  CHECK_THAT(error_of([&] { set.require_complete("case.toml:1:1"); }).what(), Contains("\"length\", \"width\""));
  CHECK(error_of([&] { set.number("length"); }).kind() == sdk::ErrorKind::parameter);
  set.set("length", 1.0);
  set.set("width", 1.0);
  CHECK_NOTHROW(set.require_complete());
}

TEST_CASE("a schema refuses a repeated name and a default out of range", "[parameters]") {
  auto broken = schema();
  CHECK_THROWS_AS(broken.add({"steps", 1.0, "1", "again"}), sdk::Error);
  CHECK_THAT(error_of([&] {
               broken.add({"low", -1.0, "1", "x", sdk::positive});
             }).what(),
             Contains("out of its range"));
}

TEST_CASE("components of fields are counted and named in every dimension", "[parameters]") {
  using enum sdk::Shape;
  CHECK(sdk::num_components(vector, 3) == 3);
  CHECK(sdk::num_components(tensor, 2) == 4);
  CHECK(sdk::num_components(symmetric_tensor, 2) == 6);
  CHECK(sdk::component_name(scalar, 2, 0) == "");
  CHECK(sdk::component_name(vector, 3, 2) == "z");
  CHECK(sdk::component_name(tensor, 2, 1) == "xy");
  CHECK(sdk::component_name(tensor, 3, 5) == "yz");
  CHECK(sdk::component_name(symmetric_tensor, 2, 2) == "zz");
  CHECK(sdk::component_name(symmetric_tensor, 3, 5) == "xz");
  CHECK_THROWS_AS(sdk::component_name(vector, 2, 2), sdk::Error);
  const test::FakePhysics physics;
  CHECK(physics.info().num_field_components(2) == 3);
  CHECK(physics.info().num_coefficient_components(2) == 4 + 1 + 1 + 2 + 6 + 1 + 1 + 2);
}

TEST_CASE("a parameter says where it was given, a sampling is checked like others, and a table is no value",
          "[parameters]") {
  sdk::ParameterSchema schema;
  schema.add({.name = "network.layers", .initial = std::vector<double>{64, 64}, .unit = "1", .doc = "widths"});
  schema.add({.name = "points",
              .initial = sdk::Sampling{"sobol", 2000, 1},
              .unit = "1",
              .doc = "of the residual",
              .range = sdk::Range{10, 1e6},
              .choices = {"sobol", "random"}});
  sdk::ParameterSet set(schema);
  CHECK(set.where("points").empty());
  CHECK(set.sampling("points") == sdk::Sampling{"sobol", 2000, 1});
  set.set("points", sdk::Sampling{"random", 50, 7}, "case.toml:4:1");
  CHECK(set.where("points") == "case.toml:4:1");
  CHECK(set.is_given("points"));
  CHECK_FALSE(set.is_given("network.layers"));
  CHECK(set.sampling("points").size == 50);
  for (const auto& wrong :
       {sdk::Sampling{"halton", 50, 1}, sdk::Sampling{"sobol", 5, 1}, sdk::Sampling{"sobol", 50, -1}}) {
    const auto error = error_of([&] { set.set("points", wrong, "case.toml:4:1"); });
    CHECK(error.kind() == sdk::ErrorKind::parameter);
    CHECK(error.where() == "case.toml:4:1");
  }
  CHECK(set.sampling("points").size == 50);
  CHECK_THROWS_WITH(schema.add({.name = "network", .initial = 1.0, .unit = "1", .doc = "a value"}),
                    Contains("cannot both be parameters"));
}
