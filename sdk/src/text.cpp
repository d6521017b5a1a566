#include "ansatz/sdk/text.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "ansatz/sdk/terminal.hpp"

namespace ansatz::sdk {
namespace {

constexpr std::size_t longest_word = 80;  // longer ones are not typing errors of a name

std::string lower(std::string_view word) {
  std::string out(word);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// Optimal string alignment: no part is edited twice.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::vector<std::size_t>, 3> rows;  // of the table for i - 2, i - 1 and i characters of a
  for (auto& row : rows) row.resize(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) rows[2][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::rotate(rows.begin(), rows.begin() + 1, rows.end());
    auto& row = rows[2];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = rows[1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replace, rows[1][j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], rows[0][j - 2] + 1);
    }
  }
  return rows[2][b.size()];
}

constexpr char32_t no_character = 0xFFFFFFFF;

/// Length of the character of UTF-8 that begins a text which is not empty, and its code; one byte and no_character
/// where there is none.
std::pair<char32_t, std::size_t> first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};  // in fewer bytes: an overlong form
  char32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {no_character, 1};
    code = code << 6U | (byte(i) & 0x3FU);
  }
  const bool is_surrogate = code >= 0xD800 && code < 0xE000;
  if (first < 0xC2 || first > 0xF4 || code < least[length] || code > 0x10FFFF || is_surrogate) return {no_character, 1};
  return {code, length};
}

/// visit(code, bytes)
template <class Visit>
void for_characters(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const auto [code, length] = first_character(text);
    visit(code, text.substr(0, length));
    text.remove_prefix(length);
  }
}

/// C0, DEL and C1.
bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }

/// Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm, and the ends of lines that are not
/// C0.
bool turns_writing(char32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

std::string hexadecimal(char32_t code, int digits) {
  std::string out;
  while (digits-- > 0) out += "0123456789abcdef"[code >> (4 * digits) & 0xFU];
  return out;
}

template <class Stays>
std::string written_out(std::string_view text, const Stays& stays) {
  std::string out;
  for_characters(text, [&](char32_t code, std::string_view bytes) {
    if (code == no_character) {
      out += "\\x" + hexadecimal(static_cast<unsigned char>(bytes[0]), 2);
    } else if (is_control(code) && !stays(code)) {
      out += "\\x" + hexadecimal(code, 2);
    } else if (turns_writing(code)) {
      out += "\\u" + hexadecimal(code, 4);
    } else {
      out += bytes;
    }
  });
  return out;
}

/// Edits that are believable in words of this length.
std::size_t believable(std::size_t length) { return length < 2 ? 0 : std::max<std::size_t>(1, length / 3); }

}  // namespace

std::string closest(std::string_view word, std::span<const std::string> candidates) {
  if (word.size() > longest_word) return {};
  const std::string wanted = lower(word);
  std::string best;
  std::size_t best_distance = longest_word;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > longest_word) continue;
    const std::size_t d = distance(wanted, lower(candidate));
    if (d < best_distance && d <= believable(std::max(word.size(), candidate.size()))) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::string best = closest(word, candidates);
  return best.empty() ? std::string() : "did you mean \"" + best + "\"?";
}

bool has_ending(std::string_view path, std::string_view ending) {
  if (path.size() < ending.size()) return false;
  return std::ranges::equal(path.substr(path.size() - ending.size()), ending, {},
                            [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for_characters(text, [&](char32_t code, std::string_view bytes) {
    if (code == U'&') {
      out += "&amp;";
    } else if (code == U'<') {
      out += "&lt;";
    } else if (code == U'>') {
      out += "&gt;";
    } else if (code == U'"') {
      out += "&quot;";
    } else if (code == no_character || code == 0xFFFE || code == 0xFFFF) {
      out += "\xEF\xBF\xBD";
    } else if (is_control(code)) {
      out += ' ';
    } else {
      out += bytes;
    }
  });
  return out;
}

std::string printable(std::string_view text) {
  return written_out(text, [](char32_t code) { return code == U'\n' || code == U'\t'; });
}

std::string printable_line(std::string_view text) {
  return written_out(text, [](char32_t) { return false; });
}

}  // namespace ansatz::sdk
