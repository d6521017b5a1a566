#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "ansatz/sdk/error.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/case_reading.hpp"

namespace ansatz::input {
namespace {

bool is_identifier(const std::string& name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0]))) return false;
  for (const char c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
  }
  return true;
}

/// Names that expressions see must be different; records where one is not.
class Scope {
 public:
  explicit Scope(const Reading& reading) {
    for (const auto& name : reserved_names()) taken_[name] = "a function, an operator or a constant of expressions";
    for (const char* name : {"x", "y", "z", "t"}) taken_[name] = "a coordinate or time";
    if (!reading.physics) return;
    for (const auto& target : field_targets(*reading.physics, reading.dim)) taken_[target.name] = "a field";
    for (const auto& derived : reading.physics->derived) taken_[derived.name] = "a derived field";
  }

  void add(const Section& section, const std::string& name, const std::string& kind) {
    const auto [entry, is_new] = taken_.emplace(name, kind);
    if (!is_identifier(name)) {
      section.error_at(name, fmt::format("\"{}\" is not a valid name", name),
                       "use letters, digits and _, not beginning with a digit");
    } else if (!is_new) {
      section.error_at(name, fmt::format("the name \"{}\" is taken: it is {} already", name, entry->second),
                       "choose another name");
    }
  }

 private:
  std::map<std::string, std::string> taken_;
};

ParameterSpec read_parameter(Section section) {
  ParameterSpec out;
  out.at = section.at();
  const auto range = section.numbers("range");
  const bool has_default = parameter_keys().read(section, out).contains("default");
  section.finish();
  if (!range || !has_default) return out;
  if (range->size() != 2 || (*range)[0] > (*range)[1]) {
    section.error_at("range", fmt::format("\"{}.range\" must be [low, high] with low <= high", section.name()));
    return out;
  }
  out.low = (*range)[0];
  out.high = (*range)[1];
  if (out.logarithmic && !(out.low > 0.0)) {
    section.error_at("logarithmic",
                     fmt::format("\"{}.range\" begins at {}, which has no logarithm", section.name(), out.low),
                     "give a range above 0, or remove logarithmic");
  }
  if (!out.extrapolate && (out.initial < out.low || out.initial > out.high)) {
    section.error_at("default",
                     fmt::format("\"{}.default\" = {} is outside of its range [{}, {}]", section.name(), out.initial,
                                 out.low, out.high),
                     fmt::format("to go beyond what was foreseen, set {}.extrapolate = true", section.name()));
  }
  return out;
}

std::map<std::string, double> read_constants(Section section) {
  std::map<std::string, double> out;
  for (const auto& key : section.keys()) {
    if (const auto x = section.number(key)) out[key] = *x;
  }
  return out;
}

/// Text of a file that rank 0 sees, on all ranks; nothing if it cannot be read. *Collective.*
std::optional<std::string> read_on_root(const base::Communicator& comm, const std::filesystem::path& path) {
  std::string text;
  std::int64_t good = 0;
  if (comm.is_root()) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream all;
    if (in && std::filesystem::is_regular_file(path) && all << in.rdbuf()) good = 1;
    text = all.str();
  }
  comm.broadcast(&good, sizeof good);
  text = comm.broadcast(text);
  return good ? std::optional(text) : std::nullopt;
}

/// Two columns of numbers, separated by blanks or commas; # begins a comment. False at a line with anything else.
bool parse_columns(std::string text, TableSpec& table, int& line_number) {
  std::istringstream lines(std::move(text));
  line_number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++line_number;
    line = line.substr(0, line.find('#'));
    for (char& c : line) {
      if (c == ',' || c == ';' || c == '\t' || c == '\r') c = ' ';
    }
    if (line.find_first_not_of(' ') == std::string::npos) continue;
    std::istringstream words(line);
    std::string x, y, more;
    words >> x >> y;
    const auto first = as_number(x), second = as_number(y);
    if (!first || !second || (words >> more)) return false;
    table.x.push_back(*first);
    table.y.push_back(*second);
  }
  return true;
}

