#pragma once
/// A text file that grows entry by entry, such as a list of the steps of a run.

#include <cstdint>
#include <string>
#include <string_view>

namespace ansatz::sdk {

/// Text of such a file: head, entries with the separator between them, tail. `hide` and `show` enclose what readers
/// skip after the tail, such as "<?room " and "?>" in XML; without them (JSON) blanks before the tail are skipped.
struct GrowingTextFormat {
  std::string head, separator, tail;
  std::string hide, show;
};

/// Which file it is, whatever its name.
struct FileIdentity {
  std::uint64_t device = 0, node = 0;
  bool operator==(const FileIdentity&) const = default;
};

/// Appends entries at a cost that does not grow with their number. The file is complete at every moment, also for other
/// processes that read it and after a kill: it has all entries, or all but the last.
///
/// There is room for more: before the tail, where blanks are skipped and an entry is one write inside of one page; or
/// hidden after it, where an entry is written with another tail first, and then one write inside of one page takes away
/// what hides it. A full room, or an entry that is longer than a page, makes the file be written anew beside itself,
/// with a quarter more of room, and renamed. A file that another program has put there is left alone: an error.
class GrowingText {
 public:
  /// Nothing is written before the first append(), which replaces an older file.
  GrowingText(std::string path, GrowingTextFormat format) : path_(std::move(path)), format_(std::move(format)) {}

  /// \throws Error of kind output. Not collective.
  void append(std::string_view entry);

 private:
  bool append_in_place(std::string_view text);
  void write_anew(std::string_view text);
  std::int64_t place_of_tail(std::int64_t from) const;

  std::string path_;
  GrowingTextFormat format_;
  FileIdentity identity_;
  std::int64_t tail_ = 0;  ///< its place in the file, or that of the room before it; 0: there is no file
  std::int64_t room_ = 0;  ///< where the room ends
};

}  // namespace ansatz::sdk
