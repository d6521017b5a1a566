#pragma once
/// The kinds of quantities of a case.

#include <string>
#include <vector>

#include "engine/input/case.hpp"
#include "engine/input/toml/key_info.hpp"

namespace ansatz::input {

/// What a kind of quantity is. How it is computed is in quantities/quantities.cpp.
struct QuantityKind {
  QuantitySpec::Kind kind;
  const char* name;   ///< of its key
  const char* takes;  ///< what its key holds, for people
  const char* doc;
  std::vector<std::string> keys;  ///< of "at", "on", "region", "type", "of", "after": those that it may have
  const char* no_bound = "";      ///< why reduced models give no bound for it; empty: it is linear in the fields
};
const std::vector<QuantityKind>& quantity_kinds();
const QuantityKind& quantity_kind(QuantitySpec::Kind kind);
/// A key of quantities beside that of their kind.
KeyInfo quantity_key(const std::string& name);

}  // namespace ansatz::input
