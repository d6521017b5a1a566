#include "engine/fem/form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/fem/element_matrix.hpp"
#include "engine/fem/point_loader.hpp"

namespace ansatz::fem {
namespace {

/// Batches of one region or boundary term that share rules and coefficients.
struct Integral {
  std::string name;
  const std::vector<sdk::Expression>* coefficients = nullptr;
  std::vector<Batch> batches;
  sdk::FormStructure structure;
  bool on_boundary = false;
  int degree = 2;           ///< of the full rule
  int gradient_degree = -1;  ///< sufficient where only gradients meet gradients; -1: none
};

bool depends(const std::vector<sdk::Expression>& table, sdk::SymbolKind kind) {
  return std::any_of(table.begin(), table.end(), [kind](const auto& e) { return e.depends_on(kind); });
}

}  // namespace

/// Everything that is built once, and the scratch arrays of the assembly loops.
class Form::Work {
 public:
  Work(const FormDefinition& definition, const sdk::PointKernels& kernels)
      : definition_(definition), dofs_(*definition.dofs), mesh_(dofs_.mesh()), dim_(mesh_.dim),
        components_(dofs_.num_components()), slots_(components_ * (1 + dim_)), kernels_(kernels), loader_(definition) {
    degree_ = 1;
    for (const auto& field : dofs_.fields()) degree_ = std::max(degree_, field.nodes->degree);
    add_cell_integrals();
    for (const auto& term : definition.boundary) add_boundary_integrals(term);
    for (int f = 0; f < dofs_.num_fields(); ++f) {
      for (int g = 0; g < dofs_.num_fields(); ++g) {
        add_block_.push_back(select_add_block(dim_, dofs_.nodes_per_cell(f), dofs_.nodes_per_cell(g)));
      }
    }
    for (int f = 0; f < dofs_.num_fields(); ++f) field_of_.insert(field_of_.end(), dofs_.fields()[f].components, f);
  }

  const std::vector<Integral>& integrals() const { return integrals_; }

  const Rule& rule(int degree, int local_facet) {
    auto [it, fresh] = rules_.try_emplace({degree, local_facet});
    if (fresh) it->second = make_rule(definition_, degree, local_facet);
    return it->second;
  }

  void residual(const FormState& state, std::span<double> F) {
    std::fill(F.begin(), F.end(), 0.0);
    element_.resize(dofs_.dofs_per_cell());
    for (const auto& integral : integrals_) {
      for (const auto& batch : integral.batches) {
        const Rule& rule = this->rule(integral.degree, batch.local_facet);
        const bool stabilise = definition_.stabilise && !integral.on_boundary;
        const auto& points = loader_.load(rule, batch, state, {.hessians = stabilise}, *integral.coefficients);
        f_.resize(points.num_points * slots_);
        const auto fault = integral.on_boundary ? kernels_.boundary_residual(points, f_.data())
                                                : kernels_.residual(points, sdk::Part::all, f_.data());
        if (fault.coefficient >= 0) throw_fault(fault, integral, batch, state.time);
        if (stabilise) add_stabilisation(points);
        contract_residual(rule);
        scatter_residual(batch, F);
      }
    }
  }

  void jacobian(const FormState& state, sdk::JacobianWeights weights, const Sparsity& sparsity,
                const std::vector<std::uint8_t>& constrained, const std::vector<std::uint8_t>& cell_constrained,
                linear::SparseMatrix& matrix) {
    const int n = dofs_.dofs_per_cell();
    element_.resize(std::size_t(n) * n);
    for (const auto& integral : integrals_) {
      const auto parts = block_parts(integral.structure, weights);
      const bool stabilise = definition_.stabilise && !integral.on_boundary;
      const bool any = std::any_of(parts.begin(), parts.end(), [](const auto& p) { return p.any(); });
      if (!any && !stabilise) continue;
      const bool gradients_only = std::all_of(parts.begin(), parts.end(), [](const auto& p) {
        return !p.value_value && !p.value_gradient && !p.gradient_value;
      });
      const bool reduced = gradients_only && !stabilise && integral.gradient_degree >= 0;
      const int degree = reduced ? integral.gradient_degree : integral.degree;
      const bool one_point = integral.structure.uniform && !stabilise && !integral.on_boundary;
      for (const auto& batch : integral.batches) {
        const Rule& rule = this->rule(degree, batch.local_facet);
        const Needs needs{.values = !integral.structure.linear || stabilise, .hessians = stabilise, .one_point = one_point};
        const auto& points = loader_.load(rule, batch, state, needs, *integral.coefficients);
        d_.resize(std::size_t(points.num_points) * slots_ * slots_);
        if (integral.on_boundary) {
          kernels_.boundary_jacobian(points, weights, d_.data());
        } else {
          kernels_.jacobian(points, sdk::Part::all, weights, d_.data());
        }
        std::fill(element_.begin(), element_.end(), Lanes(0.0));
        contract_jacobian(rule, parts, one_point);
        if (stabilise) add_stabilisation_jacobian(rule, points, weights);
        scatter_jacobian(batch, sparsity, constrained, cell_constrained, matrix);
      }
    }
  }

