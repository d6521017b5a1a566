#pragma once
/// A few entries of an assembled operator or vector at any parameters, online, from the cells that contribute to them.

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/fem/forms/patch.hpp"

namespace ansatz::reduced {

/// Of which object the entries are.
enum class EntriesOf { matrix, load, prescribed };
/// For texts and files: "operator", "right-hand side", "prescribed values".
const char* text(EntriesOf object);

/// Where an entry gets a contribution from; all numbers are within the patch.
struct EntryPlace {
  std::int64_t entry, cell;
  std::int64_t row, column;  ///< unknowns of the cell; column 0 for vectors
};

/// Assembles the cells of a patch through the physics' own kernels, and nothing else: the same numbers, bit by bit, on
/// every rank and on any number of ranks. Nothing communicates.
class PatchEntries {
 public:
  /// \param places of a matrix: all cells that have both unknowns, in any order; of a vector: one cell an entry, and
  /// all cells of its unknown are in the patch.
  /// \param setting or none, for entries that are looked at only. Looks at nothing before the first call of values().
  PatchEntries(EntriesOf object, int size, fem::Patch patch, std::vector<EntryPlace> places,
               std::shared_ptr<const fem::PatchSetting> setting);
  ~PatchEntries();

  EntriesOf object() const { return object_; }
  int size() const { return size_; }
  const fem::Patch& patch() const { return patch_; }
  const std::vector<EntryPlace>& places() const { return places_; }

  /// All entries at `mu`, shape (size). Several threads may call it: each of those at work at once has a form of its
  /// own, made at its first call; after that nothing is allocated. Not collective. \throws sdk::Error of kind state
  /// where the stored cells do not fit the problem, otherwise as fem::Form::residual().
  void values(std::span<const double> mu, std::span<double> out) const;

 private:
  class Work;
  EntriesOf object_;
  int size_;
  fem::Patch patch_;
  std::vector<EntryPlace> places_;
  std::shared_ptr<const fem::PatchSetting> setting_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Work>> idle_;
};

}  // namespace ansatz::reduced
