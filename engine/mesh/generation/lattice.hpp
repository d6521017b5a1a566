#pragma once
/// A lattice of cells, cut into one block per rank, with the numbers of its vertices. For box() only.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ansatz::mesh {

/// One integer per direction: numbers, or positions on the axes of a lattice. Directions that a mesh does not have: 1,
/// 0.
using Triple = std::array<int, 3>;

/// Corner x + 2 y + 4 z of a lattice cell has the offsets (x, y, z) in {0, 1}; the centre is number 8.
constexpr int centre_corner = 8;

/// Blocks per direction, at most `size` of them: least work (cells and half the ghosts) of the largest block, then the
/// largest number of blocks, then cuts across the slowest direction.
Triple choose_blocks(int size, const Triple& cells);

/// One direction of the lattice: the cells of a block, with the ghosts around them.
struct Axis {
  int num_cells = 1;  ///< of the whole lattice
  int num_blocks = 1;
  bool periodic = false;
  int owned_begin = 0;  ///< positions in `cells`
  int owned_end = 0;
  std::vector<int> cells;  ///< lattice cells, in order, modulo num_cells

  int size() const { return static_cast<int>(cells.size()); }
  bool is_owned(int i) const { return i >= owned_begin && i < owned_end; }
  int block_of(int cell) const { return static_cast<int>(((cell + std::int64_t{1}) * num_blocks - 1) / num_cells); }
};

/// A lattice with the block of one rank; empty where the rank has none. Blocks are numbered x fastest.
class Lattice {
 public:
  Lattice(int dim, const Triple& cells, const std::array<bool, 3>& periodic, const Triple& blocks, int rank);

  int dim() const { return dim_; }
  const Axis& axis(int d) const { return axes_[d]; }
  std::int64_t num_global_cells() const;
  std::int64_t num_owned_cells() const;
  std::int64_t num_local_cells() const { return std::int64_t{1} * axes_[0].size() * axes_[1].size() * axes_[2].size(); }
  /// Global number of the lattice cell at these positions, x fastest.
  std::int64_t cell_id(const Triple& at) const;
  /// Rank that owns the lattice cell at these positions.
  std::int32_t owner(const Triple& at) const;
  bool is_owned(const Triple& at) const;
  /// Whether the side of this lattice cell (2 d: low, 2 d + 1: high) is a side of the box.
  bool is_exterior(const Triple& at, int side) const {
    const auto& axis = axes_[side / 2];
    return !axis.periodic && axis.cells[at[side / 2]] == (side % 2 == 0 ? 0 : axis.num_cells - 1);
  }

  /// visit(j, k) for every row of owned cells.
  template <class Visit>
  void for_owned_rows(const Visit& visit) const {
    for (int k = axes_[2].owned_begin; k < axes_[2].owned_end; ++k) {
      for (int j = axes_[1].owned_begin; j < axes_[1].owned_end; ++j) visit(j, k);
    }
  }
  /// visit(Triple) for every owned cell.
  template <class Visit>
  void for_owned(const Visit& visit) const {
    for_owned_rows([&](int j, int k) {
      for (int i = axes_[0].owned_begin; i < axes_[0].owned_end; ++i) visit(Triple{i, j, k});
    });
  }
  /// visit(Triple) for every ghost cell.
  template <class Visit>
  void for_ghosts(const Visit& visit) const {
    for (int k = 0; k < axes_[2].size(); ++k) {
      for (int j = 0; j < axes_[1].size(); ++j) {
        const bool owned_row = axes_[1].is_owned(j) && axes_[2].is_owned(k);
        for (int i = 0; i < axes_[0].size(); ++i) {
          if (owned_row && i == axes_[0].owned_begin) i = axes_[0].owned_end;
          if (i < axes_[0].size()) visit(Triple{i, j, k});
        }
      }
    }
  }

 private:
  int dim_;
  std::array<Axis, 3> axes_;
};

/// Local numbers of the vertices (identified across periodic directions) or points (not identified) of a lattice: those
/// of owned cells first (lattice, then centres), the others on demand. Ids: the lattice x fastest, then the centres.
class Numbering {
 public:
  Numbering(const Lattice& lattice, bool identify, bool with_centres);

  /// Numbers at `corners` of owned cell after owned cell.
  void fill_owned(std::span<const int> corners, std::int32_t* out) const;
  /// Number of a corner of any cell of the part.
  std::int32_t number_at(const Triple& at, int corner) {
    return number(layer(0, at, corner), layer(1, at, corner), layer(2, at, corner));
  }
  /// Number of the centre of a ghost cell; call once a cell.
  std::int32_t add_centre(const Triple& at);
  /// Whether the corner is a vertex of an owned cell.
  bool touches_owned(const Triple& at, int corner) const;

  const std::vector<std::int64_t>& ids() const { return ids_; }
  /// Vertices or points of the whole lattice, without centres.
  std::int64_t num_global() const {
    return std::int64_t{1} * layers_[0].num_global * layers_[1].num_global * layers_[2].num_global;
  }
  /// Lattice coordinates of an id: whole numbers, or halves for a centre.
  std::array<double, 3> position(std::int64_t id) const;

 private:
  /// Lattice coordinates of vertices or points along an axis.
  struct Layers {
    int num_global = 1;
    std::vector<int> global{0};        ///< (num_layers)
    std::vector<char> owned{1};        ///< (num_layers) touches an owned cell
    std::vector<int> low{0}, high{0};  ///< (axis.size()) layers of each cell
  };
  static Layers make_layers(const Axis& axis, bool identify);

  std::size_t num_layers(int d) const { return layers_[d].global.size(); }
  int layer(int d, const Triple& at, int corner) const {
    return (corner >> d) & 1 ? layers_[d].high[at[d]] : layers_[d].low[at[d]];
  }
  std::size_t row(std::size_t y, std::size_t z) const { return (z * num_layers(1) + y) * num_layers(0); }
  std::int32_t number(int x, int y, int z);

  const Lattice& lattice_;
  std::array<Layers, 3> layers_;       ///< one layer in directions that the mesh does not have
  std::vector<std::int32_t> numbers_;  ///< (layers z, y, x), -1: not used here
  std::vector<std::int64_t> ids_;
  std::int32_t first_centre_ = 0;
};

}  // namespace ansatz::mesh
