#pragma once
/// Entries of an assembled problem at many parameters, as interpolation samples them.

#include <map>

#include "engine/reduced/separation/entries_problem.hpp"
#include "engine/reduced/separation/patch_entries.hpp"

namespace ansatz::reduced {

/// Assembles a problem and keeps what it may.
class EntrySamples {
 public:
  /// problem must outlive this. *Collective.*
  explicit EntrySamples(const EntriesProblem& problem);

  /// Canonical keys of an object's entries on this rank, the same on any number of ranks.
  const std::vector<std::int64_t>& keys(EntriesOf object) const { return keys_[static_cast<int>(object)]; }
  /// Entries at `mu`; valid until the next call. *Collective.*
  std::span<const double> at(EntriesOf object, std::span<const double> mu);
  /// Largest |entry| at `mu` over all ranks. *Collective.*
  double size(EntriesOf object, std::span<const double> mu);

  /// The matrix at `mu`, zero in the rows of constrained unknowns. *Collective.*
  std::unique_ptr<linear::SparseMatrix> matrix(std::span<const double> mu);
  /// Row and column of an entry of a matrix of this rank, as local unknowns.
  std::pair<std::int32_t, std::int32_t> unknowns(std::size_t index) const;

 private:
  using Entries = std::array<std::vector<double>, 3>;  ///< by object
  Entries assemble(std::span<const double> mu);
  const Entries& entries(std::span<const double> mu);
  std::unique_ptr<linear::SparseMatrix> new_matrix() const;
  void assemble_matrix(linear::SparseMatrix& matrix) const;

  const EntriesProblem& problem_;
  const fem::DofMap& dofs_;
  const base::Communicator& comm_;
  std::array<std::vector<std::int64_t>, 3> keys_;
  std::unique_ptr<linear::SparseMatrix> matrix_;
  std::map<std::vector<double>, Entries> kept_;
  std::size_t most_kept_ = 0;
  std::vector<double> last_mu_;
  Entries last_;
};

}  // namespace ansatz::reduced
