// Derived fields, quantities, boundary terms and Peclet numbers against formulas by hand.
#include <catch2/catch.hpp>

#include "tests/support/physics_settings.hpp"

using namespace ansatz;
using namespace ansatz::test;

TEST_CASE("Derived fields and quantities have the values of their formulas", "[fem][kernels]") {
  const All all;
  const auto derived = [](const Setting& s) {
    int width = 0;
    for (const auto& d : s.physics.info().derived) width += sdk::num_components(d.shape, s.points.dim);
    return run([&](const auto& b, Lanes* v) { s.kernels().derived_fields(b, v); }, s.points.batch(), width);
  };
  SECTION("heat flux") {
    const auto s =
        setting("diffusion", *all.diffusion, 2, {{"conductivity", "3"}, {"conductivity_xy", "0.5"}, {"capacity", "2"}});
    const auto flux = derived(s);
    const auto& u = s.points.slots;
    CHECK(flux[0][1] == Approx(-(3.0 * u[1][1] + 0.5 * u[2][1])));
    CHECK(flux[1][1] == Approx(-3.0 * u[2][1]));
    const auto heat = run([&](const auto& b, Lanes* v) { s.kernels().quantities(b, v); }, s.points.batch(), 1);
    CHECK(heat[2][3] == Approx(2.0 * u[6][3]));
  }
  const Texts steel{{"youngs_modulus", "200"},
                    {"poisson_ratio", "0.3"},
                    {"expansion", "0.01"},
                    {"temperature", "30"},
                    {"reference_temperature", "20"}};
  const double E = 200.0, nu = 0.3, a = 0.1;
  for (const int model : {0, 1, 2}) {  // plane strain, plane stress, three-dimensional
    CAPTURE(model);
    const int dim = model == 2 ? 3 : 2;
    const auto s = setting("elasticity", model == 1 ? *all.plane_stress : *all.elasticity, dim, steel);
    const auto values = derived(s);
    const auto quantity = run([&](const auto& b, Lanes* v) { s.kernels().quantities(b, v); }, s.points.batch(), 1);
    // Compliance: e = (1 + nu) / E sigma - nu / E tr(sigma) I + a I, with the strain of the given gradient.
    for (int lane : {0, 5}) {
      const auto v = [&](int k) { return values[k][lane]; };
      const double mean = v(0) + v(1) + v(2);
      const auto g = [&](int i, int j) { return s.points.slots[i * (1 + dim) + 1 + j][lane]; };
      const auto strain = [&](int k) { return (1 + nu) / E * v(k) - (k < 3 ? nu / E * mean - a : 0.0); };
      CHECK(strain(0) == Approx(g(0, 0)));
      CHECK(strain(1) == Approx(g(1, 1)));
      CHECK(strain(3) == Approx(0.5 * (g(0, 1) + g(1, 0))));
      if (model == 0) CHECK(strain(2) == Approx(0.0).margin(1e-12));
      if (model == 1) CHECK(v(2) == 0.0);
      if (model == 2) {
        CHECK(strain(2) == Approx(g(2, 2)));
        CHECK(strain(4) == Approx(0.5 * (g(1, 2) + g(2, 1))));
        CHECK(strain(5) == Approx(0.5 * (g(0, 2) + g(2, 0))));
      }
      double energy = 0.0;
      for (int k = 0; k < 6; ++k) {
        CHECK(v(6 + k) == Approx(strain(k)).margin(1e-12));  // the derived field strain
        energy += 0.5 * (k < 3 ? 1.0 : 2.0) * v(k) * (strain(k) - (k < 3 ? a : 0.0));
      }
      CHECK(quantity[0][lane] == Approx(energy));
      double deviator = 0.0;
      for (int k = 0; k < 6; ++k) deviator += (k < 3 ? 1.0 : 2.0) * std::pow(v(k) - (k < 3 ? mean / 3.0 : 0.0), 2);
      CHECK(v(12) == Approx(std::sqrt(1.5 * deviator)));
    }
  }
}

TEST_CASE("Boundary terms have the values of their formulas", "[fem][kernels]") {
  const All all;
  auto s = setting("diffusion", *all.diffusion, 2,
                   {{"conductivity", "1"}, {"heat_flux", "7"}, {"transfer_coefficient", "3"}, {"ambient", "2"}});
  s.points.on_boundary = true;
  const auto f = run(boundary_residual_of(s), s.points.batch(), 3);
  CHECK(f[0][4] == Approx(3.0 * (s.points.slots[0][4] - 2.0) - 7.0));
  CHECK(f[1][4] == 0.0);
  auto e = setting("elasticity", *all.elasticity, 3,
                   {{"youngs_modulus", "1"}, {"poisson_ratio", "0"}, {"pressure", "5"}, {"traction_z", "2"}});
  e.points.on_boundary = true;
  const auto g = run(boundary_residual_of(e), e.points.batch(), 12);
  CHECK(g[0][1] == Approx(5.0 * e.points.normal[0][1]));
  CHECK(g[8][1] == Approx(5.0 * e.points.normal[2][1] - 2.0));
}

TEST_CASE("The cell Peclet number is the largest over the points", "[fem][kernels]") {
  const LoadedPhysics diffusion("diffusion");
  Points points(*diffusion, 2,
                coefficients(*diffusion, 2,
                             {{"conductivity", "0.5"}, {"velocity_x", "3"}, {"velocity_y", "4"}, {"capacity", "2"}}));
  Lanes peclet;
  diffusion->kernels(2).cell_peclet(points.batch(), &peclet);
  double h = 0.0;
  for (const auto& size : points.cell_size) h = std::max(h, size[6]);
  CHECK(peclet[6] == Approx(2.0 * 5.0 * h / (2.0 * 0.5)));
}
