#include "engine/fem/evaluation/expression_slopes.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "ansatz/sdk/dual.hpp"
#include "engine/fem/assembly/facet_sets.hpp"
#include "engine/fem/assembly/kernel_faults.hpp"
#include "engine/fem/assembly/point_integrands.hpp"
#include "engine/fem/assembly/scatter.hpp"

namespace ansatz::fem {
namespace {

using D = sdk::Dual<Lanes, 1>;

/// Derivatives at the points of a batch, and their sums.
class SlopeSum {
 public:
  explicit SlopeSum(PointEvaluator& at_points)
      : at_points_(at_points),
        symbols_(at_points.symbols()),
        dim_(at_points.mesh().dim),
        components_(symbols_.num_components()),
        slots_(components_ * (1 + dim_)),
        element_(at_points.dofs().dofs_per_cell()),
        result_(Slopes::zero(at_points.definition())) {
    for (const auto& derived : at_points.definition().physics->info().quantities)
      densities_ += sdk::num_components(derived.shape, dim_);
  }

  /// \param integrate weigh the points by the quadrature
  void add(const sdk::Expression& expression, const Rule& rule, const Batch& batch, const FormState& state,
           bool integrate, double scale = 1.0) {
    const auto& points = at_points_.load(rule, batch, state);
    differentiate(expression, points);
    contract(rule, batch, points.num_points, integrate, scale);
  }
  /// The density of a declared quantity.
  void add_density(int quantity, const Rule& rule, const Batch& batch, const FormState& state) {
    const auto& points = at_points_.load(rule, batch, state);
    clear(points.num_points);
    load_outputs(points);
    for (int q = 0; q < points.num_points; ++q) add_output(q, symbols_.num_derived() + quantity, Lanes(1.0));
    contract(rule, batch, points.num_points, true, 1.0);
  }

  /// Of all ranks. *Collective.*
  Slopes take() {
    result_.parameters = at_points_.mesh().comm.sum(std::span<const double>(result_.parameters));
    return std::move(result_);
  }

 private:
  int num_parameters() const { return static_cast<int>(result_.parameters.size()); }

  void clear(int num_points) {
    by_slot_.assign(static_cast<std::size_t>(num_points) * slots_, Lanes(0.0));
    by_parameter_.assign(static_cast<std::size_t>(num_points) * num_parameters(), Lanes(0.0));
  }

  /// Derivatives of derived fields and densities.
  void load_outputs(const sdk::PointBatch& points) {
    const auto& definition = at_points_.definition();
    const auto& kernels = slope_kernels(definition, at_points_.kernels());
    const std::size_t width = num_outputs(), nq = points.num_points;
    output_slopes_.resize(nq * width * slots_);
    output_parameters_.resize(num_parameters());
    named(definition.physics->info(), "derivatives of derived fields and quantities", [&] {
      kernels.output_slopes(points, output_slopes_.data());
      for (int k = 0; k < num_parameters(); ++k) {
        output_parameters_[k].resize(nq * width);
        kernels.output_parameter_derivative(points, k, output_parameters_[k].data());
      }
    });
  }
  int num_outputs() const { return symbols_.num_derived() + densities_; }

  void add_output(int q, int output, const Lanes& factor) {
    const std::size_t at = static_cast<std::size_t>(q) * num_outputs() + output;
    for (int s = 0; s < slots_; ++s) by_slot_[q * slots_ + s] += factor * output_slopes_[at * slots_ + s];
    for (int k = 0; k < num_parameters(); ++k)
      by_parameter_[q * num_parameters() + k] += factor * output_parameters_[k][at];
  }

