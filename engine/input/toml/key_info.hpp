#pragma once
/// What the keys of a case file are: from these facts come its reader, `effective.toml`, the JSON schema, `ansatz
/// describe case` and the reference page.

#include <string>
#include <vector>

#include "ansatz/sdk/physics_interface.hpp"

namespace ansatz::input {

enum class KeyType {
  boolean,
  integer,
  number,
  text,
  word,        ///< one of some
  expression,  ///< a number, or an expression as text
  booleans,
  integers,
  numbers,
  texts,   ///< a list of texts, or one
  values,  ///< a number, an expression, a list of them, or a square matrix
  table,
  tables,  ///< a list of tables
  pairs    ///< a list of lists of two texts
};

struct KeyInfo {
  std::string name;
  KeyType type = KeyType::text;
  std::string doc = {};                 ///< what it means
  std::string unit = {};                ///< empty: none
  sdk::Range range = sdk::any;          ///< of a number, or of each number of a list
  std::vector<std::string> words = {};  ///< that it may be; empty: any
  std::string initial = {};  ///< what holds where it is absent: text of TOML, or words; empty: nothing to say
  bool is_value = false;     ///< `initial` is text of TOML
  bool required = false;
  std::vector<KeyInfo> keys = {};  ///< of a table, or of each of the tables
  std::vector<KeyInfo> others =
      {};  ///< one: what further keys are, whose names are free; it has the kind of name as its own
  std::vector<KeyInfo> alternatives = {};  ///< what it may be instead: one of these, of which each says a type
  std::size_t least = 0, most = 0;         ///< entries of a list; 0: any number
};

/// A table with these keys.
inline KeyInfo table_info(const std::string& name, const std::string& doc, std::vector<KeyInfo> keys) {
  return {.name = name, .type = KeyType::table, .doc = doc, .keys = std::move(keys)};
}

/// A table whose keys have free names, each as `entry`.
inline KeyInfo open_table_info(const std::string& name, const std::string& doc, KeyInfo entry) {
  return {.name = name, .type = KeyType::table, .doc = doc, .others = {std::move(entry)}};
}

}  // namespace ansatz::input
