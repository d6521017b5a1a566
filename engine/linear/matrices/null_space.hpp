#pragma once
/// Null and near-null spaces of a matrix, as orthonormal vectors.

#include <optional>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/linear/matrices/matrix.hpp"

namespace ansatz::linear {

/// An orthonormal basis of given vectors; of those that depend on earlier ones nothing is kept.
class Modes {
 public:
  Modes() = default;
  /// \param vectors owned parts, each (num_owned) \throws sdk::Error of kind internal for wrong lengths, of kind
  /// not_finite for values that are not finite. *Collective.*
  Modes(const base::Communicator& comm, std::vector<std::vector<double>> vectors);

  bool empty() const { return basis_.empty(); }

  /// Declares the vectors to `matrix` as its near-null space (none: takes away what was declared). *Collective.*
  void attach_near(const SparseMatrix& matrix) const;
  /// Declares them as null space, of the transposed too when `symmetric`. *Collective.*
  /// \throws sdk::Error of kind solver when || A n || > 1e-8 || |A| |n| || for one of them.
  void attach(const SparseMatrix& matrix, bool symmetric) const;

  /// Removes from `vector` its part in the space; returns || part || / || vector ||. *Collective.*
  /// \param largest a larger ratio is an error; negative: no limit
  /// \throws sdk::Error of kind solver
  double remove_from(std::span<double> vector, double largest) const;

 private:
  base::NullSpaceHandle petsc(const SparseMatrix& matrix) const;

  std::optional<base::Communicator> comm_;
  std::vector<std::vector<double>> basis_;
};

}  // namespace ansatz::linear
