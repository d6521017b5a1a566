#include "engine/input/case_parser.hpp"

#include <catch2/catch.hpp>

#include "tests/support/case_text.hpp"

using namespace ansatz;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using Catch::Matchers::StartsWith;
using test::full_case;
using test::parse;
using test::small_case;
using Components = std::vector<std::string>;

TEST_CASE("a small case is read and has all defaults", "[case]") {
  const auto c = parse(small_case);
  CHECK(c.title == "Block");
  CHECK(c.path == "case.toml");
  REQUIRE(c.mesh.box);
  CHECK(c.mesh.box->size == std::vector<double>{1.0, 2.0});
  CHECK(c.mesh.box->cells == std::vector<int>{4, 8});
  CHECK(c.mesh.box->origin == std::vector<double>{0.0, 0.0});
  CHECK(c.mesh.box->periodic == std::vector<bool>{false, false});
  CHECK(c.mesh.box->cell == mesh::CellType::triangle);
  CHECK(c.physics.name == "heat");
  CHECK(c.physics.options.at("assumption") == "plane_strain");
  CHECK(c.physics.coefficients.at("conductivity").everywhere->components == Components{"3.5"});
  CHECK(c.physics.coefficients.at("capacity").everywhere->components == Components{"1.5"});
  CHECK(c.physics.coefficients.at("body_force").everywhere->components == Components{"0"});
  CHECK(c.physics.coefficients.count("flux") == 0);
  REQUIRE(c.physics.boundary.size() == 1);
  CHECK(c.physics.boundary[0].on == Components{"all"});
  CHECK(c.physics.boundary[0].values[0].first == "temperature");
  CHECK(c.physics.boundary[0].values[0].second.components == Components{"0"});
  CHECK(c.physics.boundary[0].at.text() == "case.toml:6:13");
  CHECK(c.solver.type == "fem");
  CHECK(c.solver.order == 1);
  CHECK_FALSE(c.time);
  CHECK(c.output.layout == "series");
  CHECK(c.output.fields == Components{"temperature", "displacement"});
}

TEST_CASE("every section and every form of value is read", "[case]") {
  const auto c = parse(full_case);
  CHECK(c.title == "Full \"case\"");
  CHECK(c.mesh.box->pattern == mesh::BoxPattern::crossed);
  CHECK(c.mesh.box->periodic == std::vector<bool>{false, true});
  CHECK(c.mesh.refine == 1);
  CHECK(c.mesh.scale == 1e-3);
  CHECK(c.mesh.map->components == Components{"x + k1*y", "y"});
  CHECK(c.physics.options.at("assumption") == "plane_stress");
  const auto& k = c.physics.coefficients.at("conductivity");
  CHECK_FALSE(k.everywhere);
  CHECK(k.blocks == std::vector<int>{2, 2});
  REQUIRE(k.block_values.size() == 4);
  CHECK(k.block_values[0].components == Components{"k1"});
  CHECK(k.block_values[2].components == Components{"1", "k2"});
  CHECK(k.block_values[3].components == Components{"1", "0.10000000000000001", "0.10000000000000001", "2"});
  const auto& capacity = c.physics.coefficients.at("capacity");
  REQUIRE(capacity.by_region.size() == 2);
  CHECK(capacity.by_region[0].first == "steel");
  CHECK(capacity.by_region[1].first == "cast iron");
  CHECK(capacity.by_region[1].second.components == Components{"1 + t"});
  CHECK(capacity.everywhere->components == Components{"0.10000000000000001"});
  REQUIRE(c.physics.boundary.size() == 2);
  CHECK(c.physics.boundary[0].values[1].second.components == Components{"0", "free"});
  CHECK(c.physics.boundary[1].on == Components{"right", "top"});
  CHECK(c.physics.boundary[1].values.size() == 4);
  CHECK(c.parameters.at("k1").initial == 0.3);
  CHECK(c.parameters.at("k1").unit == "W/(m K)");
  CHECK(c.parameters.at("k2").high == 3.0);
  CHECK(c.constants.at("capacity0") == 0.1);
  CHECK(c.region_constants.at("steel").at("carbon") == 0.02);
  CHECK(c.tables.at("curve").y == std::vector<double>{1.0, 0.1, -3.0});
  CHECK(c.data.at("before").time == 3.0);
  CHECK(c.solver.quadrature_degree == 5);
  CHECK(c.linear.relative_tolerance == 1e-12);
  CHECK(c.linear.petsc == "-ksp_monitor");
  CHECK(c.time->method == "bdf2");
  CHECK(c.time->step == 0.1);
  REQUIRE(c.initial.values.size() == 2);
  CHECK(c.initial.values[1].first == "displacement_x");
  REQUIRE(c.quantities.size() == 7);
  CHECK(c.quantities[0].name == "tip");
  CHECK(c.quantities[0].point == std::vector<double>{0.5, 1.0});
  CHECK(c.quantities[0].region == "steel");
  CHECK(c.quantities[0].unit == "MPa");
  CHECK(c.quantities[2].kind == input::QuantitySpec::Kind::reaction);
  CHECK(c.quantities[2].on == "left");
  CHECK(c.quantities[4].norm == "h1_semi");
  CHECK(c.quantities[6].kind == input::QuantitySpec::Kind::minimum);
  CHECK(c.output.every == 5);
}

