#pragma once
/// States of runs on disk: everything that influences later steps, for any number of ranks.

#include <map>
#include <string>
#include <vector>

#include "ansatz/sdk/time.hpp"
#include "engine/fem/elements/dofs.hpp"
#include "engine/io/hdf5/keyed_rows.hpp"

namespace ansatz::io {

/// What a checkpoint is of.
struct CheckpointInfo {
  std::string fingerprint;  ///< of the problem, as text
  double time = 0.0;        ///< [s]
  std::int64_t step = 0;
  int ranks = 1;  ///< that wrote it
};

/// Takes the values of one state, then writes them.
class CheckpointWriter final : public sdk::StateArchive {
 public:
  /// \param dofs of the unknowns; null where every rank holds all of them
  CheckpointWriter(const base::Communicator& comm, const fem::DofMap* dofs) : comm_(comm), dofs_(dofs) {}

  bool loading() const override { return false; }
  void numbers(const std::string& name, std::vector<double>& values) override;
  void unknowns(const std::string& name, std::vector<double>& values) override;
  void rows(const std::string& name, std::span<const std::int64_t> owned_cells, std::vector<std::int64_t>& cells,
            std::vector<double>& values, int width) override;

  /// The file appears complete or not at all, with a checksum. *Collective.* \throws sdk::Error of kind output.
  void commit(const std::string& path, const CheckpointInfo& info) const;

 private:
  base::Communicator comm_;
  const fem::DofMap* dofs_;
  std::map<std::string, std::vector<double>> numbers_, unknowns_;
  std::map<std::string, KeyedRows> rows_;
};

/// Gives the values of a file back, to any number of ranks.
class CheckpointReader final : public sdk::StateArchive {
 public:
  /// Reads the whole file once for its checksum. *Collective.* \throws sdk::Error of kind state for a file that is
  /// missing, damaged or none.
  CheckpointReader(const base::Communicator& comm, const fem::DofMap* dofs, const std::string& path);

  const CheckpointInfo& info() const { return info_; }
  bool loading() const override { return true; }
  /// Values that have a length keep it. \throws sdk::Error of kind state with the file's name where it has no such
  /// values, or unknowns of another length. *Collective.*
  void numbers(const std::string& name, std::vector<double>& values) override;
  void unknowns(const std::string& name, std::vector<double>& values) override;
  void rows(const std::string& name, std::span<const std::int64_t> owned_cells, std::vector<std::int64_t>& cells,
            std::vector<double>& values, int width) override;

 private:
  KeyedRows share_of_rows(const std::string& values, const std::string& keys, int columns) const;
  [[noreturn]] void fail_missing(const std::string& name) const;
  bool owned_unknowns(const std::string& name, std::vector<double>& values);

  base::Communicator comm_;
  const fem::DofMap* dofs_;
  std::string path_;
  CheckpointInfo info_;
};

}  // namespace ansatz::io
