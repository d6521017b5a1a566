#include "engine/fem/sparsity.hpp"

#include <algorithm>

#include "ansatz/sdk/error.hpp"

namespace ansatz::fem {
namespace {

/// Cells around each owned node of a field, with the node's number in the cell.
struct NodeCells {
  std::vector<std::int32_t> offsets;  ///< (num_owned + 1)
  std::vector<std::int32_t> cells;
  std::vector<std::uint8_t> local;
};

NodeCells cells_of_nodes(const mesh::NodeMap& nodes) {
  NodeCells result;
  result.offsets.assign(nodes.num_owned + 1, 0);
  for (const auto node : nodes.cell_nodes) {
    if (node < nodes.num_owned) ++result.offsets[node + 1];
  }
  for (std::int32_t n = 0; n < nodes.num_owned; ++n) result.offsets[n + 1] += result.offsets[n];
  result.cells.resize(result.offsets.back());
  result.local.resize(result.offsets.back());
  auto next = result.offsets;
  for (std::size_t i = 0; i < nodes.cell_nodes.size(); ++i) {
    const auto node = nodes.cell_nodes[i];
    if (node >= nodes.num_owned) continue;
    result.cells[next[node]] = static_cast<std::int32_t>(i / nodes.nodes_per_cell);
    result.local[next[node]++] = static_cast<std::uint8_t>(i % nodes.nodes_per_cell);
  }
  return result;
}

/// Column nodes of one row: first unknown, width, and where it came from.
struct Column {
  std::int32_t dof;
  std::int32_t field;
  std::int32_t node;
};

class SparsityBuilder {
 public:
  explicit SparsityBuilder(const DofMap& dofs) : dofs_(dofs), num_fields_(dofs.num_fields()) {
    pattern_.num_owned = dofs.num_owned();
    pattern_.first_global = dofs.first_global();
    pattern_.ghost_global = dofs.ghost_global();
    pattern_.diag_offsets.reserve(dofs.num_owned() + 1);
    pattern_.ghost_offsets.reserve(dofs.num_owned() + 1);
    pattern_.diag_offsets.push_back(0);
    pattern_.ghost_offsets.push_back(0);
    const std::size_t cells = dofs.mesh().num_cells();
    for (int fa = 0; fa < num_fields_; ++fa) {
      for (int fb = 0; fb < num_fields_; ++fb) {
        codes_.emplace_back(cells * dofs.nodes_per_cell(fa) * dofs.nodes_per_cell(fb));
      }
    }
    for (int f = 0; f < num_fields_; ++f) {
      stamp_.emplace_back(dofs.fields()[f].nodes->num_local(), -1);
      code_of_.emplace_back(dofs.fields()[f].nodes->num_local());
    }
  }

  Sparsity build() {
    for (int fa = 0; fa < num_fields_; ++fa) {
      const auto around = cells_of_nodes(*dofs_.fields()[fa].nodes);
      for (std::int32_t n = 0; n < dofs_.fields()[fa].nodes->num_owned; ++n) add_row(fa, n, around);
    }
    return {std::make_shared<const linear::Pattern>(std::move(pattern_)), std::move(codes_)};
  }

 private:
  void add_row(int fa, std::int32_t n, const NodeCells& around) {
    collect(n, around);
    std::int32_t position = 0, ghost_position = 0;
    for (const auto& column : columns_) {
      const bool owned = column.dof < dofs_.num_owned();
      auto& next = owned ? position : ghost_position;
      code_of_[column.field][column.node] = static_cast<std::uint16_t>(next | (owned ? 0 : Sparsity::ghost_bit));
      next += dofs_.fields()[column.field].components;
    }
    if (std::max(position, ghost_position) >= Sparsity::ghost_bit) {
      throw sdk::Error(sdk::ErrorKind::internal, "a matrix row has more than 32767 entries");
    }
    for (int c = 0; c < dofs_.fields()[fa].components; ++c) append_row();
    write_codes(n, fa, around);
  }

  /// Unique column nodes of the row in ascending order of their unknowns.
  void collect(std::int32_t n, const NodeCells& around) {
    columns_.clear();
    ++mark_;
    for (int fb = 0; fb < num_fields_; ++fb) {
      const int nb = dofs_.nodes_per_cell(fb);
      const auto& cell_nodes = dofs_.fields()[fb].nodes->cell_nodes;
      const auto node_dofs = dofs_.node_dofs(fb);
      for (auto i = around.offsets[n]; i < around.offsets[n + 1]; ++i) {
        const std::int32_t* nodes = cell_nodes.data() + std::size_t(around.cells[i]) * nb;
        for (int b = 0; b < nb; ++b) {
          if (stamp_[fb][nodes[b]] == mark_) continue;
          stamp_[fb][nodes[b]] = mark_;
          columns_.push_back({node_dofs[nodes[b]], fb, nodes[b]});
        }
      }
    }
    std::sort(columns_.begin(), columns_.end(), [](const Column& a, const Column& b) { return a.dof < b.dof; });
  }

  void append_row() {
    const auto num_owned = dofs_.num_owned();
    for (const auto& column : columns_) {
      const int nc = dofs_.fields()[column.field].components;
      auto& target = column.dof < num_owned ? pattern_.diag_columns : pattern_.ghost_columns;
      const std::int32_t first = column.dof < num_owned ? column.dof : column.dof - num_owned;
      for (int c = 0; c < nc; ++c) target.push_back(first + c);
    }
    pattern_.diag_offsets.push_back(static_cast<PetscInt>(pattern_.diag_columns.size()));
    pattern_.ghost_offsets.push_back(static_cast<PetscInt>(pattern_.ghost_columns.size()));
  }

  void write_codes(std::int32_t n, int fa, const NodeCells& around) {
    const int na = dofs_.nodes_per_cell(fa);
    for (int fb = 0; fb < num_fields_; ++fb) {
      const int nb = dofs_.nodes_per_cell(fb);
      const auto& cell_nodes = dofs_.fields()[fb].nodes->cell_nodes;
      auto& codes = codes_[fa * num_fields_ + fb];
      for (auto i = around.offsets[n]; i < around.offsets[n + 1]; ++i) {
        const std::size_t cell = around.cells[i];
        std::uint16_t* row = codes.data() + (cell * na + around.local[i]) * nb;
        for (int b = 0; b < nb; ++b) row[b] = code_of_[fb][cell_nodes[cell * nb + b]];
      }
    }
  }

  const DofMap& dofs_;
  int num_fields_;
  linear::Pattern pattern_;
  std::vector<std::vector<std::uint16_t>> codes_;
  std::vector<std::vector<std::int32_t>> stamp_;
  std::vector<std::vector<std::uint16_t>> code_of_;
  std::vector<Column> columns_;
  std::int32_t mark_ = -1;
};

}  // namespace

Sparsity build_sparsity(const DofMap& dofs) { return SparsityBuilder(dofs).build(); }

}  // namespace ansatz::fem
