// Strong residuals of manufactured solutions with exact derivatives: they must equal their sources to round-off.
#include <catch2/catch.hpp>

#include "tests/support/fem_physics.hpp"
#include "tests/support/point_batches.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

/// Value, gradient and second derivatives (in the order of the kernels) of one component at a point.
struct Jet {
  double value;
  std::vector<double> gradient, hessian;
};

/// Writes the exact derivatives of `u(component, x, t)` and du/dt into the points; returns the strong residual.
Values strong_residual(const sdk::Physics& physics, Points& points, const std::function<Jet(int, const double*)>& u,
                       const std::function<double(int, const double*)>& rate = {}) {
  for (int q = 0; q < points.num_points; ++q) {
    for (int lane = 0; lane < num_lanes; ++lane) {
      std::array<double, 3> x{};
      for (int i = 0; i < points.dim; ++i) x[i] = points.position[q * points.dim + i][lane];
      for (int c = 0; c < points.components; ++c) {
        const Jet jet = u(c, x.data());
        Lanes* slot = points.slots.data() + (q * points.components + c) * (1 + points.dim);
        slot[0].set(lane, jet.value);
        for (int j = 0; j < points.dim; ++j) slot[1 + j].set(lane, jet.gradient[j]);
        for (int h = 0; h < points.num_hessian; ++h) {
          points.hessians[(q * points.components + c) * points.num_hessian + h].set(lane, jet.hessian[h]);
        }
        points.rates[q * points.components + c].set(lane, rate ? rate(c, x.data()) : 0.0);
      }
    }
  }
  return run([&](const auto& b, Lanes* r) { physics.kernels(points.dim).strong_residual(b, r); }, points.batch(),
             points.components);
}

double largest(const Values& values) {
  double result = 0.0;
  for (const auto& v : values) {
    for (int lane = 0; lane < num_lanes; ++lane) result = std::max(result, std::abs(v[lane]));
  }
  return result;
}

}  // namespace

TEST_CASE("The strong residual of nonlinear convection-diffusion-reaction equals its source to 1e-11",
          "[fem][kernels]") {
  // u = (1 + t^2) sin(2 x) exp(y), K = (1 + 0.3 u^2) A(x), A = [[2 + x y, 0.3], [0.3, 1 + x]], C = 1 + 0.5 u,
  // b = (1, -y), s = cos(x).
  const LoadedPhysics physics("diffusion");
  const std::string k = "(1 + 0.3*temperature^2)";
  Texts texts{{"conductivity_xx", k + "*(2 + x*y)"},
              {"conductivity_xy", k + "*0.3"},
              {"conductivity_yx", k + "*0.3"},
              {"conductivity_yy", k + "*(1 + x)"},
              {"capacity", "1 + 0.5*temperature"},
              {"reaction", "cos(x)"},
              {"velocity_x", "1"},
              {"velocity_y", "-y"}};
  const double t = 0.4, T = 1.0 + t * t;
  const auto jet = [&](int, const double* x) {
    const double s = T * std::sin(2 * x[0]) * std::exp(x[1]), c = T * std::cos(2 * x[0]) * std::exp(x[1]);
    return Jet{s, {2 * c, s}, {-4 * s, s, 2 * c}};
  };
  const auto rate = [&](int, const double* x) { return 2 * t * std::sin(2 * x[0]) * std::exp(x[1]); };
  Points points(*physics, 2, coefficients(*physics, 2, texts));
  const auto r = strong_residual(*physics, points, jet, rate);
  for (int q = 0; q < points.num_points; ++q) {
    for (int lane = 0; lane < num_lanes; ++lane) {
      const double x[2] = {points.position[2 * q][lane], points.position[2 * q + 1][lane]};
      const Jet u = jet(0, x);
      const double ux = u.gradient[0], uy = u.gradient[1];
      const double a_div =
          x[1] * ux + (2 + x[0] * x[1]) * u.hessian[0] + 0.6 * u.hessian[2] + (1 + x[0]) * u.hessian[1];
      const double quadratic = (2 + x[0] * x[1]) * ux * ux + 0.6 * ux * uy + (1 + x[0]) * uy * uy;
      const double diffusion = (1 + 0.3 * u.value * u.value) * a_div + 0.6 * u.value * quadratic;
      const double source = (1 + 0.5 * u.value) * (rate(0, x) + ux - x[1] * uy) - diffusion + std::cos(x[0]) * u.value;
      CHECK(std::abs(r[q][lane] - source) < 1e-11 * std::max(1.0, std::abs(source)));
    }
  }
  // The same with the source as an expression of the case leaves nothing.
  texts["source"] =
      "(1 + 0.5*temperature)*(2*t*sin(2*x)*exp(y) + (1 + t^2)*exp(y)*(2*cos(2*x) - y*sin(2*x))) + cos(x)*temperature"
      " - (1 + 0.3*temperature^2)*(1 + t^2)*exp(y)*(2*y*cos(2*x) - 4*(2 + x*y)*sin(2*x) + 1.2*cos(2*x) + (1 + "
      "x)*sin(2*x))"
      " - 0.6*temperature*((1 + t^2)*exp(y))^2*(4*(2 + x*y)*cos(2*x)^2 + 1.2*cos(2*x)*sin(2*x) + (1 + x)*sin(2*x)^2)";
  points.table = coefficients(*physics, 2, texts);
  CHECK(largest(strong_residual(*physics, points, jet, rate)) < 1e-11);
}

