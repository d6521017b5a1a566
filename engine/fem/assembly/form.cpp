#include "engine/fem/assembly/form.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "engine/fem/assembly/form_work.hpp"

namespace ansatz::fem {

Form::Form(FormDefinition definition)
    : definition_(std::move(definition)),
      kernels_(&definition_.physics->kernels(definition_.dofs->mesh().dim)),
      constrained_(definition_.dofs->num_local(), 0),
      work_(std::make_unique<Work>(definition_, *kernels_)) {
  for (const auto& integral : work_->integrals()) {
    take(integral.structure);
    if (work_->stabilises(integral)) take(kernels_->stabilisation_structure(integral.moved_coefficients()));
  }
  algebraic_ = find_algebraic_fields(definition_, *kernels_, work_->integrals());
  if (definition_.parameters.size() > sdk::max_parameters || num_data(definition_) > sdk::max_data) {
    throw sdk::Error(sdk::ErrorKind::case_file, "too many parameters or fields read from files", {},
                     fmt::format("at most {} parameters and {} fields and components of normals", sdk::max_parameters,
                                 sdk::max_data));
  }
  if (definition_.stabilise && !definition_.physics->info().has_stabilisation) {
    throw sdk::Error(sdk::ErrorKind::case_file, "physics " + definition_.physics->info().name + " has no stabilisation",
                     {}, "remove solver.stabilisation");
  }
}

Form::~Form() = default;

void Form::take(const sdk::FormStructure& structure) {
  linear_ &= structure.linear;
  transient_ |= structure.transient;
  time_dependent_ |= structure.time_dependent;
  symmetric_ &= structure.symmetric;
  mass_depends_on_state_ |= structure.mass_depends != 0;
  mass_depends_on_time_ |= structure.mass_time_dependent;
}

int Form::quadrature_degree() const {
  int degree = 0;
  for (const auto& integral : work_->integrals()) degree = std::max(degree, integral.degree);
  return degree;
}

std::vector<int> Form::quadrature_degrees() const {
  std::vector<int> degrees;
  for (const auto& integral : work_->integrals()) degrees.push_back(integral.degree);
  return degrees;
}

void Form::set_constrained(std::vector<std::uint8_t> constrained) {
  constrained_ = std::move(constrained);
  const auto& dofs = *definition_.dofs;
  cell_constrained_.assign(dofs.mesh().num_cells(), 0);
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const int n = dofs.nodes_per_cell(f), components = dofs.fields()[f].components;
    const std::int32_t* cell_nodes = dofs.fields()[f].nodes->cell_nodes.data();
    const std::int32_t* node_dofs = dofs.node_dofs(f).data();
    for (auto& cell : cell_constrained_) {
      bool any = false;
      for (int a = 0; a < n; ++a) {
        for (int c = 0; c < components; ++c) any |= constrained_[node_dofs[*cell_nodes] + c] != 0;
        ++cell_nodes;
      }
      if (any) cell = 1;
    }
  }
}

void Form::unconstrained_residual(const FormState& state, std::span<double> F) const { work_->residual(state, F); }

Moments Form::moments(const FormState& state, const std::vector<std::vector<double>>& tests) const {
  return work_->moments(state, tests);
}

Moments Form::moment_slopes(const FormState& state, std::span<const double> v,
                            const std::vector<std::vector<double>>& tests) const {
  return work_->moment_slopes(state, v, tests);
}

void Form::leave_out_constrained(std::span<double> F) const {
  for (std::int32_t i = 0; i < definition_.dofs->num_owned(); ++i) {
    if (constrained_[i] != 0) F[i] = 0.0;
  }
}

void Form::residual(const FormState& state, std::span<double> F) const {
  work_->residual(state, F);
  leave_out_constrained(F);
}

void Form::residual_rate(const FormState& state, const FormState& motion, std::span<double> F) const {
  work_->residual_rate(state, motion, F);
  leave_out_constrained(F);
}

void Form::jacobian(const FormState& state, const Weights& weights, linear::SparseMatrix& matrix) const {
  matrix.begin_values();
  clear(matrix);
  base::agree(matrix.comm(), [&] {
    const MatrixScatter scatter(dofs(), sparsity(), {constrained_.data(), cell_constrained_.empty() ? nullptr : cell_constrained_.data()},
                                matrix);
    work_->jacobian(state, weights, algebraic_.fields,
                    [&](const Batch& batch, const Lanes* element) { scatter.add(batch, element); });
  });
  set_identity(constrained_, matrix);
  matrix.end_values();
}

linear::WeakModes Form::products(const FormState& state, const Weights& weights,
                                 const std::vector<std::vector<double>>& v) const {
  linear::WeakModes out;
  const auto n = static_cast<std::size_t>(dofs().num_owned());
  for (const auto& vector : v) out.vectors.emplace_back(vector.begin(), vector.begin() + static_cast<std::ptrdiff_t>(n));
  out.images.assign(v.size(), std::vector<double>(n, 0.0));
  out.products = out.images;
  work_->products(state, weights, algebraic_.fields, v, out);
  for (auto* vectors : {&out.images, &out.products}) {
    for (auto& vector : *vectors) leave_out_constrained(vector);
  }
  return out;
}

void Form::visit_element_matrices(const FormState& state, const Weights& weights, const ElementVisitor& visit) const {
  work_->jacobian(state, weights, algebraic_.fields, visit);
}

bool Form::visit_point_matrices(const FormState& state, sdk::JacobianWeights weights, const PointVisitor& visit) const {
  if (definition_.stabilise) return false;
  work_->point_matrices(state, weights, visit);
  return true;
}

void Form::transplanted_jacobian(const FormState& state, sdk::JacobianWeights weights, Transplant what, int field,
                                 const DofMap& multipliers, const Sparsity& sparsity,
                                 std::span<const std::uint8_t> constrained, linear::SparseMatrix& matrix) const {
  const std::vector<std::uint8_t> any_cell(multipliers.mesh().num_cells(), 1);
  matrix.begin_values();
  clear(matrix);
  base::agree(matrix.comm(), [&] {
    const MatrixScatter scatter(multipliers, sparsity, {constrained.data(), any_cell.data()}, matrix);
    work_->transplanted_jacobian(state, what == Transplant::jacobian ? weights : sdk::JacobianWeights{0.0, 1.0}, what,
                                 field, multipliers, scatter);
  });
  set_identity(constrained, matrix);
  matrix.end_values();
}

const Sparsity& Form::sparsity() const {
  if (!sparsity_) sparsity_ = build_sparsity(*definition_.dofs);
  return *sparsity_;
}

void Form::explain_not_finite(const FormState& state) const { work_->explain_not_finite(state); }

double Form::largest_peclet(const FormState& state) const { return work_->largest_peclet(state); }

}  // namespace ansatz::fem