  void differentiate(const sdk::Expression& expression, const sdk::PointBatch& points) {
    clear(points.num_points);
    const auto used = expression.indices_used(sdk::SymbolKind::field);
    const int first_derived = symbols_.first_derived(), first_normal = symbols_.first_normal();
    const bool with_derived = symbols_.uses(expression, first_derived, first_normal);
    if (with_derived) {
      derived_.resize(static_cast<std::size_t>(points.num_points) * symbols_.num_derived());
      named(at_points_.definition().physics->info(), "derived fields",
            [&] { at_points_.kernels().derived_fields(points, derived_.data()); });
      load_outputs(points);
    }
    for (int q = 0; q < points.num_points; ++q) {
      load_symbols(points, q, with_derived);
      const sdk::ExpressionInputs<D> inputs{position_.data(), D(Lanes(points.time)), parameters_.data(), fields_.data(),
                                            data_.data()};
      for (const int i : used) {
        if (i >= first_normal) continue;
        fields_[i].d[0] = Lanes(1.0);
        const Lanes slope = expression.evaluate(inputs).d[0];
        fields_[i].d[0] = Lanes(0.0);
        if (i >= first_derived) {
          add_output(q, i - first_derived, slope);
        } else {
          by_slot_[q * slots_ + slot(i)] += slope;
        }
      }
      for (const int k : expression.parameters_used()) {
        parameters_[k].d[0] = Lanes(1.0);
        by_parameter_[q * num_parameters() + k] += expression.evaluate(inputs).d[0];
        parameters_[k].d[0] = Lanes(0.0);
      }
    }
  }

  /// Of a value or a gradient, by its number among the symbols.
  int slot(int symbol) const {
    if (symbol < components_) return symbol * (1 + dim_);
    const int at = symbol - components_;
    return at / dim_ * (1 + dim_) + 1 + at % dim_;
  }

  void load_symbols(const sdk::PointBatch& points, int q, bool with_derived) {
    fields_.assign(symbols_.count(), D(Lanes(0.0)));
    for (int i = 0; i < symbols_.first_derived(); ++i) fields_[i] = D(points.slots[q * slots_ + slot(i)]);
    for (int k = 0; k < symbols_.num_derived() && with_derived; ++k)
      fields_[symbols_.first_derived() + k] = D(derived_[q * symbols_.num_derived() + k]);
    for (int i = 0; i < dim_ && points.normal != nullptr; ++i)
      fields_[symbols_.first_normal() + i] = D(points.normal[q * dim_ + i]);
    for (int i = 0; i < 3; ++i) position_[i] = D(i < dim_ ? points.position[q * dim_ + i] : Lanes(0.0));
    parameters_.clear();
    for (const double value : at_points_.definition().parameters) parameters_.emplace_back(Lanes(value));
    data_.clear();
    for (int k = 0; k < points.num_data; ++k) data_.emplace_back(points.data[q * points.num_data + k]);
  }

  void contract(const Rule& rule, const Batch& batch, int num_points, bool integrate, double scale) {
    const auto& dofs = at_points_.dofs();
    std::ranges::fill(element_, Lanes(0.0));
    for (int q = 0; q < num_points; ++q) {
      const Lanes weight = integrate ? scale * at_points_.loader().geometry().weight[q] : Lanes(scale);
      for (int f = 0; f < dofs.num_fields(); ++f) {
        const int n = dofs.nodes_per_cell(f), nc = dofs.fields()[f].components;
        const Lanes* gradients = at_points_.loader().gradients(f, q);
        for (int c = 0; c < nc; ++c) {
          const Lanes* slope = by_slot_.data() + q * slots_ + (dofs.component_offset(f) + c) * (1 + dim_);
          for (int a = 0; a < n; ++a) {
            Lanes sum = slope[0] * rule.fields[f].values[q * n + a];
            for (int j = 0; j < dim_; ++j) sum += slope[1 + j] * gradients[a * dim_ + j];
            element_[dofs.cell_offset(f) + a * nc + c] += weight * sum;
          }
        }
      }
      for (int k = 0; k < num_parameters(); ++k) {
        const Lanes part = weight * by_parameter_[q * num_parameters() + k];
        for (int lane = 0; lane < batch.num_active; ++lane) {
          if (batch.cells[lane] < at_points_.mesh().num_owned_cells) result_.parameters[k] += part[lane];
        }
      }
    }
    add_to_vector(dofs, batch, element_.data(), result_.unknowns);
  }

