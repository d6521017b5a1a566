#pragma once
/// Text helpers for messages and files.

#include <span>
#include <string>
#include <string_view>

namespace ansatz::sdk {

/// The candidate that was most probably meant by a mistyped word; empty if none is near. Case is ignored.
///
/// Distance of Damerau and Levenshtein (insert, delete, replace, swap neighbours) of at most a third of the longer
/// word; the first of equally near candidates wins.
std::string closest(std::string_view word, std::span<const std::string> candidates);

/// "did you mean \"left\"?", or empty if no candidate is near: for the hint of an Error.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// Whether a path ends like this; case is ignored.
/// \param ending in small letters, with the dot
bool has_ending(std::string_view path, std::string_view ending);

/// Text that may stand in an element or an attribute of XML; control characters, which XML forbids, become spaces.
std::string xml_escaped(std::string_view text);

}  // namespace ansatz::sdk
