#include "engine/fem/assembly/form.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "engine/fem/assembly/form_work.hpp"

namespace ansatz::fem {
namespace {

/// On owned unknowns that are left out.
void set_zero(const Constrained& left_out, std::span<double> F) {
  for (std::size_t i = 0; i < F.size(); ++i) {
    if (left_out.unknowns[i] != 0) F[i] = 0.0;
  }
}

}  // namespace

Form::Form(FormDefinition definition)
    : definition_(std::move(definition)),
      kernels_(&definition_.physics->kernels(definition_.dofs->mesh().dim)),
      constrained_(*definition_.dofs, std::vector<std::uint8_t>(definition_.dofs->num_local(), 0)),
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

void Form::set_parameters(std::span<const double> parameters) {
  definition_.parameters.assign(parameters.begin(), parameters.end());
  ++version_;
}

void Form::set_constrained(std::vector<std::uint8_t> constrained) {
  constrained_ = Constrained(*definition_.dofs, std::move(constrained));
}

const Constrained& Form::left_out(const FormState& state) const {
  return state.constrained != nullptr ? *state.constrained : constrained_;
}

void Form::unconstrained_residual(const FormState& state, std::span<double> F) const { work_->residual(state, F); }

Moments Form::moments(const FormState& state, const std::vector<std::vector<double>>& tests) const {
  return work_->moments(state, tests);
}

Moments Form::moment_slopes(const FormState& state, std::span<const double> v,
                            const std::vector<std::vector<double>>& tests) const {
  return work_->moment_slopes(state, v, tests);
}

void Form::residual(const FormState& state, std::span<double> F) const {
  work_->residual(state, F);
  set_zero(left_out(state), F);
}

void Form::residual_rate(const FormState& state, const FormState& motion, std::span<double> F) const {
  work_->residual_rate(state, motion, F);
  set_zero(left_out(state), F);
}

void Form::parameter_slope(const FormState& state, int parameter, std::span<double> F) const {
  work_->parameter_slope(state, parameter, F);
}

void Form::jacobian(const FormState& state, const Weights& weights, linear::SparseMatrix& matrix) const {
  matrix.begin_values();
  clear(matrix);
  base::agree(matrix.comm(), [&] {
    const auto& constrained = left_out(state);
    const MatrixScatter scatter(dofs(), sparsity(), {constrained.unknowns.data(), constrained.cells.data()}, matrix);
    work_->jacobian(state, weights, algebraic_.fields,
                    [&](const Batch& batch, const Lanes* element) { scatter.add(batch, element); });
  });
  set_identity(left_out(state).unknowns, matrix);
  matrix.end_values();
}

linear::WeakModes Form::products(const FormState& state, const Weights& weights,
                                 const std::vector<std::vector<double>>& v) const {
  linear::WeakModes out;
  const auto n = static_cast<std::size_t>(dofs().num_owned());
  for (const auto& vector : v)
    out.vectors.emplace_back(vector.begin(), vector.begin() + static_cast<std::ptrdiff_t>(n));
  out.images.assign(v.size(), std::vector<double>(n, 0.0));
  out.products = out.images;
  work_->products(state, weights, algebraic_.fields, v, out);
  for (auto* vectors : {&out.images, &out.products}) {
    for (auto& vector : *vectors) set_zero(left_out(state), vector);
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
