// Equations at points through sdk::StrongForm: of regions, boundaries and interfaces, with their derivatives.
#include "ansatz/sdk/strong_form.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "tests/support/physics_settings.hpp"

using namespace ansatz;
using namespace ansatz::test;
using sdk::PointSet;
using sdk::Site;
using sdk::StrongForm;

namespace {

constexpr int num_points = 53;  // no multiple of the lanes, more than a block

/// Numbers between -1 and 1 that repeat.
std::vector<double> numbers(std::size_t n, double first = 0.3) {
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = std::cos(first + 1.7 * double(i));
  return x;
}

PointSet points_in(int dim) {
  PointSet points;
  points.positions = numbers(std::size_t(num_points * dim), 0.9);
  for (auto& x : points.positions) x = 0.5 + 0.3 * x;
  points.normals = numbers(std::size_t(num_points * dim), 0.1);
  for (int i = 0; i < num_points; ++i) {
    double* normal = &points.normals[i * dim];
    const double length = std::sqrt(std::inner_product(normal, normal + dim, normal, 0.0));
    for (int j = 0; j < dim; ++j) normal[j] /= length;
  }
  return points;
}

Site site_of(const Setting& s, Site::Kind kind) {
  Site site{.kind = kind, .name = s.name, .coefficients = s.points.table};
  if (kind == Site::Kind::interface) site.other_coefficients = s.points.table;
  return site;
}

double largest_difference(std::span<const double> a, std::span<const double> b) {
  double scale = 1.0, difference = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    scale = std::max(scale, std::abs(b[i]));
    difference = std::max(difference, std::abs(a[i] - b[i]));
  }
  return difference / scale;
}

/// All derivatives against differences and each other, at one time and at times and parameters of each point.
void check_derivatives(const StrongForm& form, const PointSet& points) {
  const std::size_t rows = std::size_t(num_points) * form.rows(), width = std::size_t(num_points) * form.width();
  const auto jets = numbers(width), v = numbers(width, 0.7), w = numbers(rows, 1.1);
  std::vector<double> times(num_points), parameters;
  for (int i = 0; i < num_points; ++i) {
    times[i] = 0.4 + 0.01 * i;
    for (const double mu : parameter_values) parameters.push_back(mu * (1.0 + 0.01 * i));
  }
  const std::vector<double> one_time{0.4};
  for (const auto& at : {StrongForm::At{one_time, parameter_values}, StrongForm::At{times, parameters}}) {
    const auto residual = [&](double step, const StrongForm::At& where) {
      auto moved = jets;
      for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * v[i];
      std::vector<double> R(rows);
      form.residual(points, where, moved, R);
      return R;
    };
    const auto slope = [](const auto& f) {
      const double h = 2e-3;
      auto a = f(-2 * h);
      const auto b = f(-h), c = f(h), d = f(2 * h);
      for (std::size_t i = 0; i < a.size(); ++i) a[i] = (a[i] - 8.0 * b[i] + 8.0 * c[i] - d[i]) / (12.0 * h);
      return a;
    };
    std::vector<double> forward(rows), back(width), dR(rows), dense(rows * form.width());
    form.push_forward(points, at, jets, v, forward);
    CHECK(largest_difference(forward, slope([&](double h) { return residual(h, at); })) < 1e-8);
    form.pull_back(points, at, jets, w, back);
    const double one = std::inner_product(w.begin(), w.end(), forward.begin(), 0.0);
    CHECK(std::inner_product(back.begin(), back.end(), v.begin(), 0.0) == Approx(one).epsilon(1e-12));
    form.derivative(points, at, jets, dense);
    std::vector<double> product(rows, 0.0);
    for (std::size_t row = 0; row < rows; ++row) {
      for (int k = 0; k < form.width(); ++k)
        product[row] += dense[row * form.width() + k] * v[row / form.rows() * form.width() + k];
    }
    CHECK(largest_difference(product, forward) < 1e-13);
    for (const int k : {0, 1}) {
      form.parameter_derivative(points, at, jets, k, dR);
      CHECK(largest_difference(dR, slope([&](double h) {
                                 std::vector<double> moved(at.parameters.begin(), at.parameters.end());
                                 for (std::size_t i = k; i < moved.size(); i += 2) moved[i] += h;
                                 return residual(0.0, {at.times, moved});
                               })) < 1e-8);
    }
    if (at.times.size() == 1) continue;
    const auto together = residual(0.0, at);
    for (const int i : {0, 7, 31, 52}) {
      const auto alone = residual(0.0, {std::span(times).subspan(i, 1), std::span(parameters).subspan(2 * i, 2)});
      for (int r = 0; r < form.rows(); ++r) CHECK(together[i * form.rows() + r] == alone[i * form.rows() + r]);
    }
  }
}

