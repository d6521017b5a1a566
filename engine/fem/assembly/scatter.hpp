#pragma once
/// Adding the element matrices and vectors of a batch into the rows that this rank owns.

#include "engine/fem/assembly/batches.hpp"
#include "engine/fem/elements/sparsity.hpp"

namespace ansatz::fem {

/// Unknowns whose rows and columns are left out.
struct Masks {
  const std::uint8_t* unknowns = nullptr;  ///< (num_local)
  const std::uint8_t* cells = nullptr;     ///< (num_cells) cells that have such an unknown; null: none has
};

/// Adds element matrices to a matrix that is open for writing; lives for one assembly.
///
/// Every entry of the matrix is summed in the order of the batches and of the lanes in them.
class MatrixScatter {
 public:
  MatrixScatter(const DofMap& dofs, const Sparsity& sparsity, Masks masks, linear::SparseMatrix& matrix);

  /// \param element (dofs_per_cell, dofs_per_cell)
  void add(const Batch& batch, const Lanes* element) const {
    for (const auto& block : blocks_) block.add(block, rows_, masks_, batch, element);
  }

  /// Values of the matrix by row.
  struct Rows {
    double* diagonal;
    double* ghost;
    const PetscInt* diagonal_offsets;
    const PetscInt* ghost_offsets;
  };
  /// A pair of fields: nodes and components of the row field (a) and of the column field (b).
  struct Block {
    int nodes_a, nodes_b, components_a, components_b;
    const std::int32_t *cell_nodes_a, *cell_nodes_b;
    const std::int32_t *node_dofs_a, *node_dofs_b;
    std::int32_t num_owned;      ///< nodes of the row field
    const std::uint16_t* codes;  ///< of Sparsity
    int first;                   ///< entry of the element matrix
    int stride;                  ///< of its rows
    void (*add)(const Block&, const Rows&, const Masks&, const Batch&, const Lanes* element);
  };

 private:
  Rows rows_;
  Masks masks_;
  std::vector<Block> blocks_;
};

/// Sets all values to zero; the matrix is open for writing.
void clear(linear::SparseMatrix& matrix);
/// Puts 1 on the diagonal of the rows that are left out. Shape (num_owned) or more; the matrix is open for writing.
void set_identity(std::span<const std::uint8_t> rows, linear::SparseMatrix& matrix);

/// Adds element vectors.
/// \param element (dofs_per_cell)
/// \param F (num_owned)
void add_to_vector(const DofMap& dofs, const Batch& batch, const Lanes* element, std::span<double> F);

/// The opposite: the values at a batch's cells, in all lanes.
/// \param values (num_local)
/// \param element (dofs_per_cell)
void gather_from_vector(const DofMap& dofs, const Batch& batch, std::span<const double> values, Lanes* element);

}  // namespace ansatz::fem