/// Records and returns false where the file gives no numbers. *Collective.*
bool read_table_file(const Reading& reading, Section& section, const std::string& file, TableSpec& table) {
  const auto path = std::filesystem::path(reading.result.path).parent_path() / file;
  const auto text = read_on_root(reading.comm, path);
  int line = 0;
  if (!text) {
    section.error_at("file", fmt::format("table file \"{}\" cannot be read", path.string()),
                     "the path is relative to the case file");
    return false;
  }
  if (!parse_columns(*text, table, line)) {
    section.error_at("file", fmt::format("{}:{}: expected two numbers", path.string(), line));
    return false;
  }
  return true;
}

void check_table(const Section& section, const TableSpec& table) {
  if (table.x.size() != table.y.size()) {
    section.error(
        fmt::format("[{}]: \"x\" has {} entries, \"y\" has {}", section.name(), table.x.size(), table.y.size()));
  } else if (table.x.size() < 2) {
    section.error(fmt::format("[{}] needs at least two points", section.name()));
  }
  for (std::size_t i = 1; i < table.x.size(); ++i) {
    if (table.x[i] > table.x[i - 1]) continue;
    section.error(fmt::format("[{}]: \"x\" must increase: entry {} is {}, after {}", section.name(), i + 1, table.x[i],
                              table.x[i - 1]));
    break;
  }
}

TableSpec read_table(const Reading& reading, Section section) {
  TableSpec table;
  table.at = section.at();
  const auto file = section.string("file");
  const auto given = table_keys().read(section, table);
  section.finish();
  if (section.has("file") == (section.has("x") || section.has("y")) || section.has("x") != section.has("y")) {
    section.error(fmt::format("[{}] needs either \"x\" and \"y\", or \"file\"", section.name()));
    return table;
  }
  if (given.contains("x") && given.contains("y")) {
    check_table(section, table);
  } else if (file && read_table_file(reading, section, *file, table)) {
    check_table(section, table);
  }
  return table;
}

DataSpec read_data(Section section) {
  DataSpec out;
  out.at = section.at();
  data_keys().read(section, out);
  section.finish();
  return out;
}

/// Calls read(name, table) for each entry of a section of tables.
template <class Read>
void for_each_table(Section& root, const std::string& key, const Read& read) {
  auto section = root.table(key);
  if (!section) return;
  for (const auto& name : section->keys()) {
    if (auto entry = section->table(name)) read(*section, name, std::move(*entry));
  }
}

}  // namespace

void read_names(Reading& reading, Section& root) {
  Scope scope(reading);
  auto& out = reading.result;
  for_each_table(root, "parameters", [&](Section& section, const std::string& name, Section entry) {
    scope.add(section, name, "a parameter");
    out.parameters[name] = read_parameter(std::move(entry));
  });
  if (auto constants = root.table("constants")) {
    for (const auto& name : constants->keys()) scope.add(*constants, name, "a constant");
    out.constants = read_constants(std::move(*constants));
  }
  std::set<std::string> regional;
  for_each_table(root, "regions", [&](Section&, const std::string& name, Section entry) {
    for (const auto& constant : entry.keys()) {
      if (regional.insert(constant).second) scope.add(entry, constant, "a constant of regions");
    }
    out.region_constants[name] = read_constants(std::move(entry));
  });
  for_each_table(root, "tables", [&](Section& section, const std::string& name, Section entry) {
    scope.add(section, name, "a table");
    out.tables[name] = read_table(reading, std::move(entry));
  });
  for_each_table(root, "data", [&](Section& section, const std::string& name, Section entry) {
    scope.add(section, name, "a data field");
    out.data[name] = read_data(std::move(entry));
  });
}

}  // namespace ansatz::input
