#include "new_plugin.hpp"

#include <ansatz/sdk/error.hpp>
#include <catch2/catch.hpp>

using namespace ansatz::sdk;

TEST_CASE("rates are those of the equations") {
  const auto system = make_ode_system<NewPlugin>("new_plugin");
  const std::vector<double> y{2.0, 4.0};
  std::vector<double> f(2);
  system->f(0.0, y, Part::all, f);
  CHECK(f == std::vector<double>{1.5 * 2.0 - 8.0, 8.0 - 3.0 * 4.0});
}

TEST_CASE("the Jacobian follows from the rates") {
  const auto system = make_ode_system<NewPlugin>("new_plugin");
  std::vector<double> J(4);
  system->jacobian(0.0, std::vector<double>{2.0, 4.0}, Part::all, J);
  CHECK(J == std::vector<double>{1.5 - 4.0, 4.0, -2.0, 2.0 - 3.0});  // column after column
}

TEST_CASE("a rate that is not positive is refused") {
  ParameterSet parameters(NewPlugin::parameters());
  CHECK_THROWS_AS(parameters.set("growth", 0.0), Error);
}
