#include "engine/problem/physics_units.hpp"

#include <catch2/catch.hpp>

#include "tests/support/coupled_physics.hpp"
#include "tests/support/fem_physics.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

std::vector<std::string> reactions(const sdk::Physics& physics, int dim) {
  const problem::PhysicsUnits units(physics, dim);
  std::vector<std::string> texts;
  for (int c = 0; c < physics.info().num_field_components(dim); ++c) {
    const auto unit = units.reaction(c);
    texts.push_back(unit ? unit->text() : "none");
  }
  return texts;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("Reactions have the unit of their equation times the volume", "[study][unit]") {
  CHECK(reactions(*LoadedPhysics("diffusion"), 1) == Names{"W/m^2"});
  CHECK(reactions(*LoadedPhysics("diffusion"), 2) == Names{"W/m"});
  CHECK(reactions(*LoadedPhysics("diffusion"), 3) == Names{"W"});
  CHECK(reactions(*LoadedPhysics("elasticity"), 2) == Names{"N/m", "N/m"});
  CHECK(reactions(*LoadedPhysics("elasticity"), 3) == Names{"N", "N", "N"});
  CHECK(reactions(*LoadedPhysics("navier_stokes"), 3) == Names{"N", "N", "N", "m^3/s"});
  CHECK(reactions(*LoadedPhysics("burgers"), 1) == Names{"m^2/s^2"});
  CHECK(reactions(*LoadedPhysics("helmholtz"), 2) == Names{"1", "1"});
}

TEST_CASE("Quantities of a physics are per length in fewer dimensions", "[study][unit]") {
  const LoadedPhysics diffusion("diffusion"), elasticity("elasticity");
  CHECK(problem::PhysicsUnits(*diffusion, 1).quantity(0) == "J/m^2");
  CHECK(problem::PhysicsUnits(*diffusion, 2).quantity(0) == "J/m");
  CHECK(problem::PhysicsUnits(*diffusion, 3).quantity(0) == "J");
  CHECK(problem::PhysicsUnits(*elasticity, 2).quantity(0) == "J/m");
}

TEST_CASE("A physics whose units do not fit together has lengths of no known unit", "[study][unit]") {
  const auto physics = make_coupled();
  const problem::PhysicsUnits units(*physics, 2);
  CHECK_FALSE(units.is_coherent());
  CHECK_FALSE(units.measure(2));
  CHECK(reactions(*physics, 2) == Names{"none", "none", "none"});
  CHECK(units.quantity(0) == "J");  // as declared
  CHECK(units.of_symbol(sdk::SymbolKind::field, 0)->text() == "Pa");
  CHECK_FALSE(units.of_symbol(sdk::SymbolKind::field, 3));  // the gradient of the pressure
}

TEST_CASE("Dimensions multiply out, and what has none is said to have none", "[unit]") {
  using sdk::Dimensional;
  const Dimensional metre(Dimensional::Powers{1}), second(Dimensional::Powers{0, 0, 1}), speed = metre / second;
  CHECK((0.5 * speed * second + 0.0).powers == metre.powers);
  CHECK(sqrt(speed * speed).powers == speed.powers);
  CHECK(pow(second, -2.0).powers == Dimensional::Powers{0, 0, -2});
  CHECK(exp(-(metre / (speed * second))).powers == Dimensional::Powers{});
  CHECK(select(metre < 1.0, metre, 0.0).powers == metre.powers);
  for (const auto& none : {metre + 1e-14, metre + second, exp(metre), pow(metre, second / second), max(metre, 1e-30)}) {
    CHECK_FALSE(none.powers);
    CHECK_FALSE((none * speed + metre).powers);
  }
  CHECK((metre * 0.0 + second).powers == second.powers);
}
