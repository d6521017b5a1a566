#pragma once
/// Batches of points with made-up states, and differences of kernels with respect to any of their inputs.

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "ansatz/sdk/physics_interface.hpp"

namespace ansatz::test {

using sdk::Lanes;
using sdk::num_lanes;
using Values = std::vector<Lanes>;

/// All inputs of a kernel at `num_points` points in [0.2, 0.8]^dim, with random states of size 1.
struct Points {
  int dim, components, num_points = 3, num_slots, num_hessian;
  double time = 0.4;
  Values position, slots, rates, hessians, normal, cell_size;
  std::vector<double> parameters;
  std::vector<sdk::Expression> table;
  bool with_rates = true, on_boundary = false;

  Points(const sdk::Physics& physics, int dim_, std::vector<sdk::Expression> table_,
         std::vector<double> parameters_ = {})
      : dim(dim_),
        components(physics.info().num_field_components(dim_)),
        num_slots(components * (1 + dim)),
        num_hessian(dim * (dim + 1) / 2),
        parameters(std::move(parameters_)),
        table(std::move(table_)) {
    std::mt19937 generator(7 + dim);
    const auto number = [&](double low, double high) { return low + (high - low) * (generator() / 4294967296.0); };
    const auto fill = [&](Values& values, int width, double low, double high) {
      values.resize(num_points * width);
      for (auto& x : values) {
        for (int lane = 0; lane < num_lanes; ++lane) x.set(lane, number(low, high));
      }
    };
    fill(position, dim, 0.2, 0.8);
    fill(slots, num_slots, -1.0, 1.0);
    fill(rates, components, -1.0, 1.0);
    fill(hessians, components * num_hessian, -1.0, 1.0);
    fill(normal, dim, -1.0, 1.0);
    fill(cell_size, 1, 0.1, 0.2);
    for (int q = 0; q < num_points; ++q) {
      Lanes square(0.0);
      for (int i = 0; i < dim; ++i) square += normal[q * dim + i] * normal[q * dim + i];
      for (int i = 0; i < dim; ++i) normal[q * dim + i] /= sqrt(square);
    }
  }

  sdk::PointBatch batch() const {
    sdk::PointBatch b;
    b.num_points = num_points;
    b.time = time;
    b.position = position.data();
    b.slots = slots.data();
    b.rates = with_rates ? rates.data() : nullptr;
    b.hessians = hessians.data();
    b.normal = on_boundary ? normal.data() : nullptr;
    b.cell_size = cell_size.data();
    b.coefficients = table;
    b.parameters = parameters;
    return b;
  }
};

using Kernel = std::function<void(const sdk::PointBatch&, Lanes*)>;

inline Values run(const Kernel& kernel, const sdk::PointBatch& batch, int width) {
  Values f(batch.num_points * width, Lanes(0.0));
  kernel(batch, f.data());
  return f;
}

/// Fourth-order difference of a kernel along `move(points, step)`.
inline Values difference(const Kernel& kernel, const Points& at, int width,
                         const std::function<void(Points&, double)>& move, double h = 2e-3) {
  const auto value = [&](double step) {
    Points moved = at;
    move(moved, step);
    return run(kernel, moved.batch(), width);
  };
  const auto a = value(-2 * h), b = value(-h), c = value(h), d = value(2 * h);
  Values slope(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) slope[i] = (a[i] - 8.0 * b[i] + 8.0 * c[i] - d[i]) / Lanes(12.0 * h);
  return slope;
}

/// Largest difference relative to the largest value (at least 1).
inline double distance(const Values& a, const Values& b) {
  REQUIRE(a.size() == b.size());
  double error = 0.0, scale = 1.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (int lane = 0; lane < num_lanes; ++lane) {
      if (!std::isfinite(a[i][lane]) || !std::isfinite(b[i][lane])) return std::nan("");
      error = std::max(error, std::abs(a[i][lane] - b[i][lane]));
      scale = std::max(scale, std::abs(b[i][lane]));
    }
  }
  return error / scale;
}

/// Entries [first + stride k] for k < count, of each point's block of `width`.
inline Values column(const Values& all, int num_points, int width, int first, int stride, int count) {
  Values part;
  for (int q = 0; q < num_points; ++q) {
    for (int k = 0; k < count; ++k) part.push_back(all[q * width + first + k * stride]);
  }
  return part;
}

}  // namespace ansatz::test