  PointEvaluator& at_points_;
  const SolutionSymbols& symbols_;
  int dim_, components_, slots_, densities_ = 0;
  std::array<D, 3> position_;
  std::vector<D> fields_, parameters_, data_;
  std::vector<Lanes> derived_, output_slopes_, by_slot_, by_parameter_, element_;
  std::vector<std::vector<Lanes>> output_parameters_;
  Slopes result_;
};

}  // namespace

Slopes Slopes::zero(const FormDefinition& definition) {
  return {std::vector<double>(definition.dofs->num_owned(), 0.0),
          std::vector<double>(definition.parameters.size(), 0.0)};
}

void Slopes::add(double factor, const Slopes& other) {
  for (std::size_t i = 0; i < unknowns.size(); ++i) unknowns[i] += factor * other.unknowns[i];
  for (std::size_t k = 0; k < parameters.size(); ++k) parameters[k] += factor * other.parameters[k];
}

Slopes integral_slopes(PointEvaluator& at_points, const sdk::Expression& expression, const FormState& state,
                       const Domain& domain) {
  const auto& mesh = at_points.mesh();
  Domain local = domain;
  if (domain.facets) local.facets = facets_of_local_cells(mesh, *domain.facets);  // gradients reach nodes off them
  SlopeSum sum(at_points);
  base::agree(mesh.comm, [&] {
    for (const auto& batch : at_points.batches(local, true))
      sum.add(expression, at_points.rule(batch.local_facet), batch, state, true);
  });
  return sum.take();
}

Slopes point_slopes(PointEvaluator& at_points, CellsAtPoint& cells, const sdk::Expression& expression,
                    const FormState& state, std::span<const double> point, std::optional<int> region) {
  const auto& mesh = at_points.mesh();
  const auto found = cells.find(point, region);
  const double count = cells.count_owned(found, point, region);
  SlopeSum sum(at_points);
  base::agree(mesh.comm, [&] {
    for (const auto& [cell, reference] : found) {
      const Rule rule = make_rule_at(at_points.definition(), std::span(reference.data(), mesh.dim));
      sum.add(expression, rule, at_points.batch_of(cell), state, false, 1.0 / count);
    }
  });
  return sum.take();
}

Slopes node_slopes(PointEvaluator& at_points, const sdk::Expression& expression, const FormState& state,
                   const mesh::NodeMap& nodes, const mesh::NodeKey& key, std::optional<int> region) {
  const auto& mesh = at_points.mesh();
  const auto reference = reference_nodes(mesh.cell, nodes.degree);
  std::vector<std::pair<std::int32_t, int>> found;  // cells and their nodes with the key
  std::int64_t owned = 0;
  for (std::int32_t cell = 0; cell < mesh.num_cells(); ++cell) {
    if (region && mesh.cell_region[cell] != *region) continue;
    for (int a = 0; a < nodes.nodes_per_cell; ++a) {
      if (nodes.keys[nodes.cell_nodes[std::size_t(cell) * nodes.nodes_per_cell + a]] != key) continue;
      found.emplace_back(cell, a);
      if (cell < mesh.num_owned_cells) ++owned;
    }
  }
  const auto count = static_cast<double>(mesh.comm.sum(owned));
  SlopeSum sum(at_points);
  base::agree(mesh.comm, [&] {
    for (const auto& [cell, a] : found) {
      const Rule rule = make_rule_at(at_points.definition(), std::span(reference).subspan(a * mesh.dim, mesh.dim));
      sum.add(expression, rule, at_points.batch_of(cell), state, false, 1.0 / count);
    }
  });
  return sum.take();
}

Slopes declared_slopes(PointEvaluator& at_points, const FormState& state, int quantity) {
  SlopeSum sum(at_points);
  base::agree(at_points.mesh().comm, [&] {
    for (const auto& batch : at_points.batches({}, true))
      sum.add_density(quantity, at_points.rule(batch.local_facet), batch, state);
  });
  return sum.take();
}

}  // namespace ansatz::fem