/// Damping of Kelvin and Voigt: its flux has a rate.
struct Damped {
  sdk::ScalarField u{"u", "1"};
  template <class S, int dim>
  void operator()(const sdk::Point<S, dim>& p, sdk::Weak<S, dim>& r) const {
    for (int i = 0; i < dim; ++i) r[u].flux[i] = p[u].grad[i] + p[u].dt;
  }
};

}  // namespace

TEST_CASE("The equations of a region at points, with all derivatives, in every physics and dimension", "[sdk]") {
  const All all;
  for (const auto& s : all.settings) {
    CAPTURE(s.name);
    check_derivatives(StrongForm(s.physics, site_of(s, Site::Kind::volume), s.points.dim, 2), points_in(s.points.dim));
  }
}

TEST_CASE("The flux out of a boundary with its terms and values, and across an interface, with all derivatives",
          "[sdk]") {
  const All all;
  const auto given = sdk::Expression::compile("a*x^2 + t*b", symbols_of(*all.diffusion, 1, parameter_names), "test");
  for (const auto& s : all.settings) {
    CAPTURE(s.name);
    auto interface = site_of(s, Site::Kind::interface);
    std::vector<sdk::Expression> other;
    for (const auto& c : s.points.table) other.push_back(sdk::linear_combination(std::vector{0.5}, std::vector{c}));
    interface.other_coefficients = other;
    check_derivatives(StrongForm(s.physics, interface, s.points.dim, 2), points_in(s.points.dim));
    auto boundary = site_of(s, Site::Kind::boundary);
    boundary.boundary_terms = {s.points.table, s.points.table};
    boundary.prescribed.resize(s.points.components);
    if (s.name.starts_with("coupled")) {
      CHECK_THROWS_WITH(StrongForm(s.physics, boundary, s.points.dim, 2), Catch::Contains("test gradients"));
      boundary.boundary_terms.clear();
    }
    check_derivatives(StrongForm(s.physics, boundary, s.points.dim, 2), points_in(s.points.dim));
    boundary.prescribed.back() = given;
    check_derivatives(StrongForm(s.physics, boundary, s.points.dim, 2), points_in(s.points.dim));
  }
}

TEST_CASE("Rows of a boundary and an interface of heat conduction have their known values", "[sdk]") {
  // u = 2 + 3 x - y, K = 1.5 to the left and 0.5 to the right: K grad u . n + h (u - 5) - q, and the jump of fluxes.
  const LoadedPhysics diffusion("diffusion");
  const auto left = coefficients(*diffusion, 2, {{"conductivity", "1.5"}});
  const auto right = coefficients(*diffusion, 2, {{"conductivity", "0.5"}});
  const auto robin = coefficients(
      *diffusion, 2, {{"conductivity", "1.5"}, {"transfer_coefficient", "4"}, {"ambient", "5"}, {"heat_flux", "x"}});
  PointSet points{.positions = {0.2, 0.3, 0.7, 0.1}, .normals = {0.6, 0.8, 1.0, 0.0}};
  const double u[] = {2.0 + 0.6 - 0.3, 2.0 + 2.1 - 0.1};
  const std::vector<double> time{0.0};
  const auto jets = [&](int sides) {
    std::vector<double> all;
    for (const double value : u) {
      for (int side = 0; side < sides; ++side) {
        const double scale = side == 0 ? 1.0 : 2.0;
        for (const double x : {value, 0.0, 3.0 * scale, -1.0 * scale, 0.0, 0.0, 0.0}) all.push_back(x);
      }
    }
    return all;
  };
  std::vector<double> R(2);
  StrongForm(*diffusion, {.kind = Site::Kind::boundary, .coefficients = left, .boundary_terms = {robin}}, 2)
      .residual(points, {time}, jets(1), R);
  CHECK(R[0] == Approx(1.5 * (3.0 * 0.6 - 0.8) + 4.0 * (u[0] - 5.0) - 0.2).epsilon(1e-14));
  CHECK(R[1] == Approx(1.5 * 3.0 + 4.0 * (u[1] - 5.0) - 0.7).epsilon(1e-14));
  Site held{.kind = Site::Kind::boundary, .coefficients = left};
  held.prescribed = {sdk::Expression(7.0)};
  StrongForm(*diffusion, held, 2).residual(points, {time}, jets(1), R);
  CHECK(R[0] == Approx(u[0] - 7.0).epsilon(1e-14));
  StrongForm(*diffusion, {.kind = Site::Kind::interface, .coefficients = left, .other_coefficients = right}, 2)
      .residual(points, {time}, jets(2), R);
  CHECK(R[0] == Approx((1.5 - 2.0 * 0.5) * (3.0 * 0.6 - 0.8)).epsilon(1e-14));
  CHECK(R[1] == Approx((1.5 - 2.0 * 0.5) * 3.0).epsilon(1e-14));
}

