#include <catch2/catch.hpp>

#include "tests/support/coupled_physics.hpp"
#include "tests/support/fem_physics.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

const std::vector<std::string> parameter_names{"a", "b"};

/// Reads the time itself, in a term of the Jacobian.
struct Ageing {
  sdk::Coefficient source{"source", "1", sdk::any, "source", 0.0};
  sdk::ScalarField field{"field", "1"};

  template <class S, int dim>
  void operator()(const sdk::Point<S, dim>& p, sdk::Weak<S, dim>& r) const {
    const auto u = p[field];
    r[field].value = u.dt + exp(-1.0 * p.t) * u.value - source(p);
    r[field].flux = u.grad;
  }
};

}  // namespace

TEST_CASE("The structure of diffusion follows from the coefficients that a case gives", "[fem][kernels]") {
  const LoadedPhysics diffusion("diffusion");
  const auto structure = [&](const Texts& texts) {
    return diffusion->kernels(2).structure(coefficients(*diffusion, 2, texts, parameter_names));
  };
  constexpr std::uint64_t u = 1, u_x = 2, u_y = 4, u_t = 8;
  const auto plain = structure({{"conductivity", "a"}});
  CHECK(plain.depends == std::vector<std::uint64_t>{u_t, u_x, u_y});
  CHECK(plain.linear);
  CHECK(plain.uniform);
  CHECK(plain.transient);
  const auto full =
      structure({{"conductivity", "1"}, {"conductivity_xy", "0.1"}, {"reaction", "t"}, {"velocity_y", "2"}});
  CHECK(full.depends == std::vector<std::uint64_t>{u | u_y | u_t, u_x | u_y, u_y});
  CHECK(full.linear);
  CHECK(full.uniform);
  const auto source = structure({{"conductivity", "2"}, {"source", "sin(x)"}});
  CHECK(source.depends == plain.depends);
  CHECK(source.linear);
  CHECK(source.uniform);  // the derivatives do not vary
  const auto varying = structure({{"conductivity", "1 + x"}});
  CHECK(varying.linear);
  CHECK_FALSE(varying.uniform);
  CHECK_FALSE(structure({{"conductivity", "1"}, {"reaction", "y"}}).uniform);
  const auto nonlinear = structure({{"conductivity", "1 + temperature"}});
  CHECK_FALSE(nonlinear.linear);
  CHECK_FALSE(nonlinear.uniform);
  CHECK(nonlinear.depends == std::vector<std::uint64_t>{u_t, u | u_x, u | u_y});

  const auto boundary = [&](const Texts& texts) {
    Texts all = texts;
    all["conductivity"] = "1";
    return diffusion->kernels(2).boundary_structure(coefficients(*diffusion, 2, all, parameter_names));
  };
  CHECK(boundary({{"heat_flux", "x"}}).depends == std::vector<std::uint64_t>{0, 0, 0});
  CHECK(boundary({{"transfer_coefficient", "b"}}).depends == std::vector<std::uint64_t>{u, 0, 0});
  CHECK(boundary({{"transfer_coefficient", "b"}}).linear);
  CHECK_FALSE(boundary({{"transfer_coefficient", "1"}, {"ambient", "temperature^2"}}).linear);
}

TEST_CASE("A form is time-dependent where its derivatives are, not where its source is", "[fem][kernels]") {
  const LoadedPhysics diffusion("diffusion");
  const auto time_dependent = [](const sdk::Physics& physics, const Texts& texts) {
    return physics.kernels(2).structure(coefficients(physics, 2, texts)).time_dependent;
  };
  CHECK_FALSE(time_dependent(*diffusion, {{"conductivity", "1 + x"}, {"source", "sin(t)"}}));
  CHECK(time_dependent(*diffusion, {{"conductivity", "1 + t"}}));
  CHECK(time_dependent(*diffusion, {{"conductivity", "1"}, {"reaction", "x * t"}}));
  const sdk::detail::PhysicsOf<Ageing> ageing("ageing", "1", "");
  CHECK(time_dependent(ageing, {}));
  const Texts moving{{"conductivity", "1"}, {"velocity_x", "cos(t)"}};
  CHECK(diffusion->kernels(2).stabilisation_structure(coefficients(*diffusion, 2, moving)).time_dependent);
  CHECK_FALSE(diffusion->kernels(2)
                  .stabilisation_structure(coefficients(*diffusion, 2, {{"conductivity", "1"}, {"velocity_x", "2"}}))
                  .time_dependent);
}

TEST_CASE("A stabilisation is linear only where its weights do not depend on the unknowns", "[fem][kernels]") {
  const LoadedPhysics diffusion("diffusion");
  const auto coupled = make_coupled();
  const auto linear = [](const sdk::Physics& physics, const Texts& texts) {
    return physics.kernels(2).stabilisation_structure(coefficients(physics, 2, texts, parameter_names)).linear;
  };
  CHECK(linear(*diffusion, {{"conductivity", "1 + x"}, {"velocity", "y"}, {"source", "x*t"}}));
  CHECK_FALSE(linear(*diffusion, {{"conductivity", "1"}, {"velocity", "temperature"}}));
  CHECK_FALSE(linear(*coupled, {{"coupling", "0"}}));
  CHECK(coupled->kernels(2).boundary_structure(coefficients(*coupled, 2, {})).tests_gradient);
  CHECK_FALSE(
      diffusion->kernels(2).boundary_structure(coefficients(*diffusion, 2, {{"heat_flux", "x"}})).tests_gradient);
  CHECK(diffusion->kernels(2).structure(coefficients(*diffusion, 2, {{"conductivity", "1"}})).tests_gradient);
}

