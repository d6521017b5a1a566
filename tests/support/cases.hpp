#pragma once
/// The cases that the project ships.

#include <cstdlib>
#include <string>

namespace ansatz::test {

/// Folder of a case under cases/.
inline std::string case_folder(const std::string& name) {
  const char* source = std::getenv("ANSATZ_SOURCE");
  return std::string(source == nullptr ? "." : source) + "/cases/" + name;
}

}  // namespace ansatz::test
