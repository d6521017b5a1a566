#include "engine/fem/elements/sparsity.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "ansatz/sdk/error.hpp"
#include "engine/base/narrow.hpp"

namespace ansatz::fem {
namespace {

/// Cells around each owned node of a field, with the node's number in the cell.
struct NodeCells {
  std::vector<std::int32_t> offsets;  ///< (num_owned + 1)
  std::unique_ptr<std::int32_t[]> cells;
  std::unique_ptr<std::uint8_t[]> local;
};

NodeCells cells_of_nodes(const mesh::NodeMap& nodes) {
  NodeCells result;
  base::narrow<std::int32_t>(nodes.cell_nodes.size(), "nodes of cells on one rank");
  result.offsets.assign(std::size_t(nodes.num_owned) + 2, 0);
  // offsets[n + 2] counts, then offsets[n + 1] is where the next cell of node n goes: in the end, offsets[n + 1] is
  // right.
  for (const auto node : nodes.cell_nodes) {
    if (node < nodes.num_owned) ++result.offsets[node + 2];
  }
  std::partial_sum(result.offsets.begin(), result.offsets.end(), result.offsets.begin());
  result.cells = std::make_unique_for_overwrite<std::int32_t[]>(result.offsets.back());
  result.local = std::make_unique_for_overwrite<std::uint8_t[]>(result.offsets.back());
  const auto num_cells = static_cast<std::int32_t>(nodes.cell_nodes.size() / nodes.nodes_per_cell);
  const std::int32_t* node = nodes.cell_nodes.data();
  for (std::int32_t cell = 0; cell < num_cells; ++cell) {
    for (int a = 0; a < nodes.nodes_per_cell; ++a, ++node) {
      if (*node >= nodes.num_owned) continue;
      const auto at = result.offsets[*node + 1]++;
      result.cells[at] = cell;
      result.local[at] = static_cast<std::uint8_t>(a);
    }
  }
  result.offsets.pop_back();
  return result;
}

class SparsityBuilder {
 public:
  explicit SparsityBuilder(const DofMap& dofs) : dofs_(dofs) {
    static_cast<base::IndexRange&>(pattern_) = dofs.index_map();
    pattern_.diag_offsets.reserve(dofs.num_owned() + 1);
    pattern_.ghost_offsets.reserve(dofs.num_owned() + 1);
    pattern_.diag_offsets.push_back(0);
    pattern_.ghost_offsets.push_back(0);
    const std::size_t cells = dofs.mesh().num_cells();
    for (int f = 0; f < dofs.num_fields(); ++f) {
      const auto& nodes = *dofs.fields()[f].nodes;
      seen_.emplace_back(nodes.num_local(), -1);
      fields_.push_back({nodes.nodes_per_cell, dofs.fields()[f].components, nodes.cell_nodes.data(),
                         dofs.node_dofs(f).data(), seen_.back().data()});
    }
    for (const auto& a : fields_) {
      for (const auto& b : fields_) codes_.emplace_back(cells * a.nodes * b.nodes);
    }
  }

  Sparsity build() {
    for (std::size_t fa = 0; fa < fields_.size(); ++fa) {
      const auto& nodes = *dofs_.fields()[fa].nodes;
      const auto around = cells_of_nodes(nodes);
      for (std::int32_t n = 0; n < nodes.num_owned; ++n) add_row(fa, n, around);
    }
    return {std::make_shared<const linear::Pattern>(std::move(pattern_)), std::move(codes_)};
  }

 private:
  struct Field {
    int nodes;  ///< per cell
    int components;
    const std::int32_t* cell_nodes;
    const std::int32_t* node_dofs;
    std::int32_t* seen;  ///< (num_local nodes) first_ + place among columns_ if the node is a column of this row
  };
  /// Column node of a row.
  struct Column {
    std::int32_t dof;  ///< of its first component
    std::int32_t components;
    std::int32_t found;  ///< place in the order of discovery
  };

  void add_row(std::size_t fa, std::int32_t n, const NodeCells& around) {
    collect(n, around);
    std::sort(columns_.begin(), columns_.begin() + num_columns_,
              [](const Column& a, const Column& b) { return a.dof < b.dof; });
    place_columns();
    for (int c = 0; c < fields_[fa].components; ++c) append_row();
    write_codes(n, fa, around);
  }

