#pragma once
/// One description of the keys of a section: reads them, writes them, and says what they are.

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "engine/input/toml/key_info.hpp"
#include "engine/input/toml/section.hpp"
#include "engine/input/toml/toml_text.hpp"

namespace ansatz::input {

/// The keys of a table that becomes a Spec, in the order in which they are written. Each `add` function describes one
/// key and where its value goes; remarks on the last one follow.
///
///   keys.number("minutes", &CheckpointSpec::minutes, sdk::nonnegative, "wall time between checkpoints; 0: by
///   steps").unit("min");
template <class Spec>
class Keys {
 public:
  using Text = std::function<std::optional<std::string>(const Spec&)>;
  using Read = std::function<bool(Section&, Spec&)>;

  Keys& number(const std::string& name, double Spec::*to, const sdk::Range& range, const std::string& doc) {
    add(
        {name, KeyType::number, doc, {}, range},
        [=](Section& from, Spec& spec) { return assign(from.number(name, range), spec.*to); },
        [=](const Spec& spec) { return toml_number(spec.*to); });
    return *this;
  }
  Keys& number(const std::string& name, std::optional<double> Spec::*to, const sdk::Range& range,
               const std::string& doc) {
    add(
        {name, KeyType::number, doc, {}, range},
        [=](Section& from, Spec& spec) { return assign(from.number(name, range), spec.*to); },
        [=](const Spec& spec) -> std::optional<std::string> {
          if (!(spec.*to)) return std::nullopt;
          return toml_number(*(spec.*to));
        });
    return *this;
  }
  Keys& integer(const std::string& name, int Spec::*to, int low, int high, const std::string& doc) {
    add(
        {name, KeyType::integer, doc, {}, {double(low), double(high), false, false}},
        [=](Section& from, Spec& spec) { return assign(from.integer(name, low, high), spec.*to); },
        [=](const Spec& spec) { return std::to_string(spec.*to); });
    return *this;
  }
  Keys& integer(const std::string& name, std::optional<int> Spec::*to, int low, int high, const std::string& doc) {
    add(
        {name, KeyType::integer, doc, {}, {double(low), double(high), false, false}},
        [=](Section& from, Spec& spec) { return assign(from.integer(name, low, high), spec.*to); },
        [=](const Spec& spec) -> std::optional<std::string> {
          if (!(spec.*to)) return std::nullopt;
          return std::to_string(*(spec.*to));
        });
    return *this;
  }
  Keys& boolean(const std::string& name, bool Spec::*to, const std::string& doc) {
    add(
        {name, KeyType::boolean, doc}, [=](Section& from, Spec& spec) { return assign(from.boolean(name), spec.*to); },
        [=](const Spec& spec) { return std::string(spec.*to ? "true" : "false"); });
    return *this;
  }
  Keys& text(const std::string& name, std::string Spec::*to, const std::string& doc) {
    add(
        {name, KeyType::text, doc}, [=](Section& from, Spec& spec) { return assign(from.string(name), spec.*to); },
        [=](const Spec& spec) { return toml_string(spec.*to); });
    return *this;
  }
  /// One of some words.
  Keys& word(const std::string& name, std::string Spec::*to, const std::vector<std::string>& words,
             const std::string& doc) {
    add(
        {.name = name, .type = KeyType::word, .doc = doc, .words = words},
        [=](Section& from, Spec& spec) { return assign(from.choice(name, words), spec.*to); },
        [=](const Spec& spec) { return toml_string(spec.*to); });
    return *this;
  }
  /// One of some words, or "automatic", which becomes the empty text.
  Keys& word_or_automatic(const std::string& name, std::string Spec::*to, std::vector<std::string> words,
                          const std::string& doc) {
    words.insert(words.begin(), "automatic");
    add(
        {.name = name, .type = KeyType::word, .doc = doc, .words = words},
        [=](Section& from, Spec& spec) {
          const auto word = from.choice(name, words);
          if (word) spec.*to = *word == "automatic" ? "" : *word;
          return word.has_value();
        },
        [=](const Spec& spec) { return toml_string((spec.*to).empty() ? "automatic" : spec.*to); });
    return *this;
  }
  /// Two words for false and true.
  Keys& either(const std::string& name, bool Spec::*to, const std::string& no, const std::string& yes,
               const std::string& doc) {
    add(
        {.name = name, .type = KeyType::word, .doc = doc, .words = {no, yes}},
        [=](Section& from, Spec& spec) {
          const auto word = from.choice(name, {no, yes});
          if (word) spec.*to = *word == yes;
          return word.has_value();
        },
        [=](const Spec& spec) { return toml_string(spec.*to ? yes : no); });
    return *this;
  }
  Keys& numbers(const std::string& name, std::vector<double> Spec::*to, const sdk::Range& range,
                const std::string& doc) {
    add(
        {name, KeyType::numbers, doc, {}, range},
        [=](Section& from, Spec& spec) { return assign(from.numbers(name, range), spec.*to); },
        [=](const Spec& spec) { return toml_numbers(spec.*to); });
    return *this;
  }
  /// \param low,high of each
  Keys& integers(const std::string& name, std::vector<int> Spec::*to, int low, int high, const std::string& doc) {
    add(
        {name, KeyType::integers, doc, {}, {double(low), double(high), false, false}},
        [=](Section& from, Spec& spec) { return assign(from.integers(name, low, high), spec.*to); },
        [=](const Spec& spec) { return toml_list(spec.*to, [](int n) { return std::to_string(n); }); });
    return *this;
  }
  Keys& booleans(const std::string& name, std::vector<bool> Spec::*to, const std::string& doc) {
    add(
        {name, KeyType::booleans, doc},
        [=](Section& from, Spec& spec) { return assign(from.booleans(name), spec.*to); },
        [=](const Spec& spec) {
          return toml_list(spec.*to, [](bool b) { return std::string(b ? "true" : "false"); });
        });
    return *this;
  }
  Keys& texts(const std::string& name, std::vector<std::string> Spec::*to, const std::string& doc) {
    add(
        {name, KeyType::texts, doc}, [=](Section& from, Spec& spec) { return assign(from.strings(name), spec.*to); },
        [=](const Spec& spec) { return toml_strings(spec.*to); });
    return *this;
  }
  Keys& texts(const std::string& name, std::optional<std::vector<std::string>> Spec::*to, const std::string& doc) {
    add(
        {name, KeyType::texts, doc}, [=](Section& from, Spec& spec) { return assign(from.strings(name), spec.*to); },
        [=](const Spec& spec) -> std::optional<std::string> {
          if (!(spec.*to)) return std::nullopt;
          return toml_strings(*(spec.*to));
        });
    return *this;
  }
  /// A key of another kind.
  /// \param read none: who reads the section reads it
  /// \param text none: it is not written
  Keys& other(KeyInfo info, Read read, Text text) {
    add(std::move(info), std::move(read), std::move(text));
    return *this;
  }

