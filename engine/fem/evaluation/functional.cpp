#include "engine/fem/evaluation/functional.hpp"

#include <algorithm>

#include "engine/fem/assembly/facet_sets.hpp"
#include "engine/fem/assembly/scatter.hpp"

namespace ansatz::fem {
namespace {

/// Adds the derivatives of an expression, batch by batch, in the order of the local cells.
class Derivative {
 public:
  Derivative(PointEvaluator& at_points, const sdk::Expression& expression)
      : at_points_(at_points),
        expression_(expression),
        dim_(at_points.mesh().dim),
        components_(at_points.dofs().num_components()),
        width_(1 + dim_),
        element_(at_points.dofs().dofs_per_cell()),
        result_{std::vector<double>(at_points.dofs().num_owned(), 0.0), 0.0} {}

  /// \param integrate weigh the points by the quadrature
  void add(const Rule& rule, const Batch& batch, bool integrate, double scale = 1.0) {
    sdk::PointBatch points = at_points_.load(rule, batch, {}, {.values = false});
    weights_.assign(points.num_points, Lanes(scale));
    for (int q = 0; q < points.num_points && integrate; ++q)
      weights_[q] = weights_[q] * at_points_.loader().geometry().weight[q];
    const int nq = points.num_points;
    slots_.assign(static_cast<std::size_t>(nq) * components_ * width_, Lanes(0.0));
    points.slots = slots_.data();
    const auto at_zero = at_points_.evaluate(points, expression_);
    base_.assign(at_zero.begin(), at_zero.end());
    for (int q = 0; q < nq; ++q) {
      const Lanes part = base_[q] * weights_[q];
      for (int lane = 0; lane < batch.num_active; ++lane) {
        if (batch.cells[lane] < at_points_.mesh().num_owned_cells) result_.constant += part[lane];
      }
    }
    std::ranges::fill(element_, Lanes(0.0));
    for (int f = 0; f < at_points_.dofs().num_fields(); ++f) {
      for (int c = 0; c < at_points_.dofs().fields()[f].components; ++c) {
        for (int k = 0; k < width_; ++k) add_slot(rule, points, f, c, k);
      }
    }
    add_to_vector(at_points_.dofs(), batch, element_.data(), result_.vector);
  }

  Functional take() { return std::move(result_); }

 private:
  /// Slot k of a component: its value, then its gradient.
  void add_slot(const Rule& rule, const sdk::PointBatch& points, int f, int c, int k) {
    const int slot = (at_points_.dofs().component_offset(f) + c) * width_ + k, stride = components_ * width_;
    for (int q = 0; q < points.num_points; ++q) slots_[q * stride + slot] = Lanes(1.0);
    const auto values = at_points_.evaluate(points, expression_);
    for (int q = 0; q < points.num_points; ++q) slots_[q * stride + slot] = Lanes(0.0);
    const int n = at_points_.dofs().nodes_per_cell(f), nc = at_points_.dofs().fields()[f].components;
    for (int q = 0; q < points.num_points; ++q) {
      const Lanes derivative = (values[q] - base_[q]) * weights_[q];
      const Lanes* gradients = at_points_.loader().gradients(f, q);
      for (int a = 0; a < n; ++a) {
        const Lanes basis = k == 0 ? Lanes(rule.fields[f].values[q * n + a]) : gradients[a * dim_ + k - 1];
        element_[at_points_.dofs().cell_offset(f) + a * nc + c] += derivative * basis;
      }
    }
  }

  PointEvaluator& at_points_;
  const sdk::Expression& expression_;
  int dim_, components_, width_;
  std::vector<Lanes> slots_, base_, weights_, element_;
  Functional result_;
};

/// The functional with the constant of all ranks.
Functional complete(const base::Communicator& comm, Functional mine) {
  mine.constant = comm.sum(mine.constant);
  return mine;
}

}  // namespace

Functional linear_integral(PointEvaluator& at_points, const sdk::Expression& expression, const Domain& domain) {
  const auto& mesh = at_points.mesh();
  Domain local = domain;
  if (domain.facets) local.facets = facets_of_local_cells(mesh, *domain.facets);  // gradients reach nodes off them
  Derivative derivative(at_points, expression);
  base::agree(mesh.comm, [&] {
    for (const auto& batch : at_points.batches(local, true))
      derivative.add(at_points.rule(batch.local_facet), batch, true);
  });
  return complete(mesh.comm, derivative.take());
}

Functional linear_at_point(PointEvaluator& at_points, CellsAtPoint& cells, const sdk::Expression& expression,
                           std::span<const double> point, std::optional<int> region) {
  const auto& mesh = at_points.mesh();
  const auto found = cells.find(point, region);
  const double count = cells.count_owned(found, point, region);
  Derivative derivative(at_points, expression);
  base::agree(mesh.comm, [&] {
    for (const auto& [cell, reference] : found) {
      const Rule rule = make_rule_at(at_points.definition(), std::span(reference.data(), mesh.dim));
      derivative.add(rule, at_points.batch_of(cell), false, 1.0 / count);
    }
  });
  return complete(mesh.comm, derivative.take());
}

}  // namespace ansatz::fem
