#include "ansatz/sdk/text.hpp"

#include <algorithm>
#include <array>
#include <vector>

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
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

}  // namespace ansatz::sdk
