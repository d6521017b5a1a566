#pragma once
/// Tokens of an expression, and errors that point at one.

#include <string>
#include <string_view>

namespace ansatz::sdk::detail {

enum class TokenKind { number, name, mark, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t at = 0;     ///< offset of its first character
  std::string_view text;  ///< empty at the end
  double value = 0.0;     ///< of a number
};

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// Length of the name that begins here; parts may be joined by dots. 0 if none does.
std::size_t name_length(std::string_view text);

class Lexer {
 public:
  Lexer(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  /// \throws Error of kind case_file for a character or number that cannot be read.
  Token next();
  /// \throws Error of kind case_file with the column and the text marked at the token.
  [[noreturn]] void fail(const Token& token, const std::string& what, const std::string& hint = {}) const;

 private:
  Token take(TokenKind kind, std::size_t length);
  Token number();

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
};

}  // namespace ansatz::sdk::detail