TEST_CASE("Symmetry is a fact of the equation and its coefficients at all times, not of one matrix", "[fem][kernels]") {
  const LoadedPhysics diffusion("diffusion"), elasticity("elasticity");
  const auto coupled = make_coupled();
  const auto symmetric = [](const sdk::Physics& physics, const Texts& texts) {
    return physics.kernels(2).structure(coefficients(physics, 2, texts, parameter_names)).symmetric;
  };
  CHECK(symmetric(*diffusion, {{"conductivity", "1 + x*t"}, {"reaction", "a - y"}, {"capacity", "2 + t"}}));
  CHECK_FALSE(symmetric(*diffusion, {{"conductivity", "1"}, {"velocity_x", "t < 0.5 ? 0 : 1"}}));
  CHECK_FALSE(symmetric(*diffusion, {{"conductivity", "1"}, {"velocity_x", "1e-300"}}));
  CHECK_FALSE(symmetric(*diffusion, {{"conductivity", "1"}, {"velocity_x", "a"}}));
  CHECK(symmetric(*diffusion, {{"conductivity", "1"}, {"velocity_x", "0"}}));
  CHECK_FALSE(symmetric(*diffusion, {{"conductivity", "1"}, {"conductivity_xy", "x"}}));
  CHECK(symmetric(*diffusion, {{"conductivity", "1"}, {"conductivity_xy", "0.3*x"}, {"conductivity_yx", "0.3*x"}}));
  CHECK_FALSE(symmetric(*diffusion, {{"conductivity", "1 + temperature"}}));
  CHECK(symmetric(*diffusion, {{"conductivity", "1"}, {"source", "temperature^2"}}));
  CHECK(symmetric(*elasticity, {{"youngs_modulus", "a"}, {"poisson_ratio", "0.3*x"}}));
  CHECK_FALSE(symmetric(*coupled, {}));
  CHECK(symmetric(sdk::detail::PhysicsOf<Ageing>("ageing", "1", ""), {}));
  const auto boundary = [&](const Texts& texts) {
    return diffusion->kernels(2).boundary_structure(coefficients(*diffusion, 2, texts, parameter_names)).symmetric;
  };
  CHECK(boundary({{"conductivity", "1"}, {"transfer_coefficient", "b*x"}, {"ambient", "t"}}));
  CHECK_FALSE(
      diffusion->kernels(2).stabilisation_structure(coefficients(*diffusion, 2, {{"conductivity", "1"}})).symmetric);
}

TEST_CASE("What a mass depends on follows from the coefficients", "[fem][kernels]") {
  const LoadedPhysics diffusion("diffusion");
  const auto mass = [&](const Texts& texts) {
    const auto s = diffusion->kernels(2).structure(coefficients(*diffusion, 2, texts, parameter_names));
    return std::pair(s.mass_depends, s.mass_time_dependent);
  };
  using Mass = std::pair<std::uint64_t, bool>;
  CHECK(mass({{"conductivity", "1 + temperature*t"}, {"capacity", "a + x"}, {"source", "t*temperature^2"}}) ==
        Mass{0, false});
  CHECK(mass({{"conductivity", "1"}, {"capacity", "1 + temperature"}}) == Mass{1, false});
  CHECK(mass({{"conductivity", "1"}, {"capacity", "t < 0.5 ? 1 : 10"}}) == Mass{0, true});
  const auto coupled = make_coupled();
  const auto s = coupled->kernels(2).structure(coefficients(*coupled, 2, {{"coupling", "t"}}));
  CHECK(s.mass_depends == 1);  // 0.3 c q dq/dt with c = t
  CHECK(s.mass_time_dependent);
}

TEST_CASE("A form is affine in coefficients where no two of them meet", "[fem][kernels]") {
  const LoadedPhysics diffusion("diffusion"), elasticity("elasticity");
  const auto marks = [](const sdk::Physics& physics, const std::vector<std::string>& names) {
    std::vector<std::uint8_t> marked;
    for (const auto& info : physics.info().coefficients) {
      const bool is_marked = std::ranges::count(names, info.name) > 0;
      marked.insert(marked.end(), sdk::num_components(info.shape, 2), is_marked ? 1 : 0);
    }
    return marked;
  };
  const auto table =
      coefficients(*diffusion, 2, {{"conductivity", "a"}, {"velocity", "x"}, {"reaction", "1e9*b"}}, parameter_names);
  const auto affine = [&](const std::vector<std::string>& names) {
    return diffusion->kernels(2).affine_in(table, marks(*diffusion, names));
  };
  CHECK(affine({"conductivity", "reaction", "source", "velocity"}));
  CHECK(diffusion->kernels(2).boundary_affine_in(table, marks(*diffusion, {"transfer_coefficient"})));
  CHECK_FALSE(diffusion->kernels(2).boundary_affine_in(table, marks(*diffusion, {"transfer_coefficient", "ambient"})));
  CHECK_FALSE(diffusion->kernels(2).stabilisation_affine_in(table, marks(*diffusion, {"velocity"})));
  const auto solid = coefficients(*elasticity, 2, {{"youngs_modulus", "a"}, {"poisson_ratio", "0.3"}}, parameter_names);
  CHECK(elasticity->kernels(2).affine_in(solid, marks(*elasticity, {"youngs_modulus"})));
  CHECK_FALSE(elasticity->kernels(2).affine_in(solid, marks(*elasticity, {"poisson_ratio"})));
}
