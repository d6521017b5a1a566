#include <catch2/catch.hpp>

#include "ansatz/sdk/text.hpp"
#include "tests/support/coupled_physics.hpp"
#include "tests/support/fem_physics.hpp"
#include "tests/support/point_batches.hpp"

using namespace ansatz;
using namespace ansatz::test;
using sdk::JacobianWeights;
using sdk::Part;

namespace {

/// A physics at points with coefficients of every kind.
struct Setting {
  std::string name;
  const sdk::Physics& physics;
  Points points;
  bool linear = false;
  const sdk::PointKernels& kernels() const { return physics.kernels(points.dim); }
};

const std::vector<std::string> parameter_names{"a", "b"};
const std::vector<double> parameter_values{0.7, 1.3};

Setting setting(const std::string& name, const sdk::Physics& physics, int dim, const Texts& texts,
                bool linear = false) {
  return {name + " " + std::to_string(dim), physics,
          Points(physics, dim, coefficients(physics, dim, texts, parameter_names), parameter_values), linear};
}

Texts diffusion_texts(int dim) {
  Texts t{{"conductivity", "(1 + a*x^2)*(2 + sin(temperature)*t)"},
          {"capacity", "b*(1.5 + 0.2*temperature)*exp(-t*x)"},
          {"reaction", "a*t*x - temperature"},
          {"velocity", "b*cos(temperature) + x*t"},
          {"source", "sin(a*x)*temperature^2 + t^2*b"},
          {"heat_flux", "a*x*temperature"},
          {"transfer_coefficient", "b + temperature^2"},
          {"ambient", "1 + t*x*a"}};
  if (dim > 1) t["conductivity_xy"] = "0.3*temperature*y*a";
  return t;
}

Texts elasticity_texts() {
  return {{"youngs_modulus", "100*(1 + a*x*y)"},
          {"poisson_ratio", "0.3 + 0.1*sin(b*y*t)"},
          {"expansion", "0.1*a"},
          {"temperature", "20*x*t"},
          {"reference_temperature", "b"},
          {"body_force", "x*a*t"},
          {"body_force_y", "y^2*b"},
          {"traction", "a*x*t"},
          {"pressure", "b*y"}};
}

Texts coupled_texts() {
  return {{"viscosity", "(1 + a*x^2*t)*(2 + tanh(velocity_x*pressure))"},
          {"permeability", "1 + b*pressure^2*y"},
          {"permeability_xy", "0.2*a*x*velocity_y"},
          {"coupling", "b + 0.5*t*a*x"},
          {"force_x", "sin(a*x*t)*pressure"},
          {"friction", "b*(1 + y*t)"},
          {"load_y", "a*pressure*velocity_x"}};
}

/// Every physics in each of its dimensions.
struct All {
  LoadedPhysics diffusion{"diffusion"}, elasticity{"elasticity"}, plane_stress{"elasticity", "model", "plane_stress"};
  std::unique_ptr<sdk::Physics> coupled = make_coupled();
  std::vector<Setting> settings;

  All() {
    for (int dim : {1, 2, 3}) settings.push_back(setting("diffusion", *diffusion, dim, diffusion_texts(dim)));
    for (int dim : {2, 3}) {
      settings.push_back(setting("elasticity", *elasticity, dim, elasticity_texts(), true));
      settings.push_back(setting("coupled", *coupled, dim, coupled_texts()));
    }
    settings.push_back(setting("plane stress", *plane_stress, 2, elasticity_texts(), true));
  }
};

Kernel residual_of(const Setting& s, Part part = Part::all) {
  return [&s, part](const auto& batch, Lanes* f) { CHECK(s.kernels().residual(batch, part, f).coefficient == -1); };
}
Kernel boundary_residual_of(const Setting& s) {
  return [&s](const auto& batch, Lanes* f) { CHECK(s.kernels().boundary_residual(batch, f).coefficient == -1); };
}

/// Moves u or du/dt of slot `in`, weighted; slots are moved at all points at once.
std::function<void(Points&, double)> move_slot(int in, JacobianWeights w) {
  return [in, w](Points& p, double step) {
    for (int q = 0; q < p.num_points; ++q) {
      p.slots[q * p.num_slots + in] += Lanes(w.state * step);
      if (in % (1 + p.dim) == 0) p.rates[q * p.components + in / (1 + p.dim)] += Lanes(w.rate * step);
    }
  };
}

std::function<void(Points&, double)> move_hessian(int entry, double weight) {
  return [entry, weight](Points& p, double step) {
    for (int q = 0; q < p.num_points; ++q) p.hessians[q * p.components * p.num_hessian + entry] += Lanes(weight * step);
  };
}

void check_jacobian(const Setting& s, const Kernel& residual, const Kernel& jacobian, JacobianWeights w) {
  const int n = s.points.num_slots;
  const auto d = run(jacobian, s.points.batch(), n * n);
  for (int in = 0; in < n; ++in) {
    CAPTURE(s.name, in);
    const auto slope = difference(residual, s.points, n, move_slot(in, w));
    CHECK(distance(column(d, s.points.num_points, n * n, in, n, n), slope) < 2e-9);
  }
}

}  // namespace

