/// The derivatives of Form: Jacobians, pointwise derivatives, and operators on the space of another field.
#include <algorithm>

#include "engine/fem/assembly/form_work.hpp"

namespace ansatz::fem {

/// Which parts of each integral's derivative occur with these weights.
void Form::Work::set_parts(sdk::JacobianWeights weights) {
  if (!parts_.empty() && weights.state == parts_weights_.state && weights.rate == parts_weights_.rate) return;
  parts_.clear();
  for (const auto& i : integrals_.list()) parts_.push_back(block_parts(i.structure, weights, dim_, components_));
  parts_weights_ = weights;
}

inline void Form::Work::contract_jacobian(const Rule& rule, const std::vector<BlockParts>& parts, bool one_point) {
  const int n = dofs_.dofs_per_cell();
  for (int q = 0; q < rule.reference.num_points; ++q) {
    const Lanes w = loader_.geometry().weight[q];
    const Lanes* d = at_points_.derivatives().data() + (one_point ? 0 : std::size_t(q) * slots_ * slots_);
    for (int out = 0; out < components_; ++out) {
      const int fa = field_of_[out];
      const BasisAt test = basis(rule, fa, q);
      for (int in = 0; in < components_; ++in) {
        const BlockParts& p = parts[out * components_ + in];
        if (!p.any()) continue;
        const int fb = field_of_[in];
        Lanes* k = element_.data() + std::size_t(cell_dof(out)) * n + cell_dof(in);
        const int pair = fa * dofs_.num_fields() + fb;
        add_block_[pair](p, scales_[pair] * w, d + out * (1 + dim_) * slots_ + in * (1 + dim_), slots_, test,
                         basis(rule, fb, q), k, dofs_.fields()[fa].components * n, dofs_.fields()[fb].components);
      }
    }
  }
}

inline void Form::Work::add_stabilisation_jacobian(const Rule& rule, const sdk::PointBatch& points) {
  const int entries = at_points_.stabilised_entries(), n = dofs_.dofs_per_cell();
  for (int q = 0; q < points.num_points; ++q) {
    const Lanes w = loader_.geometry().weight[q];
    for (int out = 0; out < components_; ++out) {
      const int fa = field_of_[out];
      for (int in = 0; in < components_; ++in) {
        const int fb = field_of_[in];
        const Lanes* d = at_points_.stabilisation().data() +
                         (std::size_t(q) * components_ + out) * (1 + dim_) * components_ * entries +
                         std::size_t(in) * entries;
        add_stabilised_block(dim_, scales_[fa * dofs_.num_fields() + fb] * w, d, components_ * entries,
                             basis(rule, fa, q), basis(rule, fb, q), loader_.hessians(fb, q),
                             element_.data() + std::size_t(cell_dof(out)) * n + cell_dof(in),
                             dofs_.fields()[fa].components * n, dofs_.fields()[fb].components);
      }
    }
  }
}

void Form::Work::jacobian(const FormState& state, const Weights& all_weights, const std::vector<int>& algebraic,
                          const ElementVisitor& add) {
  const auto weights = all_weights.of_kernels();
  set_scales(all_weights, algebraic);
  set_parts(weights);
  at_points_.set_part(state.part);
  const int n = dofs_.dofs_per_cell();
  element_.resize(std::size_t(n) * n);
  for (std::size_t k = 0; k < integrals_.list().size(); ++k) {
    const auto& integral = integrals_.list()[k];
    const auto& parts = parts_[k];
    if (!at_points_.in_part(integral)) continue;
    const bool stabilise = at_points_.stabilises(integral);
    const bool any = std::any_of(parts.begin(), parts.end(), [](const auto& p) { return p.any(); });
    if (!any && !stabilise) continue;
    const bool gradients_only = std::all_of(parts.begin(), parts.end(), [](const auto& p) {
      return !p.value_value && !p.value_gradient && !p.gradient_value;
    });
    const bool reduced = gradients_only && !stabilise && integral.gradient_degree >= 0;
    // The same pointwise derivative in all cells: evaluated once.
    const bool uniform = integral.structure.uniform && !stabilise && !integral.on_boundary;
    bool evaluated = false;
    const Needs needs{.values = !integral.structure.linear || stabilise,
                      .hessians = stabilise,
                      .one_point = uniform,
                      .cell_size = stabilise,
                      .data = integral.data};
    for_batches(integral, reduced ? integral.gradient_degree : integral.degree,
                [&](const Rule& rule, const Batch& batch) {
                  std::fill(element_.begin(), element_.end(), Lanes(0.0));
                  if (uniform && evaluated) {
                    loader_.load_bases(rule, batch);
                  } else {
                    const auto& points = loader_.load(rule, batch, state, needs, *integral.coefficients);
                    at_points_.jacobian(integral, batch, points, weights);
                    if (stabilise) add_stabilisation_jacobian(rule, points);
                    evaluated = true;
                  }
                  contract_jacobian(rule, parts, uniform);
                  add(batch, element_.data());
                });
  }
}

void Form::Work::point_matrices(const FormState& state, sdk::JacobianWeights weights, const PointVisitor& visit) {
  set_parts(weights);
  at_points_.set_part(state.part);
  for (std::size_t k = 0; k < integrals_.list().size(); ++k) {
    const auto& integral = integrals_.list()[k];
    if (!at_points_.in_part(integral) ||
        std::none_of(parts_[k].begin(), parts_[k].end(), [](const auto& p) { return p.any(); }))
      continue;
    const bool uniform = integral.structure.uniform && !integral.on_boundary;
    const Needs needs{.values = !integral.structure.linear, .one_point = uniform, .data = integral.data};
    bool visited = false;
    for_batches(integral, integral.degree, [&](const Rule& rule, const Batch& batch) {
      if (uniform && visited) return;
      const auto& points = loader_.load(rule, batch, state, needs, *integral.coefficients);
      at_points_.jacobian(integral, batch, points, weights);
      visit(batch, uniform ? 1 : points.num_points, at_points_.derivatives().data());
      visited = true;
    });
  }
}

void Form::Work::transplanted_jacobian(const FormState& state, sdk::JacobianWeights weights, Transplant what, int field,
                                       const DofMap& target, const MatrixScatter& scatter) {
  at_points_.set_part(sdk::Part::all);
  const int n = target.dofs_per_cell(), entries = 1 + dim_;
  const auto& nodes = target.fields()[0].nodes;
  int like = 0;  // a field of the form on the same nodes
  while (dofs_.fields()[like].nodes != nodes) ++like;
  const int first = dofs_.component_offset(field), count = dofs_.fields()[field].components;
  const auto add_block = select_add_block(dim_, n, n);
  std::vector<Lanes> mean(entries * entries);
  element_.resize(std::size_t(n) * n);
  for (const auto& integral : integrals_.list()) {
    if (integral.on_boundary) continue;
    const bool stabilise = at_points_.stabilises(integral);
    const Needs needs{.hessians = stabilise, .cell_size = stabilise, .data = integral.data};
    for_batches(integral, integral.degree, [&](const Rule& rule, const Batch& batch) {
      const auto& points = loader_.load(rule, batch, state, needs, *integral.coefficients);
      at_points_.jacobian(integral, batch, points, weights);
      std::fill(element_.begin(), element_.end(), Lanes(0.0));
      for (int q = 0; q < points.num_points; ++q) {
        std::fill(mean.begin(), mean.end(), Lanes(0.0));
        for (int c = first; c < first + count; ++c) {
          const Lanes* d =
              at_points_.derivatives().data() + (std::size_t(q) * slots_ + c * entries) * slots_ + c * entries;
          for (int s = 0; s < entries; ++s) {
            for (int t = 0; t < entries; ++t) mean[s * entries + t] += (1.0 / count) * d[s * slots_ + t];
          }
        }
        if (what == Transplant::laplacian) {
          const Lanes mass = mean[0];
          std::fill(mean.begin(), mean.end(), Lanes(0.0));
          for (int j = 1; j < entries; ++j) mean[j * entries + j] = 1.0 / mass;
        }
        for (int j = 1; j < entries; ++j) {
          mean[j * entries] -= mean[j];
          mean[j] = Lanes(0.0);
        }
        const BasisAt at = basis(rule, like, q);
        add_block({true, true, true, true}, loader_.geometry().weight[q], mean.data(), entries, at, at, element_.data(),
                  n, 1);
      }
      scatter.add(batch, element_.data());
    });
  }
}

}  // namespace ansatz::fem