TEST_CASE("The strong residual of diffusion with a parameter in 1-D and 3-D equals its source to 1e-11",
          "[fem][kernels]") {
  const LoadedPhysics physics("diffusion");
  for (int dim : {1, 3}) {
    // u = product of sin(x_i + i); K = exp(a x) I, so div (K grad u) = exp(a x) (a u_x - dim u).
    Points points(*physics, dim, coefficients(*physics, dim, {{"conductivity", "exp(a*x)"}}, {"a"}), {0.7});
    const auto jet = [&](int, const double* x) {
      const auto product = [&](int i, int j) {
        double p = 1.0;
        for (int k = 0; k < dim; ++k) {
          const int order = (k == i) + (k == j);
          p *= order == 0 ? std::sin(x[k] + k) : (order == 1 ? std::cos(x[k] + k) : -std::sin(x[k] + k));
        }
        return p;
      };
      Jet u{product(-1, -1), {}, {}};
      for (int i = 0; i < dim; ++i) u.gradient.push_back(product(i, -1));
      for (int i = 0; i < dim; ++i) u.hessian.push_back(product(i, i));
      if (dim == 3) u.hessian.insert(u.hessian.end(), {product(0, 1), product(1, 2), product(0, 2)});
      return u;
    };
    const auto r = strong_residual(*physics, points, jet);
    for (int lane = 0; lane < num_lanes; ++lane) {
      const double x = points.position[0][lane];
      const double value = points.slots[0][lane], slope = points.slots[1][lane];
      CHECK(std::abs(r[0][lane] + std::exp(0.7 * x) * (0.7 * slope - dim * value)) < 1e-11);
    }
  }
}

TEST_CASE("The strong residual of thermoelasticity with varying stiffness equals its force to 1e-11",
          "[fem][kernels]") {
  // E = 1 + x y, nu = 0.3, a = 0.05 (T - 2), T = x^2 y + z. With L = lambda / E, M = mu / E constant:
  // div sigma_i = E_i L (tr e - 3 a) + 2 M E_j e_ij - 2 M E_i a + E (L (d_i tr e - 3 a_i) + M (lap u_i + d_i tr e) - 2
  // M a_i) in 3-D; in 2-D the same with 3 (plane strain), or L replaced by 2 L M / (L + 2 M) and 3 by 2 (plane stress).
  for (const std::string model : {"plane_strain", "plane_stress", "automatic"}) {
    const LoadedPhysics physics("elasticity", "model", model);
    const int dim = model == "automatic" ? 3 : 2;
    CAPTURE(model);
    const std::string z = dim == 3 ? " + z" : "";
    Points points(*physics, dim,
                  coefficients(*physics, dim,
                               {{"youngs_modulus", "1 + x*y"},
                                {"poisson_ratio", "0.3"},
                                {"expansion", "0.05"},
                                {"temperature", "x^2*y" + z},
                                {"reference_temperature", "2"}}));
    const auto entry = [dim](int i, int j) {
      if (i == j) return i;
      return dim == 2 ? 2 : (i + j == 1 ? 3 : (i + j == 3 ? 4 : 5));
    };
    // u_c = sin(w_c . x) with wave vectors w_c.
    const double w[3][3] = {{1.0, 2.0, 0.5}, {-1.5, 0.7, 1.1}, {0.3, 1.3, -2.0}};
    const auto jet = [&](int c, const double* x) {
      double phase = 0.0;
      for (int i = 0; i < dim; ++i) phase += w[c][i] * x[i];
      Jet u{std::sin(phase), std::vector<double>(dim), std::vector<double>(dim * (dim + 1) / 2)};
      for (int i = 0; i < dim; ++i) {
        u.gradient[i] = w[c][i] * std::cos(phase);
        for (int j = 0; j < dim; ++j) u.hessian[entry(i, j)] = -w[c][i] * w[c][j] * std::sin(phase);
      }
      return u;
    };
    const auto r = strong_residual(*physics, points, jet);
    const double M = 0.5 / 1.3, L3 = 0.3 / (1.3 * 0.4);
    const double L = model == "plane_stress" ? 2 * L3 * M / (L3 + 2 * M) : L3;
    const double n = model == "plane_stress" ? 2.0 : 3.0;
    for (int q = 0; q < points.num_points; ++q) {
      for (int lane = 0; lane < num_lanes; ++lane) {
        std::array<double, 3> x{};
        for (int i = 0; i < dim; ++i) x[i] = points.position[q * dim + i][lane];
        std::vector<Jet> u;
        for (int c = 0; c < dim; ++c) u.push_back(jet(c, x.data()));
        const double E = 1 + x[0] * x[1], a = 0.05 * (x[0] * x[0] * x[1] + x[2] - 2);
        const double dE[3] = {x[1], x[0], 0.0}, da[3] = {0.1 * x[0] * x[1], 0.05 * x[0] * x[0], 0.05};
        double tr = 0.0;
        for (int c = 0; c < dim; ++c) tr += u[c].gradient[c];
        for (int i = 0; i < dim; ++i) {
          double dtr = 0.0, laplace = 0.0, gradient_part = 0.0;
          for (int j = 0; j < dim; ++j) {
            dtr += u[j].hessian[entry(i, j)];
            laplace += u[i].hessian[entry(j, j)];
            gradient_part += dE[j] * (u[i].gradient[j] + u[j].gradient[i]);
          }
          const double divergence = dE[i] * (L * (tr - n * a) - 2 * M * a) + M * gradient_part +
                                    E * (L * (dtr - n * da[i]) + M * (laplace + dtr) - 2 * M * da[i]);
          CHECK(std::abs(r[q * dim + i][lane] + divergence) < 1e-11);
        }
      }
    }
  }
}
