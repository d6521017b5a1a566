#pragma once
/// The functions that expressions may call, for those who describe them.

#include <cstddef>
#include <span>
#include <string_view>

namespace ansatz::sdk {

struct ExpressionFunction {
  std::string_view name;
  std::size_t fewest, most;  ///< arguments
  std::string_view doc;
};

/// All of them; tables of a case add theirs.
std::span<const ExpressionFunction> expression_functions();

}  // namespace ansatz::sdk