  double largest_peclet(const FormState& state) {
    double largest = 0.0;
    Lanes peclet;
    for (const auto& integral : integrals_) {
      if (integral.on_boundary) continue;
      for (const auto& batch : integral.batches) {
        const auto& points = loader_.load(rule(integral.degree, -1), batch, state, {}, *integral.coefficients);
        kernels_.cell_peclet(points, &peclet);
        for (int lane = 0; lane < batch.num_active; ++lane) largest = std::max(largest, peclet[lane]);
      }
    }
    return largest;
  }

 private:
  bool touches_owned(std::int32_t cell) const {
    for (int f = 0; f < dofs_.num_fields(); ++f) {
      const auto& nodes = *dofs_.fields()[f].nodes;
      for (int a = 0; a < nodes.nodes_per_cell; ++a) {
        if (dofs_.cell_node(f, cell, a) < nodes.num_owned) return true;
      }
    }
    return false;
  }

  int full_degree(const std::vector<sdk::Expression>& table, const sdk::FormStructure& structure) const {
    if (definition_.quadrature_degree) return *definition_.quadrature_degree;
    using sdk::SymbolKind;
    const bool varies = depends(table, SymbolKind::position) || depends(table, SymbolKind::field) ||
                        depends(table, SymbolKind::data) || !structure.linear;
    return 2 * degree_ + (varies ? 2 : 0) + (mesh_.geometry_degree > 1 ? 2 : 0);
  }

  void add_cell_integrals() {
    const auto batches = cell_batches(mesh_, [this](std::int32_t cell) { return touches_owned(cell); });
    for (std::size_t r = 0; r < mesh_.region_names.size(); ++r) {
      Integral integral;
      integral.name = "region \"" + mesh_.region_names[r] + "\"";
      integral.coefficients = &definition_.coefficients[r];
      for (const auto& batch : batches) {
        if (batch.region == static_cast<int>(r)) integral.batches.push_back(batch);
      }
      integral.structure = kernels_.structure(*integral.coefficients);
      integral.degree = full_degree(*integral.coefficients, integral.structure);
      if (mesh_.affine() && integral.structure.uniform && !definition_.quadrature_degree) {
        integral.gradient_degree = 2 * (degree_ - 1);
      }
      integrals_.push_back(std::move(integral));
    }
  }

  void add_boundary_integrals(const BoundaryTerm& term) {
    std::vector<mesh::Facet> facets;
    for (const auto& facet : term.facets) {
      if (touches_owned(facet.cell)) facets.push_back(facet);
    }
    const auto batches = facet_batches(mesh_, facets);
    for (std::size_t r = 0; r < mesh_.region_names.size(); ++r) {
      Integral integral;
      integral.name = "boundary \"" + term.name + "\"";
      integral.coefficients = &term.coefficients[r];
      integral.on_boundary = true;
      for (const auto& batch : batches) {
        if (batch.region == static_cast<int>(r)) integral.batches.push_back(batch);
      }
      if (integral.batches.empty()) continue;
      integral.structure = kernels_.boundary_structure(*integral.coefficients);
      integral.degree = full_degree(*integral.coefficients, integral.structure);
      integrals_.push_back(std::move(integral));
    }
  }

  /// By out and in component: which parts of the derivative may be non-zero for these weights.
  std::vector<BlockParts> block_parts(const sdk::FormStructure& structure, sdk::JacobianWeights weights) const {
    std::vector<BlockParts> parts(components_ * components_);
    for (int out = 0; out < components_; ++out) {
      for (int in = 0; in < components_; ++in) {
        BlockParts& p = parts[out * components_ + in];
        const auto has = [&](int slot, int bit) { return (structure.depends[out * (1 + dim_) + slot] >> bit & 1U) != 0; };
        for (int s = 0; s <= dim_; ++s) {
          const bool value = (weights.state != 0.0 && has(s, in * (1 + dim_))) || (weights.rate != 0.0 && has(s, slots_ + in));
          bool gradient = false;
          for (int j = 0; j < dim_; ++j) gradient |= weights.state != 0.0 && has(s, in * (1 + dim_) + 1 + j);
          (s == 0 ? p.value_value : p.gradient_value) |= value;
          (s == 0 ? p.value_gradient : p.gradient_gradient) |= gradient;
        }
      }
    }
    return parts;
  }