TEST_CASE("Pointwise Jacobians equal differences of the residual, in u and du/dt", "[fem][kernels]") {
  const All all;
  for (const auto& s : all.settings) {
    for (const auto part : {Part::all, Part::stiff, Part::nonstiff}) {
      const JacobianWeights w{1.7, 0.6};
      check_jacobian(
          s, residual_of(s, part), [&](const auto& b, Lanes* d) { s.kernels().jacobian(b, part, w, d); }, w);
    }
    check_jacobian(s, residual_of(s),
                   [&](const auto& b, Lanes* d) {
                     s.kernels().jacobian(b, Part::all, {0.0, 1.0}, d);
                   },
                   {0.0, 1.0});
  }
}

TEST_CASE("Pointwise Jacobians of boundary terms equal differences", "[fem][kernels]") {
  All all;
  for (auto& s : all.settings) {
    s.points.on_boundary = true;
    const JacobianWeights w{1.7, 0.6};
    check_jacobian(
        s, boundary_residual_of(s), [&](const auto& b, Lanes* d) { s.kernels().boundary_jacobian(b, w, d); }, w);
  }
}

TEST_CASE("The remainder of the first Taylor polynomial has order 2, and none where the form is linear",
          "[fem][kernels]") {
  const All all;
  for (const auto& s : all.settings) {
    CAPTURE(s.name);
    const int n = s.points.num_slots;
    Values direction(s.points.slots.size()), rates(s.points.rates.size());
    for (std::size_t i = 0; i < direction.size(); ++i) direction[i] = Lanes(std::sin(1.0 + 3.0 * i));
    for (std::size_t i = 0; i < rates.size(); ++i) rates[i] = Lanes(std::cos(2.0 * i));
    const auto f = run(residual_of(s), s.points.batch(), n);
    const auto df =
        run([&](const auto& b, Lanes* out) { s.kernels().jacobian_vector(b, direction.data(), rates.data(), out); },
            s.points.batch(), n);
    const auto remainder = [&](double h) {
      Points moved = s.points;
      for (std::size_t i = 0; i < direction.size(); ++i) moved.slots[i] += Lanes(h) * direction[i];
      for (std::size_t i = 0; i < rates.size(); ++i) moved.rates[i] += Lanes(h) * rates[i];
      const auto g = run(residual_of(s), moved.batch(), n);
      double sum = 0.0;
      for (std::size_t i = 0; i < g.size(); ++i) {
        const Lanes r = g[i] - f[i] - Lanes(h) * df[i];
        for (int lane = 0; lane < num_lanes; ++lane) sum += r[lane] * r[lane];
      }
      return std::sqrt(sum);
    };
    if (s.linear) {
      CHECK(remainder(0.1) < 1e-11);
    } else {
      CHECK(std::log2(remainder(2e-3) / remainder(1e-3)) == Approx(2.0).margin(0.1));
      CHECK(std::log2(remainder(1e-3) / remainder(5e-4)) == Approx(2.0).margin(0.1));
    }
  }
}

