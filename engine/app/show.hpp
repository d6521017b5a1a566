#pragma once
/// What commands print.

#include <fmt/format.h>

#include <cstdio>

#include "ansatz/sdk/terminal.hpp"

namespace ansatz::app {

/// As fmt::print(), printable(): files and cases hold texts of other people.
template <class... Values>
void show(fmt::format_string<Values...> format, Values&&... values) {
  const auto text = sdk::printable(fmt::format(format, std::forward<Values>(values)...));
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace ansatz::app
