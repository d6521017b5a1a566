#pragma once
/// Names that can be used in cases.

#include <set>
#include <string>

namespace ansatz::conformance {

/// Lower-case identifiers, each once.
class Names {
 public:
  /// \throws Failure for a name that is none, or there already.
  void add(const std::string& kind, const std::string& name);

 private:
  std::set<std::string> names_;
};

/// \throws Failure where there is no text or no unit.
void check_documented(const std::string& kind, const std::string& name, const std::string& unit,
                      const std::string& doc);

}  // namespace ansatz::conformance
