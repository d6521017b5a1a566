#include "engine/input/toml/diagnostics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <tuple>

#include "ansatz/sdk/error.hpp"

namespace ansatz::input {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.'; }

/// Byte of the `column`-th character (from 1), at most the length.
std::size_t byte_of_column(const std::string& line, int column) {
  std::size_t at = 0;
  for (int c = 1; c < column && at < line.size(); ++c) {
    ++at;
    while (at < line.size() && continues_character(line[at])) ++at;
  }
  return at;
}

/// Length of the word or quoted text at a byte.
std::size_t token_length(const std::string& line, std::size_t at) {
  if (at >= line.size()) return 1;
  std::size_t end = at + 1;
  if (line[at] == '"' || line[at] == '\'') {
    end = line.find(line[at], at + 1);
    return end == std::string::npos ? 1 : end - at + 1;
  }
  if (is_word(line[at])) {
    while (end < line.size() && is_word(line[end])) ++end;
  }
  return end - at;
}

}  // namespace

std::string Location::text() const { return line > 0 ? fmt::format("{}:{}:{}", file, line, column) : file; }

Diagnostics::Diagnostics(std::string file, std::string text) : file_(std::move(file)) {
  std::istringstream in(std::move(text));
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines_.push_back(std::move(line));
  }
}

void Diagnostics::add(const Location& at, std::string what, std::string help) {
  entries_.push_back({at, std::move(what), std::move(help)});
}

std::string Diagnostics::marked_line(const Location& at) const {
  constexpr std::size_t longest = 160;
  if (at.file != file_ || at.line < 1 || at.line > static_cast<int>(lines_.size())) return {};
  std::string line = lines_[at.line - 1];
  const auto byte = byte_of_column(line, at.column);
  if (byte > longest) return {};
  const auto length = std::min(token_length(line, byte), longest - byte);
  const auto characters = std::max(1, at.column) - 1;
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  if (line.size() > longest) {
    line.resize(longest);
    while (!line.empty() && continues_character(line.back())) line.pop_back();
    line += " ...";
  }
  return fmt::format("\n {:5} | {}\n       | {}^{}", at.line, line, std::string(characters, ' '),
                     std::string(length > 0 ? length - 1 : 0, '~'));
}

void Diagnostics::throw_if_any() const {
  using sdk::Error, sdk::ErrorKind;
  if (entries_.empty()) return;
  auto sorted = entries_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
  });
  if (sorted.size() == 1) {
    const auto& only = sorted.front();
    throw Error(ErrorKind::case_file, only.what + marked_line(only.at), only.at.text(), only.help);
  }
  std::string all = fmt::format("{} errors in {}", sorted.size(), file_);
  for (const auto& entry : sorted) {
    all += fmt::format("\n{}: error: {}{}", entry.at.text(), entry.what, marked_line(entry.at));
    if (!entry.help.empty()) all += "\n  help: " + entry.help;
  }
  throw Error(ErrorKind::case_file, all);
}

}  // namespace ansatz::input
