#include "engine/fem/forms/constraint_operators.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/fem/assembly/facet_sets.hpp"

namespace ansatz::fem {
namespace {

constexpr double along_facet = 1e-6;  // of a unit normal

const sdk::PhysicsInfo& info(const Form& form) { return form.definition().physics->info(); }

bool is_multiplier(const sdk::FieldInfo& field) { return field.is_multiplier(); }

/// \throws Error where there is not just one.
int multiplier(const Form& form) {
  const auto& fields = info(form).fields;
  if (has_constraint_operators(form))
    return static_cast<int>(std::ranges::find_if(fields, is_multiplier) - fields.begin());
  throw sdk::Error(
      sdk::ErrorKind::parameter,
      "the preconditioner \"pcd\" is for forms with one multiplier and a rate of the field that it constrains",
      "linear", "choose solver = \"direct\"");
}

/// The field that the multiplier constrains: the first vector field, else the first other field.
int primary(const Form& form) {
  int first = -1;
  for (int f = 0; f < form.dofs().num_fields(); ++f) {
    if (info(form).fields[f].is_multiplier()) continue;
    if (info(form).fields[f].shape == sdk::Shape::vector) return f;
    if (first < 0) first = f;
  }
  return first;
}

DofMap alone(const Form& form, int field) {
  auto space = form.dofs().fields()[field];
  return DofMap(form.dofs().mesh(), {std::move(space)});
}

/// Of the unknowns of one field.
std::vector<std::uint8_t> of_field(const Form& form, int field, const DofMap& dofs,
                                   const std::vector<std::uint8_t>& constrained) {
  const auto all = form.dofs().node_dofs(field), own = dofs.node_dofs(0);
  std::vector<std::uint8_t> flags(dofs.num_local());
  for (std::size_t n = 0; n < own.size(); ++n) flags[own[n]] = constrained[all[n]];
  return flags;
}

/// Unit normal of the plane, or of the line, through the corners of a facet, of either sign.
std::array<double, 3> normal_of(const mesh::Mesh& mesh, const mesh::Facet& facet) {
  const auto corners = nodes_on_facet(mesh.cell, 1, facet.local_facet);
  const auto* points = mesh.cell_points.data() + std::size_t(facet.cell) * mesh.points_per_cell();
  std::array<std::array<double, 3>, 2> along{};
  for (int i = 1; i < mesh.dim; ++i) {
    const auto a = mesh.point(points[corners[0]]), b = mesh.point(points[corners[i]]);
    for (int k = 0; k < mesh.dim; ++k) along[i - 1][k] = b[k] - a[k];
  }
  const auto& [v, w] = along;
  std::array<double, 3> normal{1.0, 0.0, 0.0};
  if (mesh.dim == 2) normal = {v[1], -v[0], 0.0};
  if (mesh.dim == 3) normal = {v[1] * w[2] - v[2] * w[1], v[2] * w[0] - v[0] * w[2], v[0] * w[1] - v[1] * w[0]};
  const double length = std::hypot(normal[0], normal[1], normal[2]);
  for (double& value : normal) value /= length;
  return normal;
}

/// Adds the multiplier's nodes on open boundaries: exterior facets through which something may flow, those with a node
/// at which a component along the normal is not prescribed.
std::vector<std::uint8_t> with_open_boundaries(const Form& form, int primary, const DofMap& dofs,
                                               std::vector<std::uint8_t> flags,
                                               const std::vector<std::uint8_t>& constrained) {
  const auto& mesh = dofs.mesh();
  const auto& all = form.dofs();
  const int components = all.fields()[primary].components;
  const auto own_nodes = dofs.node_dofs(0), primary_dofs = all.node_dofs(primary);
  std::vector<double> marked(flags.begin(), flags.end());
  for (const auto& facet : mesh.sets.at("all").facets) {
    bool open = false;
    const auto normal = normal_of(mesh, facet);
    for (const int a : nodes_on_facet(mesh.cell, all.fields()[primary].nodes->degree, facet.local_facet)) {
      const auto first = primary_dofs[all.cell_node(primary, facet.cell, a)];
      for (int k = 0; k < components; ++k) {
        const bool crosses = components == 1 || std::abs(normal[k]) > along_facet;
        open |= crosses && constrained[first + k] == 0;
      }
    }
    if (!open) continue;
    for (const int a : nodes_on_facet(mesh.cell, dofs.fields()[0].nodes->degree, facet.local_facet)) {
      marked[own_nodes[dofs.cell_node(0, facet.cell, a)]] = 1.0;
    }
  }
  dofs.update_ghosts(marked);
  return {marked.begin(), marked.end()};
}

}  // namespace

bool has_constraints(const Form& form) { return std::ranges::any_of(info(form).fields, is_multiplier); }

bool has_constraint_operators(const Form& form) {
  return std::ranges::count_if(info(form).fields, is_multiplier) == 1 && form.transient();
}

ConstraintOperators::ConstraintOperators(const Form& form, const std::vector<std::uint8_t>& constrained)
    : form_(form),
      multiplier_(multiplier(form)),
      primary_(primary(form)),
      dofs_(alone(form, multiplier_)),
      sparsity_(build_sparsity(dofs_)),
      constrained_(of_field(form, multiplier_, dofs_, constrained)),
      open_(with_open_boundaries(form, primary_, dofs_, constrained_, constrained)),
      laplacian_(dofs_.mesh().comm, sparsity_.pattern, 1),
      mass_(dofs_.mesh().comm, sparsity_.pattern, 1),
      transport_(dofs_.mesh().comm, sparsity_.pattern, 1) {
  const std::vector<double> zero(form.dofs().num_local(), 0.0);
  const FormState rest{0.0, zero, {}};
  form.transplanted_jacobian(rest, {0.0, 1.0}, Transplant::jacobian, primary_, dofs_, sparsity_, constrained_, mass_);
  form.transplanted_jacobian(rest, {0.0, 1.0}, Transplant::laplacian, primary_, dofs_, sparsity_, open_, laplacian_);
  const auto node_dofs = form.dofs().node_dofs(multiplier_);
  constraints_.multipliers.assign(node_dofs.begin(), node_dofs.begin() + dofs_.num_owned());
  constraints_.block_size = form.dofs().num_fields() == 2 ? form.dofs().fields()[primary_].components : 1;
  constraints_.mass = mass_.get();
  constraints_.laplacian = laplacian_.get();
  constraints_.transport = transport_.get();
}

void ConstraintOperators::update(const FormState& state, sdk::JacobianWeights weights) {
  form_.transplanted_jacobian(state, weights, Transplant::jacobian, primary_, dofs_, sparsity_, open_, transport_);
  // Rows that are left out get the scale of the others relative to the Laplacian, in which they are 1.
  const auto& pattern = transport_.pattern();
  const auto diagonal = transport_.diagonal_values();
  double of_transport = 0.0, of_laplacian = 0.0;
  for (std::int32_t row = 0; row < pattern.num_owned; ++row) {
    if (open_[row] != 0) continue;
    of_transport += diagonal[pattern.diagonal_position(row)];
    of_laplacian += laplacian_.diagonal_values()[pattern.diagonal_position(row)];
  }
  const auto sums = dofs_.mesh().comm.sum(std::array{of_transport, of_laplacian});
  transport_.begin_values();
  for (std::int32_t row = 0; row < pattern.num_owned; ++row) {
    if (open_[row] != 0) diagonal[pattern.diagonal_position(row)] = sums[0] / sums[1];
  }
  transport_.end_values();
}

}  // namespace ansatz::fem
