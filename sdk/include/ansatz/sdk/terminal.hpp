#pragma once
/// Texts of other people on terminals.

#include <string>
#include <string_view>

namespace ansatz::sdk {

/// Text that a terminal only shows: what would command it is written out. Control characters and bytes that are no
/// UTF-8 come as \x1b, characters that turn the direction of writing as \u202e. Ends of lines and tabs stay.
std::string printable(std::string_view text);
/// The same for a text that is one line, as titles and units are: ends of lines and tabs come as \x0a and \x09.
std::string printable_line(std::string_view text);

}  // namespace ansatz::sdk