TEST_CASE("A Jacobian-vector product is the Jacobian times the vector", "[fem][kernels]") {
  const All all;
  for (const auto& s : all.settings) {
    CAPTURE(s.name);
    const int n = s.points.num_slots, nq = s.points.num_points, nc = s.points.components;
    const auto state = run(
        [&](const auto& b, Lanes* d) {
          s.kernels().jacobian(b, Part::all, {1.0, 0.0}, d);
        },
        s.points.batch(), n * n);
    const auto rate = run(
        [&](const auto& b, Lanes* d) {
          s.kernels().jacobian(b, Part::all, {0.0, 1.0}, d);
        },
        s.points.batch(), n * n);
    Values x(nq * n), v(nq * nc), expected(nq * n, Lanes(0.0)), expected_state(nq * n, Lanes(0.0));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = Lanes(std::cos(1.0 + 5.0 * i));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = Lanes(std::sin(2.0 + 3.0 * i));
    for (int q = 0; q < nq; ++q) {
      for (int out = 0; out < n; ++out) {
        for (int in = 0; in < n; ++in) {
          expected_state[q * n + out] += state[(q * n + out) * n + in] * x[q * n + in];
          if (in % (1 + s.points.dim) == 0) {
            expected[q * n + out] += rate[(q * n + out) * n + in] * v[q * nc + in / (1 + s.points.dim)];
          }
        }
      }
    }
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += expected_state[i];
    const auto both = run([&](const auto& b, Lanes* f) { s.kernels().jacobian_vector(b, x.data(), v.data(), f); },
                          s.points.batch(), n);
    const auto one = run([&](const auto& b, Lanes* f) { s.kernels().jacobian_vector(b, x.data(), nullptr, f); },
                         s.points.batch(), n);
    CHECK(distance(both, expected) < 1e-13);
    CHECK(distance(one, expected_state) < 1e-13);
  }
}

TEST_CASE("Derivatives with respect to parameters and time equal differences", "[fem][kernels]") {
  All all;
  for (auto& s : all.settings) {
    const int n = s.points.num_slots, nc = s.points.components;
    const auto strong = [&](const auto& b, Lanes* r) { s.kernels().strong_residual(b, r); };
    for (int k : {0, 1}) {
      CAPTURE(s.name, k);
      const auto move = [k](Points& p, double step) { p.parameters[k] += step; };
      CHECK(distance(
                run([&](const auto& b, Lanes* f) { s.kernels().parameter_derivative(b, k, f); }, s.points.batch(), n),
                difference(residual_of(s), s.points, n, move)) < 2e-9);
      CHECK(distance(run([&](const auto& b, Lanes* f) { s.kernels().strong_parameter_derivative(b, k, f); },
                         s.points.batch(), nc),
                     difference(strong, s.points, nc, move)) < 2e-9);
      s.points.on_boundary = true;
      CHECK(distance(run([&](const auto& b, Lanes* f) { s.kernels().boundary_parameter_derivative(b, k, f); },
                         s.points.batch(), n),
                     difference(boundary_residual_of(s), s.points, n, move)) < 2e-9);
      s.points.on_boundary = false;
    }
    CHECK(distance(run([&](const auto& b, Lanes* f) { s.kernels().time_derivative(b, f); }, s.points.batch(), n),
                   difference(residual_of(s), s.points, n, [](Points& p, double step) { p.time += step; })) < 2e-9);
  }
}

TEST_CASE("The derivative of the strong residual equals differences in u, its gradient and second derivatives",
          "[fem][kernels]") {
  const All all;
  for (const auto& s : all.settings) {
    const int nc = s.points.components, dim = s.points.dim, nh = s.points.num_hessian, entries = 1 + dim + nh;
    const Kernel strong = [&](const auto& b, Lanes* r) { s.kernels().strong_residual(b, r); };
    const auto d = run([&](const auto& b, Lanes* out) { s.kernels().strong_derivative(b, out); }, s.points.batch(),
                       nc * nc * entries);
    for (int in = 0; in < nc; ++in) {
      for (int k = 0; k < entries; ++k) {
        CAPTURE(s.name, in, k);
        const auto slope = k <= dim ? difference(strong, s.points, nc, move_slot(in * (1 + dim) + k, {1.0, 0.0}))
                                    : difference(strong, s.points, nc, move_hessian(in * nh + k - 1 - dim, 1.0));
        CHECK(distance(column(d, s.points.num_points, nc * nc * entries, in * entries + k, nc * entries, nc), slope) <
              5e-9);
      }
    }
  }
}

