#include "engine/fem/assembly/form_work.hpp"

#include <algorithm>
#include <cmath>

#include "engine/fem/assembly/kernel_faults.hpp"

namespace ansatz::fem {

Form::Work::Work(const FormDefinition& definition, const sdk::PointKernels& kernels)
    : definition_(definition),
      dofs_(*definition.dofs),
      mesh_(dofs_.mesh()),
      dim_(mesh_.dim),
      components_(dofs_.num_components()),
      slots_(components_ * (1 + dim_)),
      kernels_(kernels),
      loader_(definition),
      motion_(definition),
      at_points_(definition, kernels),
      integrals_(definition, kernels) {
  for (int f = 0; f < dofs_.num_fields(); ++f) {
    for (int g = 0; g < dofs_.num_fields(); ++g) {
      add_block_.push_back(select_add_block(dim_, dofs_.nodes_per_cell(f), dofs_.nodes_per_cell(g)));
    }
  }
  for (int f = 0; f < dofs_.num_fields(); ++f) field_of_.insert(field_of_.end(), dofs_.fields()[f].components, f);
}

const Rule& Form::Work::rule(int degree, int local_facet) {
  auto [it, fresh] = rules_.try_emplace({degree, local_facet});
  if (fresh) it->second = make_rule(definition_, degree, local_facet);
  return it->second;
}

void Form::Work::set_scales(const Weights& weights, const std::vector<int>& algebraic) {
  const int fields = dofs_.num_fields();
  scales_.assign(std::size_t(fields) * fields, 1.0);
  for (const int f : algebraic) {
    if (weights.algebraic == weights.state) break;
    for (int g = 0; g < fields; ++g)
      scales_[f * fields + g] = scales_[g * fields + f] = weights.algebraic / weights.state;
  }
}

/// visit(integral, rule, batch) with the batch's pointwise residual in at_points_.
template <class Visit>
void Form::Work::visit_residuals(const FormState& state, const Visit& visit) {
  at_points_.set_part(state.part);
  for (const auto& integral : integrals_.list()) {
    if (!at_points_.in_part(integral)) continue;
    const Needs needs = residual_needs(integral);
    for_batches(integral, integral.degree, [&](const Rule& rule, const Batch& batch) {
      at_points_.residual(integral, batch, loader_.load(rule, batch, state, needs, *integral.coefficients));
      visit(integral, rule, batch);
    });
  }
}

/// visit(integral, rule, batch, m, transposed) with the batch's J v_m, or J^T v_m, at the points in at_points_.
template <class Visit>
void Form::Work::visit_products(const FormState& state, const Weights& all_weights, const std::vector<int>& algebraic,
                                const std::vector<std::span<const double>>& v, std::initializer_list<bool> transposed,
                                const Visit& visit) {
  const auto weights = all_weights.of_kernels();
  set_scales(all_weights, algebraic);
  at_points_.set_part(state.part);
  for (const auto& integral : integrals_.list()) {
    if (!at_points_.in_part(integral)) continue;
    for_batches(integral, integral.degree, [&](const Rule& rule, const Batch& batch) {
      const auto& points = loader_.load(rule, batch, state, residual_needs(integral), *integral.coefficients);
      at_points_.jacobian(integral, batch, points, weights);
      for (std::size_t m = 0; m < v.size(); ++m) {
        const auto& at = motion_.load(rule, batch, {state.time, v[m], {}}, {}, *integral.coefficients);
        for (const bool flip : transposed) {
          at_points_.multiply(points.num_points, at.slots, flip, scales_, field_of_);
          visit(integral, rule, batch, m, flip);
        }
      }
    });
  }
}

template <int dim>
void Form::Work::contract_residual_sized(const Rule& rule) {
  const int nq = rule.reference.num_points;
  for (int c = 0; c < components_; ++c) {
    const int f = field_of_[c], n = dofs_.nodes_per_cell(f), nc = dofs_.fields()[f].components;
    Lanes* target = element_.data() + cell_dof(c);
    std::array<Lanes, dim> flux;  // w f1, over all points so far where the gradients are the same at all
    flux.fill(Lanes(0.0));
    for (int q = 0; q < nq; ++q) {
      const Lanes w = loader_.geometry().weight[q];
      const Lanes* at = at_points_.values().data() + q * slots_ + c * (1 + dim);
      const double* values = rule.fields[f].values.data() + q * n;
      const Lanes value = w * at[0];
      for (int a = 0; a < n; ++a) target[a * nc] += value * values[a];
      for (int j = 0; j < dim; ++j) flux[j] += w * at[1 + j];
      if (loader_.constant_gradients(f) && q + 1 < nq) continue;
      const Lanes* gradients = loader_.gradients(f, q);
      for (int a = 0; a < n; ++a) {
        for (int j = 0; j < dim; ++j) target[a * nc] += flux[j] * gradients[a * dim + j];
      }
      flux.fill(Lanes(0.0));
    }
  }
}

inline void Form::Work::contract_residual(const Rule& rule) {
  std::fill(element_.begin(), element_.end(), Lanes(0.0));
  if (dim_ == 1) contract_residual_sized<1>(rule);
  if (dim_ == 2) contract_residual_sized<2>(rule);
  if (dim_ == 3) contract_residual_sized<3>(rule);
}

void Form::Work::residual(const FormState& state, std::span<double> F) {
  std::fill(F.begin(), F.end(), 0.0);
  element_.resize(dofs_.dofs_per_cell());
  visit_residuals(state, [&](const Integral&, const Rule& rule, const Batch& batch) {
    contract_residual(rule);
    add_to_vector(dofs_, batch, element_.data(), F);
  });
}

void Form::Work::residual_rate(const FormState& state, const FormState& motion, std::span<double> F) {
  std::fill(F.begin(), F.end(), 0.0);
  element_.resize(dofs_.dofs_per_cell());
  at_points_.set_part(sdk::Part::all);
  for (const auto& integral : integrals_.list()) {
    const Needs needs = residual_needs(integral);
    for_batches(integral, integral.degree, [&](const Rule& rule, const Batch& batch) {
      const auto* moves =
          motion.values.empty() ? nullptr : &motion_.load(rule, batch, motion, needs, *integral.coefficients);
      const auto& points = loader_.load(rule, batch, state, needs, *integral.coefficients);
      at_points_.rate(integral, batch, points, moves);
      contract_residual(rule);
      add_to_vector(dofs_, batch, element_.data(), F);
    });
  }
}

void Form::Work::parameter_slope(const FormState& state, int parameter, std::span<double> F) {
  std::fill(F.begin(), F.end(), 0.0);
  element_.resize(dofs_.dofs_per_cell());
  at_points_.set_part(sdk::Part::all);
  for (const auto& integral : integrals_.list()) {
    if (!at_points_.uses(integral, parameter)) continue;
    for_batches(integral, integral.degree, [&](const Rule& rule, const Batch& batch) {
      const auto& points = loader_.load(rule, batch, state, residual_needs(integral), *integral.coefficients);
      at_points_.parameter_slope(integral, batch, points, parameter);
      contract_residual(rule);
      add_to_vector(dofs_, batch, element_.data(), F);
    });
  }
}

/// Adds the integrals of what is in at_points_ times the tests, point by point: the gradient of a constant is exactly
/// 0.
void Form::Work::add_moments(const Integral& integral, const Rule& rule, const Batch& batch,
                             const std::vector<std::vector<double>>& tests, Moments& sums) {
  const auto* values = at_points_.values().data();
  for (std::size_t m = 0; m < tests.size(); ++m) {
    const auto& test = motion_.load(rule, batch, {0.0, tests[m], {}}, {.data = 0}, *integral.coefficients);
    Lanes moment(0.0);
    for (int q = 0; q < test.num_points; ++q) {
      Lanes sum(0.0);
      for (int s = q * slots_; s < (q + 1) * slots_; ++s) sum += test.slots[s] * values[s];
      moment += loader_.geometry().weight[q] * sum;
    }
    for (int lane = 0; lane < batch.num_active; ++lane) {
      if (batch.cells[lane] >= mesh_.num_owned_cells) continue;
      sums.net[m] += moment[lane];
      sums.gross[m] += std::abs(moment[lane]);
    }
  }
}

Moments Form::Work::moments(const FormState& state, const std::vector<std::vector<double>>& tests) {
  Moments sums{std::vector<double>(tests.size(), 0.0), std::vector<double>(tests.size(), 0.0)};
  visit_residuals(state, [&](const Integral& integral, const Rule& rule, const Batch& batch) {
    add_moments(integral, rule, batch, tests, sums);
  });
  return sums;
}

Moments Form::Work::moment_slopes(const FormState& state, std::span<const double> v,
                                  const std::vector<std::vector<double>>& tests) {
  Moments sums{std::vector<double>(tests.size(), 0.0), std::vector<double>(tests.size(), 0.0)};
  visit_products(state, {}, {}, {v}, {false},
                 [&](const Integral& integral, const Rule& rule, const Batch& batch, std::size_t, bool) {
                   add_moments(integral, rule, batch, tests, sums);
                 });
  return sums;
}

void Form::Work::products(const FormState& state, const Weights& weights, const std::vector<int>& algebraic,
                          const std::vector<std::vector<double>>& v, linear::WeakModes& out) {
  element_.resize(dofs_.dofs_per_cell());
  visit_products(state, weights, algebraic, {v.begin(), v.end()}, {false, true},
                 [&](const Integral&, const Rule& rule, const Batch& batch, std::size_t m, bool transposed) {
                   contract_residual(rule);
                   add_to_vector(dofs_, batch, element_.data(), transposed ? out.products[m] : out.images[m]);
                 });
}

double Form::Work::largest_peclet(const FormState& state) {
  double largest = 0.0;
  Lanes peclet;
  for (const auto& integral : integrals_.list()) {
    if (integral.on_boundary) continue;
    const Needs needs{.cell_size = true, .data = integral.data};
    for_batches(integral, integral.degree, [&](const Rule& rule, const Batch& batch) {
      const auto& points = loader_.load(rule, batch, state, needs, *integral.coefficients);
      guarded({definition_, integral.name, batch, points}, [&](const auto& p) { kernels_.cell_peclet(p, &peclet); });
      for (int lane = 0; lane < batch.num_active; ++lane) largest = std::max(largest, peclet[lane]);
    });
  }
  return largest;
}

void Form::Work::explain_not_finite(const FormState& state) {
  for (const auto& integral : integrals_.list()) {
    const Needs needs = residual_needs(integral);
    for_batches(integral, integral.degree, [&](const Rule& rule, const Batch& batch) {
      const auto& points = loader_.load(rule, batch, state, needs, *integral.coefficients);
      at_points_.explain_not_finite(integral, batch, points);
    });
  }
}

}  // namespace ansatz::fem