  /// Unique column nodes of the row, and for each node of each cell around which of them it is.
  void collect(std::int32_t n, const NodeCells& around) {
    first_ += num_columns_;
    if (first_ > std::numeric_limits<std::int32_t>::max() / 2) forget();
    const auto begin = around.offsets[n], end = around.offsets[n + 1];
    std::size_t most = 0;
    for (const auto& field : fields_) most += std::size_t(end - begin) * field.nodes;
    if (most > places_.size()) {
      places_.resize(most);
      columns_.resize(most);
    }
    std::int32_t* place = places_.data();
    Column* const columns = columns_.data();
    const auto first = first_;
    std::int32_t found = 0;
    for (const auto [num_nodes, components, cell_nodes, node_dofs, seen] : fields_) {
      for (auto i = begin; i < end; ++i) {
        const std::int32_t* nodes = cell_nodes + std::size_t(around.cells[i]) * num_nodes;
        for (int b = 0; b < num_nodes; ++b) {
          const auto node = nodes[b];
          if (seen[node] < first) {
            seen[node] = first + found;
            columns[found] = {node_dofs[node], components, found};
            ++found;
          }
          *place++ = seen[node] - first;
        }
      }
    }
    num_columns_ = found;
  }

  std::span<const Column> columns() const { return {columns_.data(), std::size_t(num_columns_)}; }

  void forget() {
    first_ = 0;
    for (auto& seen : seen_) std::ranges::fill(seen, -1);
  }

  /// Codes of the sorted columns.
  void place_columns() {
    std::int32_t position = 0, ghost_position = 0;
    code_of_.resize(num_columns_);
    for (const auto& column : columns()) {
      const bool owned = column.dof < pattern_.num_owned;
      auto& next = owned ? position : ghost_position;
      code_of_[column.found] = static_cast<std::uint16_t>(next | (owned ? 0 : Sparsity::ghost_bit));
      next += column.components;
    }
    if (std::max(position, ghost_position) >= Sparsity::ghost_bit) {
      throw sdk::Error(sdk::ErrorKind::internal, "a matrix row has more than 32767 entries");
    }
  }

  void append_row() {
    for (const auto& column : columns()) {
      const bool owned = column.dof < pattern_.num_owned;
      auto& target = owned ? pattern_.diag_columns : pattern_.ghost_columns;
      const std::int32_t first = owned ? column.dof : column.dof - pattern_.num_owned;
      for (int c = 0; c < column.components; ++c) target.push_back(first + c);
    }
    constexpr const char* what = "entries of the matrix on one rank";
    pattern_.diag_offsets.push_back(base::narrow<PetscInt>(pattern_.diag_columns.size(), what));
    pattern_.ghost_offsets.push_back(base::narrow<PetscInt>(pattern_.ghost_columns.size(), what));
  }

  void write_codes(std::int32_t n, std::size_t fa, const NodeCells& around) {
    const std::int32_t* place = places_.data();
    for (std::size_t fb = 0; fb < fields_.size(); ++fb) {
      const int na = fields_[fa].nodes, nb = fields_[fb].nodes;
      std::uint16_t* codes = codes_[fa * fields_.size() + fb].data();
      const std::uint16_t* code_of = code_of_.data();
      for (auto i = around.offsets[n]; i < around.offsets[n + 1]; ++i) {
        std::uint16_t* row = codes + (std::size_t(around.cells[i]) * na + around.local[i]) * nb;
        for (int b = 0; b < nb; ++b) row[b] = code_of[*place++];
      }
    }
  }

  const DofMap& dofs_;
  std::vector<Field> fields_;
  linear::Pattern pattern_;
  std::vector<std::vector<std::uint16_t>> codes_;
  std::vector<std::vector<std::int32_t>> seen_;  ///< by field
  std::int32_t first_ = 0;
  std::int32_t num_columns_ = 0;        ///< of the row
  std::vector<Column> columns_;         ///< (num_columns_ or more)
  std::vector<std::int32_t> places_;    ///< (fields, cells around, nodes or more) into the order of discovery
  std::vector<std::uint16_t> code_of_;  ///< in the order of discovery
};

}  // namespace

Sparsity build_sparsity(const DofMap& dofs) { return SparsityBuilder(dofs).build(); }

}  // namespace ansatz::fem
