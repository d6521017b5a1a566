#pragma once
/// What commands print.

#include <fmt/format.h>

#include <cstdio>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/terminal.hpp"

namespace ansatz::app {

/// As fmt::print(), printable(): files and cases hold texts of other people. \throws sdk::Error of kind output.
template <class... Values>
void show(fmt::format_string<Values...> format, Values&&... values) {
  const auto text = sdk::printable(fmt::format(format, std::forward<Values>(values)...));
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return;
  throw sdk::Error(sdk::ErrorKind::output, "not all could be printed", "standard output",
                   "is there space where it goes?");
}

}  // namespace ansatz::app
