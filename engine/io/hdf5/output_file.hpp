#pragma once
/// An HDF5 file written by all ranks: described first, then written and put in place by commit().

#include <functional>
#include <type_traits>
#include <utility>

#include "engine/base/communicator.hpp"
#include "engine/io/hdf5/disk.hpp"
#include "engine/io/hdf5/hdf5.hpp"

namespace ansatz::io {

/// Rows of this rank in an array that is distributed by rows over the ranks, in rank order.
struct LocalRows {
  std::string path;
  hid_t type = -1;           ///< of one entry in memory
  std::int64_t columns = 0;  ///< 0: rank 1
  std::int64_t row_bytes = 0;
  std::int64_t count = 0;  ///< rows here
  std::int64_t first = 0;  ///< global number of the first row here, set by place_rows()
  std::int64_t total = 0;  ///< over all ranks, set by place_rows()
  std::span<const std::byte> bytes;

  template <class T>
  static LocalRows of(std::string path, std::span<const T> values, int columns);
};

/// Sets `first` and `total` of all arrays. *Collective.*
void place_rows(const base::Communicator& comm, std::span<LocalRows> arrays);

/// Creates an HDF5 file with `bytes` bytes of disk reserved, so that a full disk is found before HDF5 holds data that
/// it could not write (it does not survive that). \throws Error of `context` or of kind output. Not collective.
Handle create_reserved(const Hdf5Context& context, std::int64_t bytes);

/// Opens a file for writing by this rank. \throws Error of `context`.
Handle open_for_writing(const Hdf5Context& context);
/// Closes it. \throws Error of `context` when HDF5 could not write what it held.
void close_written(Handle& file, const Hdf5Context& context);

/// What comes after the data.
enum class Ending {
  plain,
  checksum,  ///< see verify_checksum(); the file is on the disk before it gets its name, and then its name
};

/// Describes a file, then writes it: rank 0 lays it out with HDF5 alone, every rank writes its rows straight to their
/// place, and the complete file appears under its final name. A failure on any rank is one Error of kind output on all;
/// the temporary file is then removed and an older file of that name is kept.
///
/// All ranks describe the same objects in the same order. Spans given to rows() must live until commit().
///
///   OutputFile file(comm, "run/state.h5");
///   file.rows<double>("/field/values", my_values, 3);
///   file.attribute("/field/values", "unit", "m/s");
///   file.commit();
class OutputFile {
 public:
  using Step = std::function<void(hid_t file, const Hdf5Context&)>;

  OutputFile(const base::Communicator& comm, std::string path);

  /// Anything else that rank 0 does with the file before it is complete.
  /// \param bytes upper bound of what it adds
  void add(std::size_t bytes, Step step);

  void group(const std::string& path);
  void text(const std::string& path, const std::string& value);
  void link(const std::string& path, const std::string& target_file, const std::string& target);
  void attribute(const std::string& object, const std::string& name, const std::string& value);
  void attribute(const std::string& object, const std::string& name, std::vector<std::int64_t> values);
  void attribute(const std::string& object, const std::string& name, double value);

  /// Array of shape (rows of all ranks, columns), or (rows of all ranks) for columns = 0; T: double, int64, int32,
  /// uint8. Contiguous storage without fill; a rank may have no rows.
  template <class T>
  void rows(const std::string& path, std::type_identity_t<std::span<const T>> values, int columns = 0);

  void rows(LocalRows array) { arrays_.push_back(std::move(array)); }

  /// Writes everything. *Collective.* \throws Error of kind output, on all ranks.
  void commit(Ending ending = Ending::plain);

 private:
  std::vector<std::int64_t> lay_out(const std::string& temporary) const;

  base::Communicator comm_;
  std::string path_;
  std::vector<Step> steps_;  ///< what rank 0 does after it has made the arrays
  std::vector<LocalRows> arrays_;
  std::int64_t small_bytes_ = 0;  ///< estimate of everything but the arrays
};

template <class T>
LocalRows LocalRows::of(std::string path, std::span<const T> values, int columns) {
  const std::int64_t width = columns == 0 ? 1 : columns;
  if (width <= 0 || values.size() % width != 0) {
    throw sdk::Error(sdk::ErrorKind::internal, "the number of values is not a multiple of the number of columns", path);
  }
  LocalRows rows;
  rows.path = std::move(path);
  rows.type = memory_type<T>();
  rows.columns = columns;
  rows.row_bytes = width * static_cast<std::int64_t>(sizeof(T));
  rows.count = static_cast<std::int64_t>(values.size()) / width;
  rows.bytes = std::as_bytes(values);
  return rows;
}

template <class T>
void OutputFile::rows(const std::string& path, std::type_identity_t<std::span<const T>> values, int columns) {
  arrays_.push_back(LocalRows::of(path, values, columns));
}

}  // namespace ansatz::io
