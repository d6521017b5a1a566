#pragma once
/// Expressions of a solution at the points of one batch of cells or facets.

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "engine/fem/assembly/point_loader.hpp"
#include "engine/fem/evaluation/solution_symbols.hpp"

namespace ansatz::fem {

/// Where to integrate.
struct Domain {
  std::optional<int> region;                       ///< only cells of this region
  std::optional<std::vector<mesh::Facet>> facets;  ///< these facets instead of cells
};

/// Loads one batch after the other and evaluates expressions at its points, in arrays of its own. Not collective.
class PointEvaluator {
 public:
  /// \param definition must outlive this.
  explicit PointEvaluator(const FormDefinition& definition);

  const FormDefinition& definition() const { return definition_; }
  const DofMap& dofs() const { return dofs_; }
  const mesh::Mesh& mesh() const { return mesh_; }
  const sdk::PointKernels& kernels() const { return kernels_; }
  const SolutionSymbols& symbols() const { return symbols_; }
  /// Geometry and gradients of bases of the batch that was loaded last.
  const PointLoader& loader() const { return loader_; }

  /// Batches of the owned cells (or facets of them) of a domain; with ghosts, also of the other local ones.
  std::vector<Batch> batches(const Domain& domain, bool with_ghosts = false) const;
  /// Batch of one cell.
  Batch batch_of(std::int32_t cell) const;
  /// Quadrature of the definition's degree, or of 2 p + 4.
  /// \param local_facet -1: of cells
  const Rule& rule(int local_facet);

  /// The inputs of kernels at the points of a batch; valid until the next call.
  const sdk::PointBatch& load(const Rule& rule, const Batch& batch, const FormState& state, Needs needs = {}) {
    return loader_.load(rule, batch, state, needs, definition_.coefficients[batch.region]);
  }
  /// Values of the expression at the points of a batch. Shape (num_points); valid until the next call.
  std::span<const Lanes> evaluate(const Rule& rule, const Batch& batch, const FormState& state,
                                  const sdk::Expression& expression) {
    return evaluate(load(rule, batch, state), expression);
  }
  /// The same at points that are loaded.
  std::span<const Lanes> evaluate(const sdk::PointBatch& points, const sdk::Expression& expression);

 private:
  const FormDefinition& definition_;
  const DofMap& dofs_;
  const mesh::Mesh& mesh_;
  int dim_, degree_ = 1;
  const sdk::PointKernels& kernels_;
  SolutionSymbols symbols_;
  PointLoader loader_;
  std::map<int, Rule> rules_;
  std::vector<Lanes> symbol_values_, derived_values_, result_;
};

}  // namespace ansatz::fem
