#pragma once
/// A text file that grows entry by entry, such as a list of the steps of a run.

#include <cstdint>
#include <string>
#include <string_view>

namespace ansatz::sdk {

/// Text of such a file: head, entries with the separator between them, tail. `hide` and `show` enclose what readers skip after
/// the tail, such as "<?room " and "?>" in XML; without them (JSON) only blanks may follow the tail, and entries are short.
struct GrowingTextFormat {
  std::string head, separator, tail;
  std::string hide, show;
};

/// Appends entries at a cost that does not grow with their number. The file is complete at every moment, also for other
/// processes that read it and after a kill: it has all entries, or all but the last.
///
/// After the tail there is room for more. Where it can be hidden an entry is written there with another tail first; then one
/// write inside of one page takes away what hides it. Where it cannot, entry and tail are one write inside of one page. A full
/// room, or a page at its end, makes the file be written anew beside itself, with a quarter more of room, and renamed.
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
  std::int64_t tail_ = 0;  ///< its place in the file; 0: there is no file
  std::int64_t room_ = 0;  ///< where the room ends
};

}  // namespace ansatz::sdk
