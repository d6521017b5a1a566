#pragma once
/// The loops of Form over the batches of its integrals.

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "engine/fem/assembly/element_matrix.hpp"
#include "engine/fem/assembly/form.hpp"
#include "engine/fem/assembly/kernel_faults.hpp"
#include "engine/fem/assembly/point_integrands.hpp"
#include "engine/fem/assembly/point_loader.hpp"
#include "engine/fem/assembly/scatter.hpp"

namespace ansatz::fem {

/// Everything that is built once, and the scratch arrays of the assembly loops.
class Form::Work {
 public:
  Work(const FormDefinition& definition, const sdk::PointKernels& kernels)
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

  const std::vector<Integral>& integrals() const { return integrals_.list(); }
  bool stabilises(const Integral& integral) const { return at_points_.stabilises(integral); }

  void residual(const FormState& state, std::span<double> F) {
    std::fill(F.begin(), F.end(), 0.0);
    element_.resize(dofs_.dofs_per_cell());
    visit_residuals(state, [&](const Integral&, const Rule& rule, const Batch& batch) {
      contract_residual(rule);
      add_to_vector(dofs_, batch, element_.data(), F);
    });
  }

  /// See Form::moments().
  Moments moments(const FormState& state, const std::vector<std::vector<double>>& tests) {
    Moments sums{std::vector<double>(tests.size(), 0.0), std::vector<double>(tests.size(), 0.0)};
    visit_residuals(state, [&](const Integral& integral, const Rule& rule, const Batch& batch) {
      add_moments(integral, rule, batch, tests, sums);
    });
    return sums;
  }

  /// See Form::moment_slopes().
  Moments moment_slopes(const FormState& state, std::span<const double> v, const std::vector<std::vector<double>>& tests) {
    Moments sums{std::vector<double>(tests.size(), 0.0), std::vector<double>(tests.size(), 0.0)};
    visit_products(state, {}, {}, {v}, {false}, [&](const Integral& integral, const Rule& rule, const Batch& batch, std::size_t, bool) {
      add_moments(integral, rule, batch, tests, sums);
    });
    return sums;
  }

  /// See Form::residual_rate().
  void residual_rate(const FormState& state, const FormState& motion, std::span<double> F) {
    std::fill(F.begin(), F.end(), 0.0);
    element_.resize(dofs_.dofs_per_cell());
    at_points_.set_part(sdk::Part::all);
    for (const auto& integral : integrals_.list()) {
      const Needs needs = residual_needs(integral);
      for_batches(integral, integral.degree, [&](const Rule& rule, const Batch& batch) {
        const auto* moves = motion.values.empty() ? nullptr : &motion_.load(rule, batch, motion, needs, *integral.coefficients);
        const auto& points = loader_.load(rule, batch, state, needs, *integral.coefficients);
        at_points_.rate(integral, batch, points, moves);
        contract_residual(rule);
        add_to_vector(dofs_, batch, element_.data(), F);
      });
    }
  }

  /// Element matrices of all batches. \param algebraic fields whose rows and columns have a weight of their own
  template <class Add>
  void jacobian(const FormState& state, const Weights& all_weights, const std::vector<int>& algebraic, const Add& add) {
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

  /// Adds J v and J^T v: see Form::products().
  void products(const FormState& state, const Weights& weights, const std::vector<int>& algebraic,
                const std::vector<std::vector<double>>& v, linear::WeakModes& out) {
    element_.resize(dofs_.dofs_per_cell());
    visit_products(state, weights, algebraic, {v.begin(), v.end()}, {false, true},
                   [&](const Integral&, const Rule& rule, const Batch& batch, std::size_t m, bool transposed) {
                     contract_residual(rule);
                     add_to_vector(dofs_, batch, element_.data(), transposed ? out.products[m] : out.images[m]);
                   });
  }

  /// Pointwise derivatives, at one point where they are the same at all: see Form::visit_point_matrices().
  template <class Visit>
  void point_matrices(const FormState& state, sdk::JacobianWeights weights, const Visit& visit) {
    set_parts(weights);
    at_points_.set_part(state.part);
    for (std::size_t k = 0; k < integrals_.list().size(); ++k) {
      const auto& integral = integrals_.list()[k];
      if (!at_points_.in_part(integral) || std::none_of(parts_[k].begin(), parts_[k].end(), [](const auto& p) { return p.any(); })) continue;
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

  void transplanted_jacobian(const FormState& state, sdk::JacobianWeights weights, Transplant what, int field,
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
            const Lanes* d = at_points_.derivatives().data() + (std::size_t(q) * slots_ + c * entries) * slots_ + c * entries;
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
          add_block({true, true, true, true}, loader_.geometry().weight[q], mean.data(), entries, at, at, element_.data(), n, 1);
        }
        scatter.add(batch, element_.data());
      });
    }
  }

