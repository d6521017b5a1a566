#pragma once
/// What the parts of Evaluator share. Private to engine/fem/evaluation.

#include <algorithm>
#include <map>

#include "engine/fem/evaluation/evaluator.hpp"

namespace ansatz::fem {

/// A cell that contains a point.
struct CellAt {
  std::int32_t cell = 0;
  std::array<double, 3> reference{};  ///< coordinates in it
};

/// Loads batches and evaluates expressions at their points.
class Evaluator::Work {
 public:
  explicit Work(const FormDefinition& definition)
      : definition_(definition),
        dofs_(*definition.dofs),
        mesh_(dofs_.mesh()),
        dim_(mesh_.dim),
        components_(dofs_.num_components()),
        kernels_(definition.physics->kernels(dim_)),
        loader_(definition) {
    for (const auto& field : dofs_.fields()) degree_ = std::max(degree_, field.nodes->degree);
    for (const auto& info : definition.physics->info().derived) derived_ += sdk::num_components(info.shape, dim_);
    symbols_.resize(components_ * (1 + dim_) + derived_ + dim_);
  }

  int first_derived() const { return components_ * (1 + dim_); }
  int first_normal() const { return first_derived() + derived_; }

  /// Values of the expression at the points of a batch: result[point].
  std::span<const Lanes> evaluate(const Rule& rule, const Batch& batch, const FormState& state,
                                  const sdk::Expression& expression) {
    return evaluate(load(rule, batch, state), expression);
  }

  /// The same at points that are loaded.
  std::span<const Lanes> evaluate(const sdk::PointBatch& points, const sdk::Expression& expression);

  /// Batches of the owned cells (or facets of them) of a domain; with ghosts, also of the other local ones.
  std::vector<Batch> batches(const Domain& domain, bool with_ghosts = false) const;

  /// Local cells, ghosts too, that contain a point (to 1e-6 in reference coordinates).
  std::vector<CellAt> cells_at(std::span<const double> point, std::optional<int> region) const;
  /// Number of cells over all ranks that contain it. *Collective.* \throws sdk::Error of kind case_file where none
  /// does.
  double count_owned(std::span<const CellAt> cells, std::span<const double> point, std::optional<int> region) const;
  /// Batch of one cell.
  Batch batch_of(std::int32_t cell) const {
    Batch batch;
    batch.cells.fill(cell);
    batch.num_active = 1;
    batch.region = mesh_.cell_region[cell];
    return batch;
  }

  const Rule& rule(int local_facet) {
    auto [it, fresh] = rules_.try_emplace(local_facet);
    if (fresh)
      it->second = make_rule(definition_, definition_.quadrature_degree.value_or(2 * degree_ + 4), local_facet);
    return it->second;
  }

  const sdk::PointBatch& load(const Rule& rule, const Batch& batch, const FormState& state, Needs needs = {}) {
    return loader_.load(rule, batch, state, needs, definition_.coefficients[batch.region]);
  }

  bool uses(const sdk::Expression& expression, int first, int last) const {
    const auto used = expression.indices_used(sdk::SymbolKind::field);
    return std::any_of(used.begin(), used.end(), [&](int i) { return i >= first && i < last; });
  }

  const FormDefinition& definition_;
  const DofMap& dofs_;
  const mesh::Mesh& mesh_;
  int dim_, components_, derived_ = 0, degree_ = 1;
  const sdk::PointKernels& kernels_;
  PointLoader loader_;
  std::map<int, Rule> rules_;
  std::vector<Lanes> symbols_, derived_values_, result_;
};

}  // namespace ansatz::fem
