#pragma once
/// Collects every error of a case file, so that a user sees all of them at once.

#include <string>
#include <vector>

#include "engine/input/toml/location.hpp"

namespace ansatz::input {

/// Errors of one text with their places. Not collective.
class Diagnostics {
 public:
  /// \param file name for messages
  /// \param text its content, for the marked lines
  Diagnostics(std::string file, std::string text);

  void add(const Location& at, std::string what, std::string help = {});
  bool empty() const { return entries_.empty(); }
  const std::string& file() const { return file_; }

  /// \throws Error of kind case_file with all entries in the order of the text: file:line:column, what, the line with a
  /// mark below the place, help.
  void throw_if_any() const;

  /// Marked line of the text, "" for a place outside of it.
  std::string marked_line(const Location& at) const;

 private:
  struct Entry {
    Location at;
    std::string what, help;
  };

  std::string file_;
  std::vector<std::string> lines_;
  std::vector<Entry> entries_;
};

}  // namespace ansatz::input