  double largest_peclet(const FormState& state) {
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

  /// Throws for the first cell whose contribution to the residual or the Jacobian is not finite.
  void explain_not_finite(const FormState& state) {
    for (const auto& integral : integrals_.list()) {
      const Needs needs = residual_needs(integral);
      for_batches(integral, integral.degree, [&](const Rule& rule, const Batch& batch) {
        const auto& points = loader_.load(rule, batch, state, needs, *integral.coefficients);
        at_points_.explain_not_finite(integral, batch, points);
      });
    }
  }

 private:
  Needs residual_needs(const Integral& integral) const {
    return {.hessians = at_points_.stabilises(integral), .cell_size = at_points_.stabilises(integral), .data = integral.data};
  }

  /// visit(integral, rule, batch) with the batch's pointwise residual in at_points_.
  template <class Visit>
  void visit_residuals(const FormState& state, const Visit& visit) {
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
  void visit_products(const FormState& state, const Weights& all_weights, const std::vector<int>& algebraic,
                      const std::vector<std::span<const double>>& v, std::initializer_list<bool> transposed, const Visit& visit) {
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

  /// Adds the integrals of what is in at_points_ times the tests, point by point: the gradient of a constant is exactly 0.
  void add_moments(const Integral& integral, const Rule& rule, const Batch& batch, const std::vector<std::vector<double>>& tests,
                   Moments& sums) {
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

  /// Factors of the entries by pairs of fields.
  void set_scales(const Weights& weights, const std::vector<int>& algebraic) {
    const int fields = dofs_.num_fields();
    scales_.assign(std::size_t(fields) * fields, 1.0);
    for (const int f : algebraic) {
      if (weights.algebraic == weights.state) break;
      for (int g = 0; g < fields; ++g) scales_[f * fields + g] = scales_[g * fields + f] = weights.algebraic / weights.state;
    }
  }

  /// Which parts of each integral's derivative occur with these weights.
  void set_parts(sdk::JacobianWeights weights) {
    if (!parts_.empty() && weights.state == parts_weights_.state && weights.rate == parts_weights_.rate) return;
    parts_.clear();
    for (const auto& i : integrals_.list()) parts_.push_back(block_parts(i.structure, weights, dim_, components_));
    parts_weights_ = weights;
  }

  const Rule& rule(int degree, int local_facet) {
    auto [it, fresh] = rules_.try_emplace({degree, local_facet});
    if (fresh) it->second = make_rule(definition_, degree, local_facet);
    return it->second;
  }

  /// visit(rule, batch) for all batches of an integral.
  template <class Visit>
  void for_batches(const Integral& integral, int degree, const Visit& visit) {
    const Rule* rule = nullptr;
    for (const auto& batch : integral.batches) {
      if (rule == nullptr || rule->reference.local_facet != batch.local_facet) {
        rule = &this->rule(degree, batch.local_facet);
      }
      visit(*rule, batch);
    }
  }

  void contract_residual(const Rule& rule) {
    std::fill(element_.begin(), element_.end(), Lanes(0.0));
    if (dim_ == 1) contract_residual_sized<1>(rule);
    if (dim_ == 2) contract_residual_sized<2>(rule);
    if (dim_ == 3) contract_residual_sized<3>(rule);
  }

  template <int dim>
  void contract_residual_sized(const Rule& rule) {
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

  void contract_jacobian(const Rule& rule, const std::vector<BlockParts>& parts, bool one_point) {
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

  BasisAt basis(const Rule& rule, int f, int q) const {
    const int n = dofs_.nodes_per_cell(f);
    return {n, rule.fields[f].values.data() + q * n, loader_.gradients(f, q)};
  }
  /// Cell unknown of component c at the field's first node.
  int cell_dof(int c) const { return dofs_.cell_offset(field_of_[c]) + c - dofs_.component_offset(field_of_[c]); }

  void add_stabilisation_jacobian(const Rule& rule, const sdk::PointBatch& points) {
    const int entries = at_points_.stabilised_entries(), n = dofs_.dofs_per_cell();
    for (int q = 0; q < points.num_points; ++q) {
      const Lanes w = loader_.geometry().weight[q];
      for (int out = 0; out < components_; ++out) {
        const int fa = field_of_[out];
        for (int in = 0; in < components_; ++in) {
          const int fb = field_of_[in];
          const Lanes* d = at_points_.stabilisation().data() + (std::size_t(q) * components_ + out) * (1 + dim_) * components_ * entries +
                           std::size_t(in) * entries;
          add_stabilised_block(dim_, scales_[fa * dofs_.num_fields() + fb] * w, d, components_ * entries,
                               basis(rule, fa, q), basis(rule, fb, q),
                               loader_.hessians(fb, q), element_.data() + std::size_t(cell_dof(out)) * n + cell_dof(in),
                               dofs_.fields()[fa].components * n, dofs_.fields()[fb].components);
        }
      }
    }
  }

  const FormDefinition& definition_;
  const DofMap& dofs_;
  const mesh::Mesh& mesh_;
  int dim_, components_, slots_;
  const sdk::PointKernels& kernels_;
  PointLoader loader_, motion_;
  PointIntegrands at_points_;
  FormIntegrals integrals_;
  std::map<std::pair<int, int>, Rule> rules_;
  std::vector<AddBlock> add_block_;
  std::vector<int> field_of_;
  std::vector<double> scales_;
  std::vector<std::vector<BlockParts>> parts_;  ///< by integral, for parts_weights_
  sdk::JacobianWeights parts_weights_;
  std::vector<Lanes> element_;
};

}  // namespace ansatz::fem
