#include "engine/fem/assembly/point_loader.hpp"

#include <algorithm>

#include "engine/fem/assembly/scatter.hpp"

namespace ansatz::fem {
namespace {

Rule complete(const FormDefinition& definition, ReferencePoints reference) {
  Rule rule;
  rule.reference = std::move(reference);
  const auto cell = definition.dofs->mesh().cell;
  for (const auto& field : definition.dofs->fields()) {
    rule.fields.push_back(tabulate(cell, field.nodes->degree, rule.reference.points));
  }
  for (const auto& data : definition.data) {
    rule.data.push_back(tabulate(cell, data.nodes->degree, rule.reference.points));
  }
  return rule;
}

}  // namespace

Rule make_rule(const FormDefinition& definition, int degree, int local_facet) {
  return complete(definition, reference_points(definition.dofs->mesh(), degree, local_facet));
}

Rule make_rule_at(const FormDefinition& definition, std::span<const double> points) {
  return complete(definition, reference_points_at(definition.dofs->mesh(), points));
}

std::uint32_t data_used(const std::vector<sdk::Expression>& coefficients) {
  std::uint32_t used = 0;
  for (const auto& expression : coefficients) {
    for (const int k : expression.indices_used(sdk::SymbolKind::data)) used |= std::uint32_t{1} << k;
  }
  return used;
}

int num_data(const FormDefinition& definition) {
  const auto num_fields = static_cast<int>(definition.data.size());
  const auto use_normals = [&](const std::vector<std::vector<sdk::Expression>>& regions) {
    return std::ranges::any_of(regions, [&](const auto& table) { return data_used(table) >> num_fields != 0; });
  };
  const bool any = std::ranges::any_of(definition.boundary, [&](const BoundaryTerm& term) {
    return use_normals(term.coefficients) || use_normals(term.directions);
  });
  return num_fields + (any ? definition.dofs->mesh().dim : 0);
}

PointLoader::PointLoader(const FormDefinition& definition)
    : definition_(definition),
      dofs_(*definition.dofs),
      dim_(dofs_.mesh().dim),
      num_hessian_(dim_ * (dim_ + 1) / 2),
      num_data_(num_data(definition)) {
  for (const auto& field : dofs_.fields()) {
    nodes_.push_back(field.nodes->nodes_per_cell);
    linear_basis_.push_back(field.nodes->degree == 1);
  }
  gradients_.resize(nodes_.size());
  hessians_.resize(nodes_.size());
  cell_values_.resize(dofs_.dofs_per_cell());
  cell_rates_.resize(dofs_.dofs_per_cell());
}

void PointLoader::load_bases(const Rule& rule, const Batch& batch) {
  geometry_.compute(dofs_.mesh(), rule.reference, batch, {.position = false});
  for (std::size_t f = 0; f < nodes_.size(); ++f) {
    physical_gradients(geometry_, rule.fields[f], constant_gradients(static_cast<int>(f)), gradients_[f]);
  }
}

const sdk::PointBatch& PointLoader::load(const Rule& rule, const Batch& batch, const FormState& state, Needs needs,
                                         sdk::CoefficientTable coefficients) {
  const int nq = rule.reference.num_points, nc = dofs_.num_components();
  geometry_.compute(dofs_.mesh(), rule.reference, batch, {true, needs.cell_size, needs.hessians});
  for (std::size_t f = 0; f < nodes_.size(); ++f) {
    physical_gradients(geometry_, rule.fields[f], constant_gradients(static_cast<int>(f)), gradients_[f]);
    if (needs.hessians) physical_hessians(geometry_, rule.fields[f], hessians_[f]);
  }
  slots_.resize(nq * nc * (1 + dim_));
  const bool rates = needs.values && !state.rates.empty();
  if (needs.values) {
    rates_.resize(nq * nc);
    second_.resize(needs.hessians ? nq * nc * num_hessian_ : 0);
    gather_from_vector(dofs_, batch, state.values, cell_values_.data());
    if (rates) gather_from_vector(dofs_, batch, state.rates, cell_rates_.data());
    if (dim_ == 1) interpolate<1>(rule, rates, needs.hessians);
    if (dim_ == 2) interpolate<2>(rule, rates, needs.hessians);
    if (dim_ == 3) interpolate<3>(rule, rates, needs.hessians);
  } else {
    std::fill(slots_.begin(), slots_.end(), Lanes(0.0));
  }
  load_data(rule, batch, needs.data, needs.hessians);
  batch_.num_points = needs.one_point ? 1 : nq;
  batch_.num_active = batch.num_active;
  batch_.time = state.time;
  batch_.position = geometry_.position.data();
  batch_.slots = slots_.data();
  batch_.rates = rates ? rates_.data() : nullptr;
  batch_.hessians = needs.values && needs.hessians ? second_.data() : nullptr;
  batch_.normal = batch.local_facet >= 0 ? geometry_.normal.data() : nullptr;
  batch_.cell_size = needs.cell_size ? geometry_.cell_size.data() : nullptr;
  batch_.data = data_.data();
  batch_.data_gradients = needs.hessians ? data_gradients_.data() : nullptr;
  batch_.num_data = num_data_;
  batch_.coefficients = coefficients;
  batch_.parameters = definition_.parameters;
  return batch_;
}

template <int dim>
void PointLoader::interpolate(const Rule& rule, bool rates, bool hessians) {
  constexpr int nh = dim * (dim + 1) / 2;
  const int nq = rule.reference.num_points, total = dofs_.num_components();
  for (int f = 0; f < dofs_.num_fields(); ++f) {
    const int nc = dofs_.fields()[f].components, n = nodes_[f], first = dofs_.component_offset(f);
    const Lanes* u = cell_values_.data() + dofs_.cell_offset(f);
    const Lanes* du = cell_rates_.data() + dofs_.cell_offset(f);
    for (int q = 0; q < nq; ++q) {
      const double* phi = rule.fields[f].values.data() + q * n;
      const Lanes* grad = gradients(f, q);
      for (int c = 0; c < nc; ++c) {
        Lanes* slot = slots_.data() + (q * total + first + c) * (1 + dim);
        Lanes value(0.0), rate(0.0);
        for (int a = 0; a < n; ++a) {
          value += u[a * nc + c] * phi[a];
          if (rates) rate += du[a * nc + c] * phi[a];
        }
        slot[0] = value;
        if (rates) rates_[q * total + first + c] = rate;
        if (q > 0 && constant_gradients(f)) {
          for (int j = 0; j < dim; ++j) slot[1 + j] = slots_[(first + c) * (1 + dim) + 1 + j];
        } else {
          for (int j = 0; j < dim; ++j) {
            Lanes sum(0.0);  // of differences, so that a constant has the gradient 0
            for (int a = 1; a < n; ++a) sum += (u[a * nc + c] - u[c]) * grad[a * dim + j];
            slot[1 + j] = sum;
          }
        }
        for (int h = 0; h < nh && hessians; ++h) {
          Lanes sum(0.0);
          const Lanes* basis = this->hessians(f, q);
          for (int a = 0; a < n; ++a) sum += u[a * nc + c] * basis[a * nh + h];
          second_[(q * total + first + c) * nh + h] = sum;
        }
      }
    }
  }
}

void PointLoader::load_data(const Rule& rule, const Batch& batch, std::uint32_t used, bool with_gradients) {
  const int num_fields = static_cast<int>(definition_.data.size()), nd = num_data_, nq = rule.reference.num_points;
  data_.resize(nq * nd);
  data_gradients_.assign(with_gradients ? nq * nd * dim_ : 0, Lanes(0.0));
  for (int i = 0; num_fields + i < nd; ++i) {
    for (int q = 0; q < nq; ++q) {
      data_[q * nd + num_fields + i] = batch.local_facet >= 0 ? geometry_.normal[q * dim_ + i] : Lanes(0.0);
    }
  }
  for (int k = 0; k < num_fields; ++k) {
    if ((used >> k & 1U) == 0) continue;
    const auto& field = definition_.data[k];
    const int n = field.nodes->nodes_per_cell;
    std::array<Lanes, 27> u;
    for (int lane = 0; lane < num_lanes; ++lane) {
      const std::int32_t* nodes = field.nodes->cell_nodes.data() + std::size_t(batch.cells[lane]) * n;
      for (int a = 0; a < n; ++a) u[a].set(lane, field.values[nodes[a]]);
    }
    for (int q = 0; q < nq; ++q) {
      Lanes value(0.0);
      for (int a = 0; a < n; ++a) value += u[a] * rule.data[k].values[q * n + a];
      data_[q * nd + k] = value;
    }
    if (!with_gradients) continue;
    physical_gradients(geometry_, rule.data[k], false, data_basis_gradients_);
    for (int q = 0; q < nq; ++q) {
      for (int j = 0; j < dim_; ++j) {
        Lanes sum(0.0);
        for (int a = 0; a < n; ++a) sum += u[a] * data_basis_gradients_[(q * n + a) * dim_ + j];
        data_gradients_[(q * nd + k) * dim_ + j] = sum;
      }
    }
  }
}

}  // namespace ansatz::fem
