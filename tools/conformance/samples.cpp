#include "samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ansatz::conformance {
namespace {

/// A value well inside the range, the default where it is, and how far the coefficient may move around it.
std::pair<double, double> middle(const sdk::CoefficientInfo& info) {
  const auto room = [&](double x) { return std::min(x - info.range.low, info.range.high - x); };
  double x = 0.0;
  const bool below = std::isfinite(info.range.low), above = std::isfinite(info.range.high);
  if (below && above) x = 0.5 * (info.range.low + info.range.high);
  if (below && !above) x = info.range.low + 1.0;
  if (!below && above) x = info.range.high - 1.0;
  if (!info.initial.empty() && room(info.initial[0]) > 0.0) x = info.initial[0];
  return {x, std::min(0.5 * room(x), 0.2 * std::max(std::abs(x), 1.0))};
}

/// Expressions of all components; what moves has an amplitude of at most 1 in sum.
std::vector<sdk::Expression> varying_coefficients(const sdk::PhysicsInfo& info, int dim) {
  auto symbols = sdk::SymbolTable::space_time(dim);
  symbols.add_parameter("mu", 0);
  constexpr const char* along[] = {"x", "x + 2 * y", "x + 2 * y - z"};
  std::vector<sdk::Expression> out;
  for (const auto& c : info.coefficients) {
    const int n = sdk::num_components(c.shape, dim);
    for (int i = 0; i < n; ++i) {
      const bool off_diagonal = c.shape == sdk::Shape::tensor && i / dim != i % dim;
      const auto [x, room] = middle(c);
      const auto text = fmt::format("{:.17g} + {:.17g} * (0.5 * sin({} + {}) + 0.2 * cos(t) + 0.2 * mu)",
                                    off_diagonal ? 0.0 : x, off_diagonal ? 0.1 * room : room, along[dim - 1], i);
      out.push_back(sdk::Expression::compile(text, symbols, "conformance"));
    }
  }
  return out;
}

}  // namespace

int hessian_entry(int dim, int i, int j) {
  if (i == j) return i;
  return dim == 2 ? 2 : (i + j == 1 ? 3 : (i + j == 3 ? 4 : 5));
}

Samples::Samples(const sdk::PhysicsInfo& info, int dim_)
    : dim(dim_), components(info.num_field_components(dim_)), coefficients(varying_coefficients(info, dim_)) {
  // Fractional parts of multiples of an irrational number spread evenly.
  std::vector<double> positions;
  for (int k = 0; k < 2 * sdk::num_lanes * dim; ++k) positions.push_back(std::fmod(0.618034 * (k + 1), 1.0));
  place(positions);
}

void Samples::place(std::span<const double> positions) {
  const auto n = positions.size() / dim;
  num_points = static_cast<int>((n + sdk::num_lanes - 1) / sdk::num_lanes);
  position.resize(num_points * dim);
  for (int q = 0; q < num_points; ++q) {
    for (int lane = 0; lane < sdk::num_lanes; ++lane) {
      const auto i = std::min(std::size_t(q) * sdk::num_lanes + lane, n - 1);
      for (int j = 0; j < dim; ++j) position[q * dim + j].set(lane, positions[i * dim + j]);
    }
  }
  slots.resize(num_points * num_slots());
  rates.resize(num_points * components);
  hessians.resize(num_points * components * num_hessian());
  normal.assign(num_points * dim, Lanes(1.0 / std::sqrt(dim)));
  cell_size.assign(num_points, Lanes(0.1));
  fill();
}

void Samples::fill() {
  for (int q = 0; q < num_points; ++q) {
    for (int c = 0; c < components; ++c) {
      const auto frequency = [&](int i) { return 1.0 + 0.5 * c - 0.7 * i; };
      Lanes phase(0.3 * c);
      for (int i = 0; i < dim; ++i) phase += frequency(i) * position[q * dim + i];
      const Lanes s = sin(phase), k = cos(phase);
      Lanes* slot = &slots[(q * components + c) * (1 + dim)];
      slot[0] = 1.0 + 0.3 * s;
      rates[q * components + c] = 0.2 * k;
      for (int i = 0; i < dim; ++i) {
        slot[1 + i] = 0.3 * frequency(i) * k;
        for (int j = i; j < dim; ++j) {
          hessians[(q * components + c) * num_hessian() + hessian_entry(dim, i, j)] =
              -0.3 * frequency(i) * frequency(j) * s;
        }
      }
    }
  }
}

void Samples::move(int axis, double step) {
  for (int q = 0; q < num_points; ++q) position[q * dim + axis] += Lanes(step);
  fill();
}

sdk::PointBatch Samples::batch() const {
  sdk::PointBatch b;
  b.num_points = num_points;
  b.time = time;
  b.position = position.data();
  b.slots = slots.data();
  b.rates = rates.data();
  b.hessians = hessians.data();
  b.normal = normal.data();
  b.cell_size = cell_size.data();
  b.coefficients = coefficients;
  b.parameters = {&parameter, 1};
  return b;
}

double largest(const Values& values) {
  double out = 0.0;
  for (const auto& x : values) {
    for (int lane = 0; lane < sdk::num_lanes; ++lane) {
      if (!std::isfinite(x[lane])) return INFINITY;
      out = std::max(out, std::abs(x[lane]));
    }
  }
  return out;
}

double distance(const Values& actual, const Values& expected) {
  Values difference(actual.size());
  for (std::size_t i = 0; i < actual.size(); ++i) difference[i] = actual[i] - expected[i];
  return largest(difference) / std::max(largest(expected), 1e-300);
}

}  // namespace ansatz::conformance