  void contract_residual(const Rule& rule) {
    std::fill(element_.begin(), element_.end(), Lanes(0.0));
    for (int q = 0; q < rule.reference.num_points; ++q) {
      const Lanes w = loader_.geometry().weight[q];
      for (int c = 0; c < components_; ++c) {
        const int f = field_of_[c], n = dofs_.nodes_per_cell(f), nc = dofs_.fields()[f].components;
        const Lanes* at = f_.data() + q * slots_ + c * (1 + dim_);
        const Lanes* gradients = loader_.gradients(f, q);
        const double* values = rule.fields[f].values.data() + q * n;
        Lanes* target = element_.data() + dofs_.cell_offset(f) + c - dofs_.component_offset(f);
        for (int a = 0; a < n; ++a) {
          Lanes sum = at[0] * values[a];
          for (int j = 0; j < dim_; ++j) sum += at[1 + j] * gradients[a * dim_ + j];
          target[a * nc] += w * sum;
        }
      }
    }
  }

  void contract_jacobian(const Rule& rule, const std::vector<BlockParts>& parts, bool one_point) {
    const int n = dofs_.dofs_per_cell();
    for (int q = 0; q < rule.reference.num_points; ++q) {
      const Lanes w = loader_.geometry().weight[q];
      const Lanes* d = d_.data() + (one_point ? 0 : std::size_t(q) * slots_ * slots_);
      for (int out = 0; out < components_; ++out) {
        const int fa = field_of_[out];
        const BasisAt test = basis(rule, fa, q);
        for (int in = 0; in < components_; ++in) {
          const BlockParts& p = parts[out * components_ + in];
          if (!p.any()) continue;
          const int fb = field_of_[in];
          Lanes* k = element_.data() + std::size_t(cell_dof(out)) * n + cell_dof(in);
          add_block_[fa * dofs_.num_fields() + fb](p, w, d + out * (1 + dim_) * slots_ + in * (1 + dim_), slots_, test,
                                                   basis(rule, fb, q), k, dofs_.fields()[fa].components * n,
                                                   dofs_.fields()[fb].components);
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

  void add_stabilisation(const sdk::PointBatch& points) {
    extra_.resize(f_.size());
    kernels_.stabilisation_residual(points, extra_.data());
    for (std::size_t i = 0; i < f_.size(); ++i) f_[i] += extra_[i];
  }

  void add_stabilisation_jacobian(const Rule& rule, const sdk::PointBatch& points, sdk::JacobianWeights weights) {
    const int nh = dim_ * (dim_ + 1) / 2, entries = 1 + dim_ + nh, n = dofs_.dofs_per_cell();
    extra_.resize(std::size_t(points.num_points) * slots_ * components_ * entries);
    kernels_.stabilisation_jacobian(points, weights, extra_.data());
    std::array<Lanes, 4> t;
    for (int q = 0; q < points.num_points; ++q) {
      const Lanes w = loader_.geometry().weight[q];
      for (int in = 0; in < components_; ++in) {
        const int fb = field_of_[in], nb = dofs_.nodes_per_cell(fb);
        const double* phi = rule.fields[fb].values.data() + q * nb;
        const Lanes* gradients = loader_.gradients(fb, q);
        const Lanes* hessians = loader_.hessians(fb, q);
        for (int out = 0; out < components_; ++out) {
          const int fa = field_of_[out], na = dofs_.nodes_per_cell(fa);
          const BasisAt test = basis(rule, fa, q);
          for (int b = 0; b < nb; ++b) {
            for (int s = 0; s <= dim_; ++s) {
              const Lanes* d = extra_.data() + ((std::size_t(q) * slots_ + out * (1 + dim_) + s) * components_ + in) * entries;
              t[s] = d[0] * phi[b];
              for (int j = 0; j < dim_; ++j) t[s] += d[1 + j] * gradients[b * dim_ + j];
              for (int h = 0; h < nh; ++h) t[s] += d[1 + dim_ + h] * hessians[b * nh + h];
              t[s] *= w;
            }
            for (int a = 0; a < na; ++a) {
              Lanes sum = t[0] * test.values[a];
              for (int j = 0; j < dim_; ++j) sum += t[1 + j] * test.gradients[a * dim_ + j];
              element_[std::size_t(cell_dof(out) + a * dofs_.fields()[fa].components) * n + cell_dof(in) +
                       b * dofs_.fields()[fb].components] += sum;
            }
          }
        }
      }
    }
  }

  void scatter_residual(const Batch& batch, std::span<double> F) const {
    for (int f = 0; f < dofs_.num_fields(); ++f) {
      const int n = dofs_.nodes_per_cell(f), nc = dofs_.fields()[f].components;
      const auto num_owned = dofs_.fields()[f].nodes->num_owned;
      const auto node_dofs = dofs_.node_dofs(f);
      const Lanes* element = element_.data() + dofs_.cell_offset(f);
      for (int lane = 0; lane < batch.num_active; ++lane) {
        for (int a = 0; a < n; ++a) {
          const auto node = dofs_.cell_node(f, batch.cells[lane], a);
          if (node >= num_owned) continue;
          double* target = F.data() + node_dofs[node];
          for (int c = 0; c < nc; ++c) target[c] += element[a * nc + c][lane];
        }
      }
    }
  }

  void scatter_jacobian(const Batch& batch, const Sparsity& sparsity, const std::vector<std::uint8_t>& constrained,
                        const std::vector<std::uint8_t>& cell_constrained, linear::SparseMatrix& matrix) const {
    for (int lane = 0; lane < batch.num_active; ++lane) {
      const auto cell = batch.cells[lane];
      const bool masked = !cell_constrained.empty() && cell_constrained[cell] != 0;
      for (int fa = 0; fa < dofs_.num_fields(); ++fa) {
        for (int fb = 0; fb < dofs_.num_fields(); ++fb) {
          scatter_block(cell, lane, fa, fb, sparsity, masked ? constrained.data() : nullptr, matrix);
        }
      }
    }
  }

  void scatter_block(std::int32_t cell, int lane, int fa, int fb, const Sparsity& sparsity,
                     const std::uint8_t* constrained, linear::SparseMatrix& matrix) const {
    const int na = dofs_.nodes_per_cell(fa), nb = dofs_.nodes_per_cell(fb), n = dofs_.dofs_per_cell();
    const int nca = dofs_.fields()[fa].components, ncb = dofs_.fields()[fb].components;
    const auto num_owned = dofs_.fields()[fa].nodes->num_owned;
    const auto& pattern = *sparsity.pattern;
    const std::uint16_t* codes = sparsity.codes[fa * dofs_.num_fields() + fb].data() + std::size_t(cell) * na * nb;
    const auto row_dofs = dofs_.node_dofs(fa);
    const auto column_dofs = dofs_.node_dofs(fb);
    double* const diagonal = matrix.diagonal_values().data();
    double* const ghost = matrix.ghost_values().data();
    for (int a = 0; a < na; ++a) {
      const auto node = dofs_.cell_node(fa, cell, a);
      if (node >= num_owned) continue;
      for (int c = 0; c < nca; ++c) {
        const auto row = row_dofs[node] + c;
        if (constrained != nullptr && constrained[row] != 0) continue;
        double* const diagonal_row = diagonal + pattern.diag_offsets[row];
        double* const ghost_row = ghost + pattern.ghost_offsets[row];
        const Lanes* element = element_.data() + std::size_t(dofs_.cell_offset(fa) + a * nca + c) * n + dofs_.cell_offset(fb);
        for (int b = 0; b < nb; ++b) {
          const auto code = codes[a * nb + b];
          double* target = (code & Sparsity::ghost_bit) != 0 ? ghost_row + (code & ~Sparsity::ghost_bit) : diagonal_row + code;
          for (int d = 0; d < ncb; ++d) {
            if (constrained != nullptr && constrained[column_dofs[dofs_.cell_node(fb, cell, b)] + d] != 0) continue;
            target[d] += element[b * ncb + d][lane];
          }
        }
      }
    }
  }

  [[noreturn]] void throw_fault(const sdk::CoefficientFault& fault, const Integral& integral, const Batch& batch,
                                double time) const {
    const auto& info = definition_.physics->info();
    int first = 0;
    for (const auto& coefficient : info.coefficients) {
      const int n = sdk::num_components(coefficient.shape, dim_);
      if (fault.coefficient >= first + n) {
        first += n;
        continue;
      }
      std::string position;
      for (int i = 0; i < dim_; ++i) {
        position += fmt::format("{}{:.6g}", i > 0 ? ", " : "", loader_.geometry().position[fault.point * dim_ + i][fault.lane]);
      }
      throw sdk::Error(
          sdk::ErrorKind::not_finite,
          fmt::format("coefficient {} of {} has the value {} {}; admissible: {}", coefficient.name, info.name, fault.value,
                      coefficient.unit, coefficient.range.text()),
          fmt::format("{}, cell {}, position ({}), time {:.6g}", integral.name, mesh_.cell_ids[batch.cells[fault.lane]],
                      position, time),
          "its expression is \"" + (*integral.coefficients)[fault.coefficient].text() + "\"");
    }
    throw sdk::Error(sdk::ErrorKind::internal, "fault in an unknown coefficient");
  }

  const FormDefinition& definition_;
  const DofMap& dofs_;
  const mesh::Mesh& mesh_;
  int dim_, components_, slots_, degree_ = 1;
  const sdk::PointKernels& kernels_;
  PointLoader loader_;
  std::vector<Integral> integrals_;
  std::map<std::pair<int, int>, Rule> rules_;
  std::vector<AddBlock> add_block_;
  std::vector<int> field_of_;
  std::vector<Lanes> f_, d_, extra_, element_;
};

Form::Form(FormDefinition definition)
    : definition_(std::move(definition)), kernels_(&definition_.physics->kernels(definition_.dofs->mesh().dim)),
      constrained_(definition_.dofs->num_local(), 0), work_(std::make_unique<Work>(definition_, *kernels_)) {
  for (const auto& integral : work_->integrals()) {
    linear_ &= integral.structure.linear;
    transient_ |= integral.structure.transient;
    time_dependent_ |= depends(*integral.coefficients, sdk::SymbolKind::time);
  }
  if (definition_.stabilise && !definition_.physics->info().has_stabilisation) {
    throw sdk::Error(sdk::ErrorKind::case_file, "physics " + definition_.physics->info().name + " has no stabilisation", {},
                     "remove solver.stabilisation");
  }
}

Form::~Form() = default;

void Form::set_constrained(std::vector<std::uint8_t> constrained) {
  constrained_ = std::move(constrained);
  const auto& dofs = *definition_.dofs;
  cell_constrained_.assign(dofs.mesh().num_cells(), 0);
  for (int f = 0; f < dofs.num_fields(); ++f) {
    for (std::int32_t cell = 0; cell < dofs.mesh().num_cells(); ++cell) {
      for (int a = 0; a < dofs.nodes_per_cell(f); ++a) {
        const auto first = dofs.node_dofs(f)[dofs.cell_node(f, cell, a)];
        for (int c = 0; c < dofs.fields()[f].components; ++c) cell_constrained_[cell] |= constrained_[first + c];
      }
    }
  }
}

void Form::unconstrained_residual(const FormState& state, std::span<double> F) const { work_->residual(state, F); }

void Form::residual(const FormState& state, std::span<double> F) const {
  work_->residual(state, F);
  for (std::int32_t i = 0; i < definition_.dofs->num_owned(); ++i) {
    if (constrained_[i] != 0) F[i] = 0.0;
  }
}

void Form::jacobian(const FormState& state, sdk::JacobianWeights weights, linear::SparseMatrix& matrix) const {
  matrix.begin_values();
  const auto diagonal = matrix.diagonal_values();
  std::fill(diagonal.begin(), diagonal.end(), 0.0);
  std::fill(matrix.ghost_values().begin(), matrix.ghost_values().end(), 0.0);
  const auto& sparsity = this->sparsity();
  work_->jacobian(state, weights, sparsity, constrained_, cell_constrained_, matrix);
  const auto& pattern = *sparsity.pattern;
  for (std::int32_t row = 0; row < pattern.num_owned; ++row) {
    if (constrained_[row] == 0) continue;
    const auto first = pattern.diag_columns.begin() + pattern.diag_offsets[row];
    const auto last = pattern.diag_columns.begin() + pattern.diag_offsets[row + 1];
    diagonal[std::lower_bound(first, last, row) - pattern.diag_columns.begin()] = 1.0;
  }
  matrix.end_values();
}

const Sparsity& Form::sparsity() const {
  if (!sparsity_) sparsity_ = build_sparsity(*definition_.dofs);
  return *sparsity_;
}

double Form::largest_peclet(const FormState& state) const { return work_->largest_peclet(state); }

}  // namespace ansatz::fem