TEST_CASE("the effective case reads back to the same case", "[case]") {
  for (const auto& text : {small_case, full_case}) {
    const auto once = parse(text, {"solver.order=2", "title=changed"});
    const auto twice = parse(once.effective_toml);
    CHECK_THAT(twice.effective_toml, Equals(once.effective_toml));
    CHECK(twice.title == "changed");
    CHECK(twice.solver.order == 2);
    CHECK(twice.mesh.box->size == once.mesh.box->size);
    CHECK(twice.physics.options == once.physics.options);
    REQUIRE(twice.physics.coefficients.size() == once.physics.coefficients.size());
    for (const auto& [name, spec] : once.physics.coefficients) {
      const auto& other = twice.physics.coefficients.at(name);
      REQUIRE(other.everywhere.has_value() == spec.everywhere.has_value());
      if (spec.everywhere) CHECK(other.everywhere->components == spec.everywhere->components);
      REQUIRE(other.block_values.size() == spec.block_values.size());
      for (std::size_t i = 0; i < spec.block_values.size(); ++i) {
        CHECK(other.block_values[i].components == spec.block_values[i].components);
      }
    }
    REQUIRE(twice.quantities.size() == once.quantities.size());
    for (std::size_t i = 0; i < once.quantities.size(); ++i) {
      CHECK(twice.quantities[i].name == once.quantities[i].name);
      CHECK(twice.quantities[i].expression == once.quantities[i].expression);
    }
  }
}

TEST_CASE("a perturbed steady start reads back from the effective case", "[case]") {
  const auto once = parse(small_case +
                          "[time]\nmethod = \"bdf2\"\nend = 1.0\nstep = 0.5\n[initial]\nstart = \"steady\"\n"
                          "[initial.perturbation]\ntemperature = \"sin(x)\"\ndisplacement_y = 2\n");
  for (const auto& c : {once, parse(once.effective_toml)}) {
    CHECK(c.initial.steady);
    CHECK(c.initial.values.empty());
    REQUIRE(c.initial.perturbation.size() == 2);
    CHECK(c.initial.perturbation[0].first == "temperature");
    CHECK(c.initial.perturbation[0].second.components == Components{"sin(x)"});
    CHECK(c.initial.perturbation[1].first == "displacement_y");
  }
}

