#pragma once
/// Handles of the HDF5 library with an owner, checked calls, and files read by one rank.

#include <hdf5.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/error.hpp"

namespace ansatz::io {

/// Owner of one HDF5 handle of any kind (file, group, dataset, dataspace, type, attribute, property list).
class Handle {
 public:
  Handle() = default;
  explicit Handle(hid_t id) : id_(id) {}
  Handle(Handle&& other) noexcept : id_(other.release()) {}
  Handle& operator=(Handle&& other) noexcept;
  ~Handle() { reset(); }

  hid_t get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  hid_t release();
  /// Closes the handle. \returns whether HDF5 could close it.
  bool reset();

 private:
  hid_t id_ = -1;
};

/// Which file and object a call is about, and the kind of error it means: output when writing, state when reading.
struct Hdf5Context {
  sdk::ErrorKind kind = sdk::ErrorKind::state;
  std::string file;
  std::string object;

  Hdf5Context at(const std::string& path) const { return {kind, file, path}; }
  /// Throws an Error at "file:object" with HDF5's own words after `what`.
  [[noreturn]] void fail(const std::string& what, std::string hint = {}) const;
};

/// The handle that an HDF5 call returned. \throws Error of `context` when the call failed.
Handle checked(hid_t id, const Hdf5Context& context, const char* what);
/// \throws Error of `context` when `status` is negative.
void check(herr_t status, const Hdf5Context& context, const char* what);
/// Turns off HDF5's own printing of errors; called by everything here that opens a file.
void silence_hdf5();

/// HDF5 type of double, std::int64_t, std::int32_t or std::uint8_t in memory.
template <class T>
hid_t memory_type();

/// Access for one writing process: metadata with checksums (format of HDF5 1.8), page-aligned large arrays, no lock, so
/// that a viewer which holds the file does not end a run.
Handle serial_access();

/// Whether a path leads to an object or a link. Not collective.
bool has_object(hid_t file, const std::string& path);

/// Creates an object's missing parent groups too. Each throws Error of `context` on failure. Not collective.
void create_group(hid_t file, const std::string& path, const Hdf5Context& context);
/// Scalar string dataset of fixed length, UTF-8.
void create_text(hid_t file, const std::string& path, const std::string& text, const Hdf5Context& context);
/// List of one string of variable length that is called ASCII, as VTK 9.1 reads the strings of field data; UTF-8 passes
/// through.
void create_viewer_text(hid_t file, const std::string& path, const std::string& text, const Hdf5Context& context);
/// Dataset at `path` that stands for dataset `target` of another file, named relative to this file's folder.
void create_link(hid_t file, const std::string& path, const std::string& target_file, const std::string& target,
                 const Hdf5Context& context);
/// Fixed-length string attribute of exactly text.size() bytes; ASCII where the text is. An attribute that exists is
/// overwritten and keeps its type and shape.
void set_attribute(hid_t file, const std::string& object, const std::string& name, const std::string& text,
                   const Hdf5Context& context);
/// Attribute of shape (values.size()).
void set_attribute(hid_t file, const std::string& object, const std::string& name, std::span<const std::int64_t> values,
                   const Hdf5Context& context);
/// Scalar attribute.
void set_attribute(hid_t file, const std::string& object, const std::string& name, double value,
                   const Hdf5Context& context);

/// Creation properties of a link whose parent groups are created with it.
Handle with_parents();

/// An HDF5 file open for reading by this rank alone: nothing here communicates, so a damaged file that fails on one
/// rank cannot block another. Use base::agree() around it. \throws Error of kind state with file and object.
class InputFile {
 public:
  explicit InputFile(const std::string& path);

  const std::string& path() const { return context_.file; }
  bool has(const std::string& object) const;
  bool has_attribute(const std::string& object, const std::string& name) const;
  /// Names of the members of a group, sorted; empty when there is no such group.
  std::vector<std::string> names(const std::string& group) const;
  /// Extents of a dataset; empty for a scalar.
  std::vector<std::int64_t> shape(const std::string& dataset) const;
  /// Rows first … first + count - 1 of a dataset of rank 1 or 2, row by row. Numbers are converted to T.
  template <class T>
  std::vector<T> rows(const std::string& dataset, std::int64_t first, std::int64_t count) const;
  template <class T>
  std::vector<T> all(const std::string& dataset) const;
  /// Bytes of one number of a dataset as it is stored.
  std::size_t bytes_per_number(const std::string& dataset) const;
  std::string text(const std::string& dataset) const;
  std::string text_attribute(const std::string& object, const std::string& name) const;
  std::vector<std::int64_t> integer_attribute(const std::string& object, const std::string& name) const;
  double number_attribute(const std::string& object, const std::string& name) const;

 private:
  Handle open_dataset(const std::string& dataset) const;
  Handle open_attribute(const std::string& object, const std::string& name) const;

  Hdf5Context context_;
  Handle file_;
};

}  // namespace ansatz::io
