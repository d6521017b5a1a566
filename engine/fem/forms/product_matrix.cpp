#include "engine/fem/forms/product_matrix.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/fem/assembly/element_matrix.hpp"
#include "engine/fem/assembly/point_loader.hpp"
#include "engine/fem/assembly/scatter.hpp"
#include "engine/mesh/refinement/refine.hpp"

namespace ansatz::fem {
namespace {

/// Element matrices of one product, batch after batch.
class ProductAssembly {
 public:
  ProductAssembly(const Form& form, double gradient, double value)
      : dofs_(form.dofs()), dim_(dofs_.mesh().dim), loader_(form.definition()) {
    int degree = 1;
    for (const auto& field : dofs_.fields()) degree = std::max(degree, field.nodes->degree);
    const bool simplex = mesh::topology(dofs_.mesh().cell).simplex;
    rule_ = make_rule(form.definition(), 2 * degree + (simplex ? 0 : 1), -1);
    derivative_.assign(std::size_t(1 + dim_) * (1 + dim_), Lanes(0.0));
    derivative_[0] = Lanes(value);
    for (int j = 1; j <= dim_; ++j) derivative_[j * (1 + dim_) + j] = Lanes(gradient);
  }

  void visit(const Form::ElementVisitor& visit) {
    const auto batches = cell_batches(dofs_.mesh(), [](std::int32_t) { return true; });
    for (const auto& batch : batches) {
      loader_.load_bases(rule_, batch);
      element_.assign(std::size_t(dofs_.dofs_per_cell()) * dofs_.dofs_per_cell(), Lanes(0.0));
      for (int q = 0; q < rule_.reference.num_points; ++q) {
        for (int f = 0; f < dofs_.num_fields(); ++f) add_field(f, q);
      }
      visit(batch, element_.data());
    }
  }

 private:
  void add_field(int f, int q) {
    const int n = dofs_.dofs_per_cell(), nodes = dofs_.nodes_per_cell(f), components = dofs_.fields()[f].components;
    const BasisAt basis{nodes, rule_.fields[f].values.data() + q * nodes, loader_.gradients(f, q)};
    const auto add_block = select_add_block(dim_, nodes, nodes);
    for (int c = 0; c < components; ++c) {
      const std::size_t at = dofs_.cell_offset(f) + c;
      add_block({true, false, false, true}, loader_.geometry().weight[q], derivative_.data(), 1 + dim_, basis, basis,
                element_.data() + at * n + at, components * n, components);
    }
  }

  const DofMap& dofs_;
  int dim_;
  PointLoader loader_;
  Rule rule_;
  std::vector<Lanes> derivative_, element_;
};

}  // namespace

void product_matrix(const Form& form, double value, linear::SparseMatrix& matrix) {
  product_matrix(form, 1.0, value, form.constrained(), matrix);
}

void product_matrix(const Form& form, double gradient, double value, std::span<const std::uint8_t> left_out,
                    linear::SparseMatrix& matrix) {
  const auto& sparsity = form.sparsity();
  std::vector<std::uint8_t> flags(left_out.begin(), left_out.end());
  flags.resize(form.dofs().num_local(), 0);
  const std::vector<std::uint8_t> any_cell(form.dofs().mesh().num_cells(), 1);
  matrix.begin_values();
  std::ranges::fill(matrix.diagonal_values(), 0.0);
  std::ranges::fill(matrix.ghost_values(), 0.0);
  base::agree(matrix.comm(), [&] {
    const MatrixScatter scatter(form.dofs(), sparsity, {flags.data(), any_cell.data()}, matrix);
    visit_product_matrices(form, gradient, value,
                           [&](const Batch& batch, const Lanes* element) { scatter.add(batch, element); });
  });
  for (std::int32_t row = 0; row < form.dofs().num_owned(); ++row) {
    if (flags[row] != 0) matrix.diagonal_values()[matrix.pattern().diagonal_position(row)] = 1.0;
  }
  matrix.end_values();
}

void visit_product_matrices(const Form& form, double gradient, double value, const Form::ElementVisitor& visit) {
  ProductAssembly(form, gradient, value).visit(visit);
}

double domain_size(const mesh::Mesh& mesh) {
  const auto box = mesh::bounding_box(mesh);
  double size = 0.0;
  for (int i = 0; i < mesh.dim; ++i) size = std::max(size, box[mesh.dim + i] - box[i]);
  return size;
}

std::string unconstrained_component(const Form& form) {
  const auto& dofs = form.dofs();
  std::string found;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const auto& space = dofs.fields()[f];
    for (int c = 0; c < space.components; ++c) {
      std::int64_t any = 0;
      for (std::int32_t n = 0; n < space.nodes->num_owned; ++n) any |= form.constrained()[dofs.node_dofs(f)[n] + c];
      const bool free = dofs.mesh().comm.max(any) == 0;
      if (free && found.empty())
        found = space.components == 1 ? space.name : fmt::format("{}, component {}", space.name, c);
    }
  }
  return found;
}

}  // namespace ansatz::fem