TEST_CASE("The strong residual is the divergence along a path in space", "[fem][kernels]") {
  // u = slots + H (x - x0) at a point: the flux differenced in x gives div f1 with no use of duals.
  const All all;
  for (const auto& s : all.settings) {
    CAPTURE(s.name);
    const int dim = s.points.dim, nc = s.points.components, n = s.points.num_slots, nh = s.points.num_hessian;
    const auto entry = [dim](int i, int j) {
      if (i == j) return i;
      return dim == 2 ? 2 : (i + j == 1 ? 3 : (i + j == 3 ? 4 : 5));
    };
    const auto f = run(residual_of(s), s.points.batch(), n);
    Values expected;
    for (int q = 0; q < s.points.num_points; ++q) {
      for (int c = 0; c < nc; ++c) expected.push_back(f[q * n + c * (1 + dim)]);
    }
    for (int i = 0; i < dim; ++i) {
      const auto slope = difference(residual_of(s), s.points, n, [&](Points& p, double h) {
        for (int q = 0; q < p.num_points; ++q) {
          p.position[q * dim + i] += Lanes(h);
          for (int c = 0; c < nc; ++c) {
            const Lanes* hessian = s.points.hessians.data() + (q * nc + c) * nh;
            Lanes* slot = p.slots.data() + q * n + c * (1 + dim);
            slot[0] += Lanes(h) * slot[1 + i] + Lanes(0.5 * h * h) * hessian[entry(i, i)];
            for (int j = 0; j < dim; ++j) slot[1 + j] += Lanes(h) * hessian[entry(i, j)];
          }
        }
      });
      for (int q = 0; q < s.points.num_points; ++q) {
        for (int c = 0; c < nc; ++c) expected[q * nc + c] -= slope[q * n + c * (1 + dim) + 1 + i];
      }
    }
    CHECK(distance(run([&](const auto& b, Lanes* r) { s.kernels().strong_residual(b, r); }, s.points.batch(), nc),
                   expected) < 5e-9);
  }
}

TEST_CASE("The Jacobian of a stabilisation equals differences, in u, du/dt and second derivatives", "[fem][kernels]") {
  const All all;
  for (const auto& s : all.settings) {
    if (!s.physics.info().has_stabilisation) continue;
    const int nc = s.points.components, dim = s.points.dim, nh = s.points.num_hessian, entries = 1 + dim + nh;
    const int n = s.points.num_slots;
    for (const JacobianWeights w : {JacobianWeights{1.0, 0.0}, JacobianWeights{0.4, 2.5}, JacobianWeights{0.0, 1.0}}) {
      const Kernel residual = [&](const auto& b, Lanes* f) { s.kernels().stabilisation_residual(b, f); };
      const auto d = run([&](const auto& b, Lanes* out) { s.kernels().stabilisation_jacobian(b, w, out); },
                         s.points.batch(), n * nc * entries);
      for (int in = 0; in < nc; ++in) {
        for (int k = 0; k < entries; ++k) {
          CAPTURE(s.name, in, k, w.state, w.rate);
          const auto slope = k <= dim ? difference(residual, s.points, n, move_slot(in * (1 + dim) + k, w))
                                      : difference(residual, s.points, n, move_hessian(in * nh + k - 1 - dim, w.state));
          CHECK(distance(column(d, s.points.num_points, n * nc * entries, in * entries + k, nc * entries, n), slope) <
                5e-9);
        }
      }
    }
  }
}

