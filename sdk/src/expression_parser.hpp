#pragma once
/// From text to syntax tree.

#include <string>
#include <string_view>

#include "expression_tree.hpp"

namespace ansatz::sdk::detail {

/// A number. \throws Error of kind case_file.
NodePtr parse(std::string_view text, const SymbolTable& symbols, const std::string& where);

/// Whether the name is an operator, such as "and".
bool is_keyword(std::string_view name);
/// Whether the name is a function, such as "sin" or "if".
bool is_function(std::string_view name);
bool is_identifier(std::string_view name);

}  // namespace ansatz::sdk::detail
