#include "expression_lexer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "ansatz/sdk/error.hpp"

namespace ansatz::sdk::detail {
namespace {

constexpr std::array<std::string_view, 5> long_marks{"<=", ">=", "==", "!=", "**"};
constexpr std::string_view marks = "+-*/^()<>,?:";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
char printable(char c) { return c >= ' ' && c <= '~' ? c : is_space(c) ? ' ' : '?'; }

/// Two lines: the text around the token, and a mark below the token.
std::string marked(std::string_view text, const Token& token) {
  constexpr std::size_t before = 40;
  constexpr std::size_t width = 76;
  const std::size_t begin = token.at > before ? token.at - before : 0;
  std::string line(text.substr(begin, width));
  std::transform(line.begin(), line.end(), line.begin(), printable);
  const std::size_t column = token.at - begin;
  const std::size_t length = std::min(std::max<std::size_t>(token.text.size(), 1), width - column);
  return "\n    " + line + "\n    " + std::string(column, ' ') + '^' + std::string(length - 1, '~');
}

}  // namespace

std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_letter(text[length])) {
    while (length < text.size() && (is_letter(text[length]) || is_digit(text[length]))) ++length;
    const bool joined = length + 1 < text.size() && text[length] == '.' && is_letter(text[length + 1]);
    if (!joined) break;
    ++length;
  }
  return length;
}

void Lexer::fail(const Token& token, const std::string& what, const std::string& hint) const {
  throw Error(ErrorKind::case_file, what + " (column " + std::to_string(token.at + 1) + ")" + marked(text_, token),
              where_, hint);
}

Token Lexer::take(TokenKind kind, std::size_t length) {
  const Token token{kind, at_, text_.substr(at_, length), 0.0};
  at_ += length;
  return token;
}

Token Lexer::number() {
  double value = 0.0;
  const char* begin = text_.data() + at_;
  const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
  Token token = take(TokenKind::number, std::max<std::size_t>(1, static_cast<std::size_t>(end - begin)));
  if (error != std::errc()) fail(token, "this number is too large or too small", "numbers lie within 1e-308 and 1e308");
  token.value = value;
  return token;
}

Token Lexer::next() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  if (at_ == text_.size()) return take(TokenKind::end, 0);
  const char c = text_[at_];
  const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (is_digit(c) || (c == '.' && is_digit(after))) return number();
  if (is_letter(c)) return take(TokenKind::name, name_length(text_.substr(at_)));
  const auto starts_here = [&](std::string_view mark) { return text_.substr(at_, mark.size()) == mark; };
  if (std::any_of(long_marks.begin(), long_marks.end(), starts_here)) return take(TokenKind::mark, 2);
  if (marks.find(c) != std::string_view::npos) return take(TokenKind::mark, 1);
  const Token token = take(TokenKind::mark, 1);
  if (c == '=') fail(token, "a single = compares nothing", "write == to compare");
  if (c == '&' || c == '|' || c == '!') fail(token, "this operator does not exist", "write and, or, not");
  if (c == '%') fail(token, "this operator does not exist", "the remainder of a/b is a - b*floor(a/b)");
  fail(token, "this character cannot be used in an expression",
       "use ASCII letters, digits, parentheses and the operators + - * / ^ < <= > >= == !=");
}

}  // namespace ansatz::sdk::detail
