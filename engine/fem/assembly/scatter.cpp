#include "engine/fem/assembly/scatter.hpp"

namespace ansatz::fem {
namespace {

using Block = MatrixScatter::Block;
using Rows = MatrixScatter::Rows;

/// The values of one cell, at element[entry * num_lanes].
template <int nodes, int components, bool masked>
void add_cell(const Block& block, const Rows& rows, const std::uint8_t* mask, std::int32_t cell,
              const double* element) {
  const int na = nodes > 0 ? nodes : block.nodes_a, nb = nodes > 0 ? nodes : block.nodes_b;
  const int nca = components > 0 ? components : block.components_a,
            ncb = components > 0 ? components : block.components_b;
  const std::uint16_t* codes = block.codes + std::size_t(cell) * na * nb;
  const std::int32_t* nodes_a = block.cell_nodes_a + std::size_t(cell) * na;
  [[maybe_unused]] const std::int32_t* nodes_b = block.cell_nodes_b + std::size_t(cell) * nb;
  for (int a = 0; a < na; ++a) {
    if (nodes_a[a] >= block.num_owned) continue;
    for (int c = 0; c < nca; ++c) {
      const auto row = block.node_dofs_a[nodes_a[a]] + c;
      if (masked && mask[row] != 0) continue;
      double* const diagonal = rows.diagonal + rows.diagonal_offsets[row];
      double* const ghost = rows.ghost + rows.ghost_offsets[row];
      const double* values = element + (block.first + (a * nca + c) * block.stride) * num_lanes;
      for (int b = 0; b < nb; ++b) {
        const auto code = codes[a * nb + b];
        double* target = (code & Sparsity::ghost_bit) != 0 ? ghost + (code & ~Sparsity::ghost_bit) : diagonal + code;
        for (int d = 0; d < ncb; ++d) {
          if (masked && mask[block.node_dofs_b[nodes_b[b]] + d] != 0) continue;
          target[d] += values[(b * ncb + d) * num_lanes];
        }
      }
    }
  }
}

/// \tparam nodes, components of both fields, or 0: known at run time
template <int nodes, int components>
void add_batch(const Block& block, const Rows& rows, const Masks& masks, const Batch& batch, const Lanes* element) {
  for (int lane = 0; lane < batch.num_active; ++lane) {
    const auto cell = batch.cells[lane];
    const auto* values = reinterpret_cast<const double*>(element) + lane;
    if (masks.cells != nullptr && masks.cells[cell] != 0) {
      add_cell<nodes, components, true>(block, rows, masks.unknowns, cell, values);
    } else {
      add_cell<nodes, components, false>(block, rows, nullptr, cell, values);
    }
  }
}

using AddBatch = decltype(Block::add);

template <int nodes>
AddBatch select_components(int components) {
  switch (components) {
    case 1:
      return add_batch<nodes, 1>;
    case 2:
      return add_batch<nodes, 2>;
    case 3:
      return add_batch<nodes, 3>;
    default:
      return nullptr;
  }
}

AddBatch select(const Block& block) {
  AddBatch found = nullptr;
  if (block.nodes_a == block.nodes_b && block.components_a == block.components_b) {
    switch (block.nodes_a) {
      case 3:
        found = select_components<3>(block.components_a);
        break;
      case 4:
        found = select_components<4>(block.components_a);
        break;
      case 6:
        found = select_components<6>(block.components_a);
        break;
      case 8:
        found = select_components<8>(block.components_a);
        break;
      case 10:
        found = select_components<10>(block.components_a);
        break;
      default:
        break;
    }
  }
  return found != nullptr ? found : add_batch<0, 0>;
}

}  // namespace

MatrixScatter::MatrixScatter(const DofMap& dofs, const Sparsity& sparsity, Masks masks, linear::SparseMatrix& matrix)
    : rows_{matrix.diagonal_values().data(), matrix.ghost_values().data(), sparsity.pattern->diag_offsets.data(),
            sparsity.pattern->ghost_offsets.data()},
      masks_(masks) {
  for (int fa = 0; fa < dofs.num_fields(); ++fa) {
    for (int fb = 0; fb < dofs.num_fields(); ++fb) {
      const auto &a = dofs.fields()[fa], &b = dofs.fields()[fb];
      Block block{a.nodes->nodes_per_cell,
                  b.nodes->nodes_per_cell,
                  a.components,
                  b.components,
                  a.nodes->cell_nodes.data(),
                  b.nodes->cell_nodes.data(),
                  dofs.node_dofs(fa).data(),
                  dofs.node_dofs(fb).data(),
                  a.nodes->num_owned,
                  sparsity.codes[fa * dofs.num_fields() + fb].data(),
                  dofs.cell_offset(fa) * dofs.dofs_per_cell() + dofs.cell_offset(fb),
                  dofs.dofs_per_cell(),
                  nullptr};
      block.add = select(block);
      blocks_.push_back(block);
    }
  }
}

void clear(linear::SparseMatrix& matrix) {
  const auto diagonal = matrix.diagonal_values(), ghost = matrix.ghost_values();
  std::fill(diagonal.begin(), diagonal.end(), 0.0);
  std::fill(ghost.begin(), ghost.end(), 0.0);
}

void set_identity(std::span<const std::uint8_t> rows, linear::SparseMatrix& matrix) {
  const auto& pattern = matrix.pattern();
  for (std::int32_t row = 0; row < pattern.num_owned; ++row) {
    if (rows[row] != 0) matrix.diagonal_values()[pattern.diagonal_position(row)] = 1.0;
  }
}

void add_to_vector(const DofMap& dofs, const Batch& batch, const Lanes* element, std::span<double> F) {
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const int n = dofs.nodes_per_cell(f), nc = dofs.fields()[f].components;
    const auto& nodes = *dofs.fields()[f].nodes;
    const auto node_dofs = dofs.node_dofs(f);
    for (int lane = 0; lane < batch.num_active; ++lane) {
      const auto* values = reinterpret_cast<const double*>(element + dofs.cell_offset(f)) + lane;
      const std::int32_t* cell_nodes = nodes.cell_nodes.data() + std::size_t(batch.cells[lane]) * n;
      for (int a = 0; a < n; ++a) {
        if (cell_nodes[a] >= nodes.num_owned) continue;
        double* target = F.data() + node_dofs[cell_nodes[a]];
        for (int c = 0; c < nc; ++c) target[c] += values[(a * nc + c) * num_lanes];
      }
    }
  }
}

void gather_from_vector(const DofMap& dofs, const Batch& batch, std::span<const double> values, Lanes* element) {
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const int nc = dofs.fields()[f].components, n = dofs.nodes_per_cell(f);
    const auto node_dofs = dofs.node_dofs(f);
    const std::int32_t* cell_nodes = dofs.fields()[f].nodes->cell_nodes.data();
    Lanes* target = element + dofs.cell_offset(f);
    for (int lane = 0; lane < num_lanes; ++lane) {
      const std::int32_t* nodes = cell_nodes + std::size_t(batch.cells[lane]) * n;
      for (int a = 0; a < n; ++a) {
        const double* from = values.data() + node_dofs[nodes[a]];
        for (int c = 0; c < nc; ++c) target[a * nc + c].set(lane, from[c]);
      }
    }
  }
}

}  // namespace ansatz::fem
