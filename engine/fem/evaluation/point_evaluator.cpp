#include "engine/fem/evaluation/point_evaluator.hpp"

#include <algorithm>
#include <array>

#include "engine/fem/assembly/kernel_faults.hpp"

namespace ansatz::fem {

PointEvaluator::PointEvaluator(const FormDefinition& definition)
    : definition_(definition),
      dofs_(*definition.dofs),
      mesh_(dofs_.mesh()),
      dim_(mesh_.dim),
      kernels_(definition.physics->kernels(dim_)),
      symbols_(definition),
      loader_(definition),
      symbol_values_(symbols_.count()) {
  for (const auto& field : dofs_.fields()) degree_ = std::max(degree_, field.nodes->degree);
}

std::span<const Lanes> PointEvaluator::evaluate(const sdk::PointBatch& points, const sdk::Expression& expression) {
  const int components = symbols_.num_components(), derived = symbols_.num_derived();
  const int first_derived = symbols_.first_derived(), first_normal = symbols_.first_normal();
  const bool with_derived = symbols_.uses(expression, first_derived, first_normal);
  if (with_derived) {
    derived_values_.resize(points.num_points * derived);
    named(definition_.physics->info(), "derived fields",
          [&] { kernels_.derived_fields(points, derived_values_.data()); });
  }
  std::vector<Lanes> parameters(definition_.parameters.begin(), definition_.parameters.end());
  result_.resize(points.num_points);
  for (int q = 0; q < points.num_points; ++q) {
    for (int c = 0; c < components; ++c) {
      const Lanes* slot = points.slots + (q * components + c) * (1 + dim_);
      symbol_values_[c] = slot[0];
      for (int j = 0; j < dim_; ++j) symbol_values_[components + c * dim_ + j] = slot[1 + j];
    }
    for (int k = 0; k < derived && with_derived; ++k)
      symbol_values_[first_derived + k] = derived_values_[q * derived + k];
    for (int i = 0; i < dim_; ++i) {
      symbol_values_[first_normal + i] = points.normal != nullptr ? points.normal[q * dim_ + i] : Lanes(0.0);
    }
    std::array<Lanes, 3> x;
    for (int i = 0; i < 3; ++i) x[i] = i < dim_ ? points.position[q * dim_ + i] : Lanes(0.0);
    result_[q] = expression.evaluate(sdk::ExpressionInputs<Lanes>{
        x.data(), Lanes(points.time), parameters.data(), symbol_values_.data(), points.data + q * points.num_data});
  }
  return result_;
}

std::vector<Batch> PointEvaluator::batches(const Domain& domain, bool with_ghosts) const {
  const auto last = with_ghosts ? mesh_.num_cells() : mesh_.num_owned_cells;
  std::vector<Batch> result;
  if (domain.facets) {
    std::vector<mesh::Facet> facets;
    for (const auto& facet : *domain.facets) {
      if (facet.cell < last) facets.push_back(facet);
    }
    result = facet_batches(mesh_, facets);
  } else {
    result = cell_batches(mesh_, [&](std::int32_t cell) { return cell < last; });
  }
  if (domain.region) std::erase_if(result, [&](const Batch& b) { return b.region != *domain.region; });
  return result;
}

Batch PointEvaluator::batch_of(std::int32_t cell) const {
  Batch batch;
  batch.cells.fill(cell);
  batch.num_active = 1;
  batch.region = mesh_.cell_region[cell];
  return batch;
}

const Rule& PointEvaluator::rule(int local_facet) {
  auto [it, fresh] = rules_.try_emplace(local_facet);
  if (fresh) it->second = make_rule(definition_, definition_.quadrature_degree.value_or(2 * degree_ + 4), local_facet);
  return it->second;
}

}  // namespace ansatz::fem