TEST_CASE("What has no strong form, and coefficients out of their range, are refused with the site's name", "[sdk]") {
  const auto damped = std::make_unique<sdk::detail::PhysicsOf<Damped>>("damped", "1", "a flux with a rate");
  CHECK_THROWS_WITH(StrongForm(*damped, {.name = "rubber"}, 1), Catch::Contains("fluxes depend on du/dt"));
  const LoadedPhysics diffusion("diffusion");
  const auto table = coefficients(*diffusion, 1, {{"conductivity", "x - 0.5"}});
  const StrongForm form(*diffusion, {.name = "steel", .coefficients = table}, 1);
  const PointSet points{.positions = {0.7, 0.2}};
  std::vector<double> jets(2 * form.width(), 1.0), R(2);
  const std::vector<double> time{0.0};
  try {
    form.residual(points, {time}, jets, R);
    FAIL("a negative conductivity was taken");
  } catch (const sdk::Error& error) {
    CHECK_THAT(error.report(), Catch::Contains("conductivity") && Catch::Contains("-0.3") &&
                                   Catch::Contains("site steel, position (0.2)"));
  }
  CHECK_THROWS_WITH(form.residual(points, {time}, std::span(jets).first(3), R), Catch::Contains("2 points need jets"));
}

TEST_CASE("An energy is offered where it is one: without convection, unknowns in coefficients, or skew conduction",
          "[sdk]") {
  const LoadedPhysics diffusion("diffusion"), elasticity("elasticity"), helmholtz("helmholtz");
  const auto is_energy = [&](const Texts& texts) {
    return diffusion->kernels(2).is_energy(coefficients(*diffusion, 2, texts));
  };
  CHECK(diffusion->info().has_energy);
  CHECK(is_energy({{"conductivity", "1 + x"}, {"reaction", "y"}, {"source", "sin(x)"}}));
  CHECK(is_energy({{"conductivity_xx", "1"},
                   {"conductivity_xy", "0.3*x"},
                   {"conductivity_yx", "0.3*x"},
                   {"conductivity_yy", "2"}}));
  CHECK_FALSE(is_energy({{"conductivity_xx", "1"},
                         {"conductivity_xy", "0.3*x"},
                         {"conductivity_yx", "0.2*x"},
                         {"conductivity_yy", "2"}}));
  CHECK_FALSE(is_energy({{"conductivity", "1 + temperature^2"}}));
  CHECK_FALSE(is_energy({{"conductivity", "1"}, {"velocity_x", "1e-9"}}));
  CHECK(diffusion->kernels(2).is_boundary_energy(
      coefficients(*diffusion, 2, {{"conductivity", "1"}, {"transfer_coefficient", "2"}, {"ambient", "y"}})));
  CHECK_FALSE(diffusion->kernels(2).is_boundary_energy(
      coefficients(*diffusion, 2, {{"conductivity", "1"}, {"transfer_coefficient", "temperature^3"}})));
  for (const int dim : {2, 3})
    CHECK(elasticity->kernels(dim).is_energy(coefficients(*elasticity, dim, elasticity_texts(), parameter_names)));
  const LoadedPhysics plane_stress("elasticity", "model", "plane_stress");
  CHECK(plane_stress->kernels(2).is_energy(coefficients(*plane_stress, 2, elasticity_texts(), parameter_names)));
  CHECK_FALSE(helmholtz->info().has_energy);
  CHECK_FALSE(helmholtz->kernels(2).is_energy(coefficients(*helmholtz, 2, {{"wave_number", "1"}})));
}

TEST_CASE("The energy of a heated square with its boundary has its known value and gradient", "[sdk]") {
  // K/2 |grad u|^2 + s/2 u^2 - q u and h (u/2 - a) u - g u at u = 2, grad u = (3, -1).
  const LoadedPhysics diffusion("diffusion");
  Points points(*diffusion, 2,
                coefficients(*diffusion, 2,
                             {{"conductivity", "1.5"},
                              {"reaction", "0.5"},
                              {"source", "7"},
                              {"transfer_coefficient", "4"},
                              {"ambient", "5"},
                              {"heat_flux", "3"}}));
  for (int q = 0; q < points.num_points; ++q) {
    const double slots[] = {2.0, 3.0, -1.0};
    for (int k = 0; k < 3; ++k) points.slots[3 * q + k] = Lanes(slots[k]);
  }
  const auto& kernels = diffusion->kernels(2);
  CHECK(run([&](const auto& b, Lanes* e) { kernels.energy(b, e); }, points.batch(), 1)[0][0] ==
        Approx(0.75 * 10.0 + 0.25 * 4.0 - 14.0).epsilon(1e-14));
  points.on_boundary = true;
  CHECK(run([&](const auto& b, Lanes* e) { kernels.boundary_energy(b, e); }, points.batch(), 1)[0][0] ==
        Approx(4.0 * (1.0 - 5.0) * 2.0 - 6.0).epsilon(1e-14));
}