TEST_CASE("the effective case shows units and every default", "[case]") {
  const auto text = parse(small_case).effective_toml;
  CHECK_THAT(text, Contains("conductivity = 3.5  # W/(m K), > 0\n"));
  CHECK_THAT(text, Contains("assumption = \"plane_strain\"  # one of plane_strain, plane_stress\n"));
  CHECK_THAT(text, Contains("# relative_tolerance = automatic"));
  CHECK_THAT(text, Contains("preconditioner = \"automatic\"\n"));
  CHECK_THAT(text, Contains("fields = [\"temperature\", \"displacement\"]\n"));
  CHECK_THAT(text, Contains("periodic = [false, false]"));
}

TEST_CASE("overrides change values, make tables, and fall back to strings", "[case]") {
  const auto c =
      parse(full_case, {"solver.order=1", "linear.solver=gmres", "parameters.k1=0.5", "parameters.k2.default=3",
                        "physics.heat.body_force=[1, '2*x']", "physics.heat.boundary.0.temperature=t + 1",
                        "output.fields=[\"stress\"]", "constants.extra=4", "title=two words", "mesh.box.cells=[6,6]"});
  CHECK(c.solver.order == 1);
  CHECK(c.linear.solver == "gmres");
  CHECK(c.parameters.at("k1").initial == 0.5);
  CHECK(c.parameters.at("k1").high == 1.0);
  CHECK(c.parameters.at("k2").initial == 3.0);
  CHECK(c.physics.coefficients.at("body_force").everywhere->components == Components{"1", "2*x"});
  CHECK(c.physics.boundary[0].values[0].second.components == Components{"t + 1"});
  CHECK(c.output.fields == Components{"stress"});
  CHECK(c.constants.at("extra") == 4.0);
  CHECK(c.title == "two words");
  CHECK(c.mesh.box->cells == std::vector<int>{6, 6});
}

TEST_CASE("the values of components are filled up to the shape", "[case]") {
  using enum sdk::Shape;
  const auto expand = [](Components given, sdk::Shape shape, int dim, bool allow_free = false) {
    return input::expand_components({std::move(given), {"case.toml", 3, 1}}, shape, dim, "v", allow_free);
  };
  CHECK(expand({"k"}, tensor, 2) == Components{"k", "0", "0", "k"});
  CHECK(expand({"a", "b"}, tensor, 2) == Components{"a", "0", "0", "b"});
  CHECK(expand({"a", "b", "c", "d"}, tensor, 2) == Components{"a", "b", "c", "d"});
  CHECK(expand({"a", "b", "c"}, tensor, 3) == Components{"a", "0", "0", "0", "b", "0", "0", "0", "c"});
  CHECK(expand({"k"}, tensor, 1) == Components{"k"});
  CHECK(expand({"a"}, symmetric_tensor, 2) == Components{"a", "a", "a", "0", "0", "0"});
  CHECK(expand({"a", "b", "c"}, symmetric_tensor, 2) == Components{"a", "b", "c", "0", "0", "0"});
  CHECK(expand({"0"}, vector, 3) == Components{"0", "0", "0"});
  CHECK(expand({"u"}, vector, 1) == Components{"u"});
  CHECK(expand({"free", "1"}, vector, 2, true) == Components{"free", "1"});
  CHECK_THROWS_AS(expand({"1"}, vector, 2), sdk::Error);
  CHECK_THROWS_AS(expand({"free", "1"}, vector, 2), sdk::Error);
  CHECK_THROWS_AS(expand({"free"}, scalar, 2, true), sdk::Error);
  CHECK_THROWS_AS(expand({"a", "b"}, scalar, 2), sdk::Error);
  const auto error = test::error_of([&] { expand({"a", "b", "c"}, tensor, 2); });
  CHECK(error.kind() == sdk::ErrorKind::case_file);
  CHECK(error.where() == "case.toml:3:1");
  CHECK_THAT(error.what(), Contains("\"v\" needs 1, 2 (diagonal) or 4 values (a tensor in 2-D), not 3"));
}