TEST_CASE("The structure of a form never denies a dependence that its Jacobian has", "[fem][kernels]") {
  All all;
  for (auto& s : all.settings) {
    for (const bool boundary : {false, true}) {
      s.points.on_boundary = boundary;
      const auto structure =
          boundary ? s.kernels().boundary_structure(s.points.table) : s.kernels().structure(s.points.table);
      const int n = s.points.num_slots;
      REQUIRE(structure.depends.size() == static_cast<std::size_t>(n));
      for (const bool rate : {false, true}) {
        const JacobianWeights w{rate ? 0.0 : 1.0, rate ? 1.0 : 0.0};
        const auto d = run(
            [&](const auto& b, Lanes* out) {
              boundary ? s.kernels().boundary_jacobian(b, w, out) : s.kernels().jacobian(b, Part::all, w, out);
            },
            s.points.batch(), n * n);
        for (int out = 0; out < n; ++out) {
          for (int in = 0; in < n; ++in) {
            if (rate && in % (1 + s.points.dim) != 0) continue;
            const int bit = rate ? n + in / (1 + s.points.dim) : in;
            CAPTURE(s.name, boundary, rate, out, in);
            if ((structure.depends[out] >> bit & 1U) == 0) CHECK(d[out * n + in][0] == 0.0);
          }
        }
      }
      if (!boundary) CHECK(structure.linear == s.linear);
    }
  }
}

TEST_CASE("Two accumulators: all is the sum of stiff and nonstiff", "[fem][kernels]") {
  const auto physics = make_coupled();
  const Setting s = setting("coupled", *physics, 2, coupled_texts());
  const int n = s.points.num_slots;
  const auto all = run(residual_of(s), s.points.batch(), n);
  const auto stiff = run(residual_of(s, Part::stiff), s.points.batch(), n);
  const auto nonstiff = run(residual_of(s, Part::nonstiff), s.points.batch(), n);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i][2] == Approx(stiff[i][2] + nonstiff[i][2]).epsilon(1e-14));
  // By hand at the first point: fields in their order pressure, velocity_x, velocity_y, three slots each.
  const auto at = [&](int i) { return s.points.slots[i][0]; };
  const double c = parameter_values[1] + 0.5 * s.points.time * parameter_values[0] * s.points.position[0][0];
  CHECK(nonstiff[0][0] == Approx(c * (at(3) * at(3) + at(6) * at(6)) + 0.1 * at(0)));
  CHECK(nonstiff[3][0] == Approx(0.7 * c * at(0) * at(1)));
  CHECK(nonstiff[6][0] == Approx(0.7 * c * at(0) * at(2)));
  CHECK(nonstiff[1][0] == 0.0);
}

TEST_CASE("A coefficient that is not finite or out of its range is found with its place", "[fem][kernels]") {
  const LoadedPhysics diffusion("diffusion");
  const auto fault = [&](const Texts& texts, int num_active) {
    Points points(*diffusion, 2, coefficients(*diffusion, 2, texts));
    for (int q = 0; q < 3; ++q) {
      for (int lane = 0; lane < num_lanes; ++lane) {
        points.position[2 * q].set(lane, q + 0.01 * lane);
        points.position[2 * q + 1].set(lane, 1.0);
      }
    }
    Values f(3 * points.num_slots);
    auto batch = points.batch();
    batch.num_active = num_active;
    return diffusion->kernels(2).residual(batch, Part::all, f.data());
  };
  const auto negative = fault({{"conductivity", "1"}, {"conductivity_yy", "1.045 - x"}}, 8);
  CHECK(negative.coefficient == 3);
  CHECK(negative.point == 1);
  CHECK(negative.lane == 5);
  CHECK(negative.value == Approx(-0.005));
  CHECK(fault({{"conductivity", "2.045 - x"}}, 5).coefficient == -1);  // only in lanes without a cell
  CHECK(fault({{"conductivity", "1"}, {"conductivity_xy", "-x"}}, 8).coefficient == -1);  // off the diagonal
  const auto infinite = fault({{"conductivity", "1"}, {"source", "1/(x - 2.03)"}}, 8);
  CHECK(infinite.coefficient == 8);
  CHECK(infinite.point == 2);
  CHECK(infinite.lane == 3);
  CHECK_FALSE(std::isfinite(infinite.value));
  CHECK(fault({{"conductivity", "1"}, {"reaction", "sqrt(x - 5)"}}, 8).coefficient == 5);
}

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
