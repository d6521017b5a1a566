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
  texts,       ///< a list of texts, or one
  values,      ///< a number, an expression, a list of them, or a square matrix
  value_list,  ///< a list of what `values` may be
  table,
  tables,  ///< a list of tables
  pairs,   ///< a list of lists of two texts
  any      ///< whatever a plugin makes of it
};

struct KeyRule;

/// What keys of free names may be called.
struct KeyNames {
  bool must_be_identifiers = false;     ///< letters, digits and _, not beginning with a digit
  std::vector<std::string> words = {};  ///< one of these; empty: any
  std::vector<std::string> taken = {};  ///< none of these
};

struct KeyInfo {
  std::string name;
  KeyType type = KeyType::text;
  std::string doc = {};                 ///< what it means
  std::string unit = {};                ///< empty: none
  sdk::Range range = sdk::any;          ///< of a number, or of each number of a list
  std::vector<std::string> words = {};  ///< that it may be, also of an expression; empty: any
  std::string initial = {};  ///< what holds where it is absent: text of TOML, or words; empty: nothing to say
  bool is_value = false;     ///< `initial` is text of TOML
  bool required = false;
  std::vector<KeyInfo> keys = {};  ///< of a table, or of each of the tables
  std::vector<KeyInfo> others =
      {};  ///< one: what further keys are, whose names are free; it has the kind of name as its own
  std::vector<KeyInfo> alternatives = {};  ///< what it may be instead: one of these, of which each says a type
  std::size_t least = 0, most = 0;         ///< entries of a list, keys of a table; 0: any number
  bool distinct = false;                   ///< no entry of a list twice
  std::string pattern = {};         ///< regular expression that a text, or each of a list, is as a whole; empty: any
  KeyNames names = {};              ///< of `others`
  std::vector<KeyRule> rules = {};  ///< of a table
};

/// What a table may be, beyond its keys one by one.
struct KeyCondition {
  enum class Kind {
    fits,  ///< there is such a key, and its value is as described
    all,   ///< of the parts
    any,   ///< one or more of the parts
    one,   ///< exactly one of the parts
    none   ///< of the parts
  };
  Kind kind = Kind::all;
  std::string key = {};                  ///< of fits; with dots in a table within, as `time.step`
  std::vector<KeyInfo> value = {};       ///< of fits, one; empty: anything
  std::vector<KeyCondition> parts = {};  ///< of the others
};

/// What keys demand of each other, for schemas: where a table is as `when` says, it must be as `then` says. Readers
/// have words of their own for each; tests compare the two.
struct KeyRule {
  KeyCondition when, then;
};

inline KeyCondition all_of(std::vector<KeyCondition> parts) {
  return {.kind = KeyCondition::Kind::all, .parts = std::move(parts)};
}
inline KeyCondition any_of(std::vector<KeyCondition> parts) {
  return {.kind = KeyCondition::Kind::any, .parts = std::move(parts)};
}
inline KeyCondition one_of(std::vector<KeyCondition> parts) {
  return {.kind = KeyCondition::Kind::one, .parts = std::move(parts)};
}
inline KeyCondition none_of(std::vector<KeyCondition> parts) {
  return {.kind = KeyCondition::Kind::none, .parts = std::move(parts)};
}
/// There is such a key.
inline KeyCondition has(const std::string& key) { return {.kind = KeyCondition::Kind::fits, .key = key}; }
/// Each of them, for the conditions of several.
inline std::vector<KeyCondition> has_each(const std::vector<std::string>& keys) {
  std::vector<KeyCondition> parts;
  for (const auto& key : keys) parts.push_back(has(key));
  return parts;
}
/// There is such a key, and its value is as described.
inline KeyCondition fits(const std::string& key, KeyInfo value) {
  return {.kind = KeyCondition::Kind::fits, .key = key, .value = {std::move(value)}};
}
/// There is such a key, and its value is one of these words.
inline KeyCondition is(const std::string& key, const std::vector<std::string>& words) {
  return fits(key, {.name = key, .type = KeyType::word, .words = words});
}
/// There is such a key, and its value is true.
inline KeyCondition is_true(const std::string& key) {
  return fits(key, {.name = key, .type = KeyType::boolean, .words = {"true"}});
}

/// A table with these keys.
inline KeyInfo table_info(const std::string& name, const std::string& doc, std::vector<KeyInfo> keys,
                          std::vector<KeyRule> rules = {}) {
  return {.name = name, .type = KeyType::table, .doc = doc, .keys = std::move(keys), .rules = std::move(rules)};
}

/// A table whose keys have free names, each as `entry`.
inline KeyInfo open_table_info(const std::string& name, const std::string& doc, KeyInfo entry, KeyNames names = {}) {
  return {.name = name, .type = KeyType::table, .doc = doc, .others = {std::move(entry)}, .names = std::move(names)};
}

}  // namespace ansatz::input
