#include <limits>

#include "ansatz/sdk/expression_affine.hpp"
#include "engine/fem/evaluation/evaluator_work.hpp"
#include "engine/fem/assembly/facet_sets.hpp"
#include "engine/fem/assembly/scatter.hpp"

namespace ansatz::fem {
namespace {

/// Adds the derivatives of an expression, batch by batch, in the order of the local cells.
template <class Work>
class Derivative {
 public:
  Derivative(Work& work, const sdk::Expression& expression)
      : work_(work),
        expression_(expression),
        width_(1 + work.dim_),
        element_(work.dofs_.dofs_per_cell()),
        result_{std::vector<double>(work.dofs_.num_owned(), 0.0), 0.0} {}

  /// \param integrate weigh the points by the quadrature
  void add(const Rule& rule, const Batch& batch, bool integrate, double scale = 1.0) {
    sdk::PointBatch points = work_.load(rule, batch, {}, {.values = false});
    weights_.assign(points.num_points, Lanes(scale));
    for (int q = 0; q < points.num_points && integrate; ++q)
      weights_[q] = weights_[q] * work_.loader_.geometry().weight[q];
    const int nq = points.num_points;
    slots_.assign(static_cast<std::size_t>(nq) * work_.components_ * width_, Lanes(0.0));
    points.slots = slots_.data();
    const auto at_zero = work_.evaluate(points, expression_);
    base_.assign(at_zero.begin(), at_zero.end());
    for (int q = 0; q < nq; ++q) {
      const Lanes part = base_[q] * weights_[q];
      for (int lane = 0; lane < batch.num_active; ++lane) {
        if (batch.cells[lane] < work_.mesh_.num_owned_cells) result_.constant += part[lane];
      }
    }
    std::ranges::fill(element_, Lanes(0.0));
    for (int f = 0; f < work_.dofs_.num_fields(); ++f) {
      for (int c = 0; c < work_.dofs_.fields()[f].components; ++c) {
        for (int k = 0; k < width_; ++k) add_slot(rule, points, f, c, k);
      }
    }
    add_to_vector(work_.dofs_, batch, element_.data(), result_.vector);
  }

  Functional take() { return std::move(result_); }

 private:
  /// Slot k of a component: its value, then its gradient.
  void add_slot(const Rule& rule, const sdk::PointBatch& points, int f, int c, int k) {
    const int slot = (work_.dofs_.component_offset(f) + c) * width_ + k, stride = work_.components_ * width_;
    for (int q = 0; q < points.num_points; ++q) slots_[q * stride + slot] = Lanes(1.0);
    const auto values = work_.evaluate(points, expression_);
    for (int q = 0; q < points.num_points; ++q) slots_[q * stride + slot] = Lanes(0.0);
    const int n = work_.dofs_.nodes_per_cell(f), nc = work_.dofs_.fields()[f].components;
    for (int q = 0; q < points.num_points; ++q) {
      const Lanes derivative = (values[q] - base_[q]) * weights_[q];
      const Lanes* gradients = work_.loader_.gradients(f, q);
      for (int a = 0; a < n; ++a) {
        const Lanes basis = k == 0 ? Lanes(rule.fields[f].values[q * n + a]) : gradients[a * work_.dim_ + k - 1];
        element_[work_.dofs_.cell_offset(f) + a * nc + c] += derivative * basis;
      }
    }
  }

  Work& work_;
  const sdk::Expression& expression_;
  int width_;
  std::vector<Lanes> slots_, base_, weights_, element_;
  Functional result_;
};

/// The functional with the constant of all ranks.
Functional complete(const base::Communicator& comm, Functional mine) {
  mine.constant = comm.sum(mine.constant);
  return mine;
}

}  // namespace

Functional Evaluator::linear_integral(const sdk::Expression& expression, const Domain& domain) const {
  Domain local = domain;
  if (domain.facets)
    local.facets = facets_of_local_cells(work_->mesh_, *domain.facets);  // gradients reach nodes off them
  Derivative derivative(*work_, expression);
  base::agree(work_->mesh_.comm, [&] {
    for (const auto& batch : work_->batches(local, true)) derivative.add(work_->rule(batch.local_facet), batch, true);
  });
  return complete(work_->mesh_.comm, derivative.take());
}

Functional Evaluator::linear_at_point(const sdk::Expression& expression, std::span<const double> point,
                                      std::optional<int> region) const {
  const auto cells = work_->cells_at(point, region);
  const double count = work_->count_owned(cells, point, region);
  Derivative derivative(*work_, expression);
  base::agree(work_->mesh_.comm, [&] {
    for (const auto& [cell, reference] : cells) {
      const Rule rule = make_rule_at(work_->definition_, std::span(reference.data(), work_->mesh_.dim));
      derivative.add(rule, work_->batch_of(cell), false, 1.0 / count);
    }
  });
  return complete(work_->mesh_.comm, derivative.take());
}

std::vector<int> Evaluator::derived_used(const sdk::Expression& expression) const {
  std::vector<int> used;
  for (const int i : expression.indices_used(sdk::SymbolKind::field)) {
    if (i >= work_->first_derived() && i < work_->first_normal()) used.push_back(i - work_->first_derived());
  }
  return used;
}

bool Evaluator::is_continuous(const sdk::Expression& expression) const {
  return !work_->uses(expression, work_->components_, std::numeric_limits<int>::max());
}

bool Evaluator::is_affine(const sdk::Expression& expression) const {
  return sdk::is_affine(expression, sdk::SymbolKind::field, work_->first_normal());
}

}  // namespace ansatz::fem
