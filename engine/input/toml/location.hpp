#pragma once
/// Places in a case file, and values as they are written there.

#include <string>
#include <vector>

namespace ansatz::input {

/// Place in a case file, or "--set key=value" for an override.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;
  std::string text() const;  ///< "file:line:column"
};

/// A value as written: one expression per component (numbers are printed with 17 digits). Component "free" means none.
struct Value {
  std::vector<std::string> components;
  Location at;
};

}  // namespace ansatz::input
