#pragma once
/// An HDF5 file whose arrays grow step by step, written by all ranks and closed between the steps.

#include <map>

#include "engine/io/hdf5/output_file.hpp"

namespace ansatz::io {

/// Appends rows to chunked datasets. One commit(): rank 0 extends the datasets, all ranks write their rows straight
/// into the new chunks, then rank 0 runs `finish` and closes the file. The file is never open between two commits, so a
/// viewer can read it and a killed run leaves a readable file; rows are visible only through what `finish` writes.
///
/// A dataset's first append sets its chunk: all its rows, at most 1 GiB, and as many such appends as are asked for
/// within 1 MiB. So each step of an unchanged mesh is one block. HDF5 finds the place of a chunk by a walk over all
/// chunks before it, so that is asked for once a chunk, and small steps share chunks: a step costs the same at any
/// length of the file.
class GrowingFile {
 public:
  using Finish = std::function<void(hid_t file, const Hdf5Context&)>;

  GrowingFile(const base::Communicator& comm, std::string path) : comm_(comm), path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  /// Replaces the file by one without objects, then runs `finish` on it. *Collective.*
  /// \param bytes upper bound of what `finish` adds
  void create(std::size_t bytes, const Finish& finish);
  /// Rows that the dataset holds, of all ranks and appends so far.
  std::int64_t num_rows(const std::string& dataset) const;
  /// Appends. `finish` runs on rank 0 alone. *Collective.* \throws Error of kind output on all ranks; the rows appended
  /// then do not count.
  void commit(std::vector<LocalRows> arrays, const Finish& finish, std::int64_t appends_per_chunk = 1);

 private:
  struct Chunk {
    std::int64_t first_row, num_rows, offset;
  };
  struct Extent {
    std::int64_t rows = 0;
    std::int64_t chunk_rows = 1;
    Chunk last{-1, 0, 0};
  };

  Extent extent_of(const LocalRows& array) const;
  void extend(std::span<const LocalRows> arrays, std::vector<std::vector<Chunk>>& chunks) const;
  std::vector<Chunk> extend(hid_t file, const LocalRows& array, const Hdf5Context& context) const;
  void run(const Finish& finish) const;

  base::Communicator comm_;
  std::string path_;
  std::map<std::string, Extent> extents_;
  std::int64_t appends_per_chunk_ = 1;  ///< of datasets that begin
};

/// Appends one entry to a rank-1 dataset that rank 0 keeps, creating it when `index` is 0 or it is missing; entries
/// before `index` that were never written are 0. Not collective.
template <class T>
void set_entry(hid_t file, const std::string& dataset, std::int64_t index, T value, const Hdf5Context& context);

}  // namespace ansatz::io
