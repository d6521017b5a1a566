#pragma once
/// A table of a case file that knows which keys were asked for: typed getters, and an error for every key left over.

#include <toml++/toml.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/parameters.hpp"
#include "engine/input/toml/diagnostics.hpp"
#include "engine/input/toml/toml_text.hpp"

namespace ansatz::input {

/// Place of a node; that of `otherwise` where it has none.
Location location_of(const toml::node& node, const Location& otherwise);

/// For people: "a string", "a table"...
std::string type_name(const toml::node& node);

/// The number that an expression consists of, if it is one.
std::optional<double> as_number(const std::string& expression);

/// View of one table. Getters return nothing where the key is absent, or where it is wrong: that is recorded then.
class Section {
 public:
  /// \param name for messages, for example "physics.diffusion"
  /// \param owner text behind the name, for example "(plugin ...)"
  Section(const toml::table& table, std::string name, const Location& at, Diagnostics& diagnostics,
          std::string owner = {});

  bool has(const std::string& key) const { return table_->contains(key); }
  /// Also makes the key a valid one.
  /// \param doc shown with suggestions, for example "Pa s, > 0"
  const toml::node* find(const std::string& key, const std::string& doc = {});
  /// Records an error if the key is absent; returns whether it is there.
  bool require(const std::string& key, const std::string& help = {});

  std::optional<bool> boolean(const std::string& key);
  std::optional<int> integer(const std::string& key, int low, int high);
  std::optional<double> number(const std::string& key, const sdk::Range& range = sdk::any);
  std::optional<std::string> string(const std::string& key);
  std::optional<std::string> choice(const std::string& key, const std::vector<std::string>& choices);
  /// \param range of each entry
  std::optional<std::vector<double>> numbers(const std::string& key, const sdk::Range& range = sdk::any);
  std::optional<std::vector<int>> integers(const std::string& key, int low, int high);
  std::optional<std::vector<bool>> booleans(const std::string& key);
  /// A list of strings, or one string.
  std::optional<std::vector<std::string>> strings(const std::string& key);
  /// A number, an expression, a list of them, or a square matrix of them (then row by row).
  std::optional<Value> value(const std::string& key, const std::string& doc = {});
  std::optional<Section> table(const std::string& key, const std::string& owner = {});
  /// List of tables; one table counts as a list of one.
  std::vector<Section> tables(const std::string& key);

  /// Keys in the order of the text.
  std::vector<std::string> keys() const;
  /// Records an error for every key that was not asked for.
  void finish();

  void error(const std::string& what, const std::string& help = {}) const { diagnostics_->add(at_, what, help); }
  /// At the value of a key.
  void error_at(const std::string& key, const std::string& what, const std::string& help = {}) const;
  Location location(const std::string& key) const;
  const Location& at() const { return at_; }
  const std::string& name() const { return name_; }
  const std::string& owner() const { return owner_; }
  Diagnostics& diagnostics() const { return *diagnostics_; }

 private:
  Location key_location(const std::string& key) const;
  std::string path(const std::string& key) const { return name_.empty() ? key : name_ + "." + key; }
  void wrong_type(const std::string& key, const toml::node& node, const std::string& expected);
  std::optional<double> number_of(const std::string& key, const toml::node& node, const sdk::Range& range);
  std::optional<int> integer_of(const std::string& key, const toml::node& node, int low, int high);
  bool append_component(const std::string& key, const toml::node& node, Value& value);
  bool append_list(const std::string& key, const toml::array& list, Value& value);

  const toml::table* table_;
  std::string name_;
  Location at_;
  Diagnostics* diagnostics_;
  std::string owner_;
  std::map<std::string, std::string> known_;
};

}  // namespace ansatz::input