  /// Of the last key: its unit, in `effective.toml` too.
  Keys& unit(const std::string& unit) {
    last().info.unit = last().comment = unit;
    return *this;
  }
  /// Of the last key: a comment in `effective.toml`.
  Keys& comment(const std::string& text) {
    last().comment = text;
    return *this;
  }
  /// Of the last key: it must be there.
  /// \param help what is said where it is not
  Keys& required(const std::string& help) {
    last().info.required = true;
    last().help = help;
    return *this;
  }
  /// Of the last key: what holds where it has no value, said in `effective.toml` and wherever keys are described.
  Keys& absent(const std::string& words) {
    last().info.initial = words;
    last().says_absent = true;
    return *this;
  }
  /// Of the last key: what holds where it is absent, in words.
  Keys& by_default(const std::string& words) {
    last().info.initial = words;
    return *this;
  }
  /// Of the last key, a text: what it must be like.
  /// \param pattern regular expression of ECMAScript, of the whole text
  /// \param help what it is like, for messages
  Keys& matching(const std::string& pattern, const std::string& help) {
    last().info.pattern = pattern;
    last().form = help;
    return *this;
  }
  /// Of the last key, a list: how many entries it has. Readers have words of their own.
  Keys& entries(std::size_t least, std::size_t most = 0) {
    last().info.least = least;
    last().info.most = most;
    return *this;
  }
  /// Where a table is as `when` says, it must be as `then` says: for schemas, see KeyRule.
  Keys& rule(KeyCondition when, KeyCondition then) {
    rules_.push_back({std::move(when), std::move(then)});
    return *this;
  }
  /// Whatever the table has.
  Keys& rule(KeyCondition then) { return rule({}, std::move(then)); }
  /// Of the last key: when it is written.
  Keys& written_if(std::function<bool(const Spec&)> condition) {
    last().is_written = std::move(condition);
    return *this;
  }

