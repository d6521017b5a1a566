#include "ansatz/sdk/strong_form.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "checks.hpp"
#include "engine/fem/elements/quadrature.hpp"
#include "samples.hpp"

namespace ansatz::conformance {
namespace {

constexpr int degree = 19;  ///< of the Gauss rule along each axis

/// Points and weights of the unit cube, or of one of its faces.
/// \param axis normal to the face, or -1
sdk::PointSet points_of_cube(int dim, int axis, double sign) {
  const auto line = fem::quadrature(mesh::CellType::interval, degree);
  sdk::PointSet points;
  const int free = axis < 0 ? dim : dim - 1;
  const int total = static_cast<int>(std::lround(std::pow(line.size(), free)));
  for (int k = 0; k < total; ++k) {
    double weight = 1.0;
    for (int i = 0, rest = k; i < dim; ++i) {
      points.normals.push_back(i == axis ? sign : 0.0);
      if (i == axis) {
        points.positions.push_back(sign > 0.0 ? 1.0 : 0.0);
        continue;
      }
      points.positions.push_back(line.points[rest % line.size()]);
      weight *= line.weights[rest % line.size()];
      rest /= line.size();
    }
    points.weights.push_back(weight);
  }
  return points;
}

/// v(x) = cos(1 + 0.7 x - 0.4 y + 0.2 z), and its derivatives.
double test_function(std::span<const double> x, int derivative = -1) {
  constexpr double slope[] = {0.7, -0.4, 0.2};
  const double phase = std::inner_product(x.begin(), x.end(), slope, 1.0);
  return derivative < 0 ? std::cos(phase) : -slope[derivative] * std::sin(phase);
}

/// Jets of the fields of the samples at their points.
std::vector<double> jets_of(const Samples& samples, std::size_t n) {
  std::vector<double> jets;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t q = i / sdk::num_lanes, lane = i % sdk::num_lanes;
    for (int c = 0; c < samples.components; ++c) {
      const std::size_t at = q * samples.components + c;
      jets.push_back(samples.slots[at * (1 + samples.dim)][lane]);
      jets.push_back(samples.rates[at][lane]);
      for (int j = 0; j < samples.dim; ++j) jets.push_back(samples.slots[at * (1 + samples.dim) + 1 + j][lane]);
      for (int k = 0; k < samples.num_hessian(); ++k)
        jets.push_back(samples.hessians[at * samples.num_hessian() + k][lane]);
    }
  }
  return jets;
}

/// Sums over a rule of R_c v of each component, and of |R_c v| in all.
struct Sums {
  std::vector<double> of;
  double size = 0.0;

  void add(int c, double value, double sign = 1.0) {
    of[c] += sign * value;
    size += std::abs(value);
  }
};

}  // namespace

/// int f0 v + f1 . grad v - R v over the unit cube is the integral of f1 . n v over its faces.
void check_strong_form(const sdk::Physics& physics, int dim) {
  Samples samples(physics.info(), dim);
  const int components = samples.components, num_slots = samples.num_slots();
  const std::vector<double> time{samples.time}, parameter{samples.parameter};
  Sums sums{std::vector<double>(components, 0.0)};
  const auto rows = [&](sdk::Site::Kind kind, const sdk::PointSet& points, double sign) {
    samples.place(points.positions);
    const auto n = points.weights.size();
    const sdk::StrongForm form(physics, {.kind = kind, .name = "cube", .coefficients = samples.coefficients}, dim, 1);
    std::vector<double> R(n * components);
    form.residual(points, {time, parameter}, jets_of(samples, n), R);
    for (std::size_t i = 0; i < n; ++i) {
      const double v = points.weights[i] * test_function(std::span(points.positions).subspan(i * dim, dim));
      for (int c = 0; c < components; ++c) sums.add(c, R[i * components + c] * v, sign);
    }
  };
  const auto volume = points_of_cube(dim, -1, 0.0);
  rows(sdk::Site::Kind::volume, volume, -1.0);
  Values f(samples.num_points * num_slots);
  physics.kernels(dim).residual(samples.batch(), sdk::Part::all, f.data());
  for (std::size_t i = 0; i < volume.weights.size(); ++i) {
    const auto x = std::span(volume.positions).subspan(i * dim, dim);
    for (int c = 0; c < components; ++c) {
      for (int k = 0; k <= dim; ++k) {
        const double value = f[i / sdk::num_lanes * num_slots + c * (1 + dim) + k][i % sdk::num_lanes];
        sums.add(c, volume.weights[i] * value * test_function(x, k - 1));
      }
    }
  }
  for (int axis = 0; axis < dim; ++axis) {
    for (const double sign : {-1.0, 1.0}) rows(sdk::Site::Kind::boundary, points_of_cube(dim, axis, sign), -1.0);
  }
  for (int c = 0; c < components; ++c) {
    require(
        std::abs(sums.of[c]) <= 1e-9 * sums.size,
        fmt::format("equation {} in the strong form differs by {:.2e} (relative) from the weak form, integrated over "
                    "a cube",
                    c, std::abs(sums.of[c]) / sums.size));
  }
}

}  // namespace ansatz::conformance