  /// Reads all keys but those without a reader. \returns the names of those that had a value.
  std::set<std::string> read(Section& section, Spec& spec) const {
    std::set<std::string> given;
    for (const auto& entry : entries_) {
      if (entry.info.required) section.require(entry.info.name, entry.help);
      if (entry.read && entry.read(section, spec)) given.insert(entry.info.name);
      check_form(section, entry);
    }
    return given;
  }
  void write(TomlWriter& to, const Spec& spec) const {
    for (const auto& entry : entries_) {
      if (!entry.text || (entry.is_written && !entry.is_written(spec))) continue;
      if (const auto text = entry.text(spec)) {
        to.line(entry.info.name, *text, entry.comment);
      } else if (entry.says_absent) {
        to.remark(entry.info.name + " = " + entry.info.initial);
      }
    }
  }
  /// { key = value, ... } in one line.
  std::string inline_table(const Spec& spec) const {
    std::string out;
    for (const auto& entry : entries_) {
      if (!entry.text || (entry.is_written && !entry.is_written(spec))) continue;
      if (const auto text = entry.text(spec))
        out += (out.empty() ? "" : ", ") + toml_key(entry.info.name) + " = " + *text;
    }
    return "{ " + out + " }";
  }
  /// \param defaults what a section without keys becomes
  std::vector<KeyInfo> infos(const Spec& defaults = {}) const {
    std::vector<KeyInfo> list;
    for (const auto& entry : entries_) {
      auto info = entry.info;
      if (info.initial.empty() && !info.required && entry.text) {
        if (const auto text = entry.text(defaults); text && *text != "\"\"" && *text != "[]") {
          info.initial = *text;
          info.is_value = true;
        }
      }
      list.push_back(std::move(info));
    }
    return list;
  }
  const std::vector<KeyRule>& rules() const { return rules_; }
  /// A table that has these keys, with the rules.
  KeyInfo table(const std::string& name, const std::string& doc) const {
    const Spec defaults{};
    return table_info(name, doc, infos(defaults), rules_);
  }

 private:
  struct Entry {
    KeyInfo info;
    Read read;
    Text text;
    std::string help, comment, form;
    bool says_absent = false;
    std::function<bool(const Spec&)> is_written;
  };

  template <class From, class To>
  static bool assign(std::optional<From> value, To& to) {
    if (value) to = std::move(*value);
    return value.has_value();
  }
  void add(KeyInfo info, Read read, Text text) {
    entries_.push_back({std::move(info), std::move(read), std::move(text), {}, {}, {}, false, nullptr});
  }
  /// Records a text that is not as its pattern says.
  static void check_form(Section& section, const Entry& entry) {
    const auto* node = section.find(entry.info.name);
    if (entry.info.pattern.empty() || node == nullptr || !node->is_string()) return;
    const auto text = *node->template value_exact<std::string>();
    if (std::regex_match(text, std::regex(entry.info.pattern))) return;
    section.error_at(entry.info.name, fmt::format("\"{}.{}\" cannot be \"{}\"", section.name(), entry.info.name, text),
                     entry.form);
  }
  Entry& last() { return entries_.back(); }

  std::vector<Entry> entries_;
  std::vector<KeyRule> rules_;
};

}  // namespace ansatz::input
