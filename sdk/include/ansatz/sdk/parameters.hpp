#pragma once
/// Parameters that document themselves: name, unit, range, default and text, checked when they are set.

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ansatz::sdk {

/// Admissible values of a number. An infinite bound means none.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;  ///< low itself is not admissible
  bool high_open = false;

  bool contains(double x) const { return (low_open ? x > low : x >= low) && (high_open ? x < high : x <= high); }
  /// For people, for example "> 0" or "[0, 0.5)"; "any" without bounds.
  std::string text() const;
};

inline constexpr Range any{};
inline constexpr Range positive{0.0, std::numeric_limits<double>::infinity(), true, false};
inline constexpr Range nonnegative{0.0, std::numeric_limits<double>::infinity(), false, false};

/// Points to choose, `{ sobol = 2000, seed = 1 }` in a case.
struct Sampling {
  std::string method = "sobol";  ///< "grid", "random", "latin_hypercube", "sobol", "halton", "lattice"
  std::int64_t size = 0;         ///< of a grid points per direction, otherwise all points, over all ranks
  std::int64_t seed = 1;         ///< of all methods but grids
  bool operator==(const Sampling&) const = default;
};

using ParameterValue =
    std::variant<bool, std::int64_t, double, std::string, std::vector<double>, std::vector<std::string>, Sampling>;

/// One declared parameter. The type of `initial` fixes the type of the parameter.
struct Parameter {
  std::string name;        ///< with a dot in it: of a table, "network.layers" of `network = { layers = [64, 64] }`
  ParameterValue initial;  ///< default
  std::string unit;        ///< "1" where it has none
  std::string doc;
  Range range = {};                       ///< of numbers (each entry of a list), of the size of a sampling
  std::vector<std::string> choices = {};  ///< of strings and methods of samplings, where not empty
  bool required = false;                  ///< the case must give it; `initial` then only fixes the type
};

/// What something accepts, in the order of declaration.
class ParameterSchema {
 public:
  /// \throws Error of kind internal for a name that is empty, declared twice, or a value and a table at once; of kind
  /// parameter for a default that is not admissible
  ParameterSchema& add(Parameter parameter);
  const std::vector<Parameter>& parameters() const { return parameters_; }
  const Parameter* find(const std::string& name) const;

 private:
  std::vector<Parameter> parameters_;
};

/// Values that satisfy a schema; anything not set has its default.
class ParameterSet {
 public:
  explicit ParameterSet(ParameterSchema schema);

  /// Checks name, type, range and choice; an integer is accepted where a number is declared. \throws Error of kind
  /// parameter, with a suggestion for a wrong name.
  /// \param where the value stands, for this error and later ones: "case.toml:4:1"
  void set(const std::string& name, const ParameterValue& value, const std::string& where = {});
  /// \throws Error of kind parameter that names every required parameter not set.
  void require_complete(const std::string& where = {}) const;

  bool boolean(const std::string& name) const;
  std::int64_t integer(const std::string& name) const;
  double number(const std::string& name) const;
  const std::string& string(const std::string& name) const;
  const std::vector<double>& numbers(const std::string& name) const;
  const std::vector<std::string>& strings(const std::string& name) const;
  const Sampling& sampling(const std::string& name) const;
  /// Of any type.
  const ParameterValue& value(const std::string& name) const { return get(name); }
  /// Whether it was set.
  bool is_given(const std::string& name) const { return values_.count(name) > 0; }
  /// Where the value was given, for errors that are found later; empty for a default.
  std::string where(const std::string& name) const;
  const ParameterSchema& schema() const { return schema_; }

 private:
  const ParameterValue& get(const std::string& name) const;

  ParameterSchema schema_;
  std::map<std::string, ParameterValue> values_;
  std::map<std::string, std::string> places_;
};

}  // namespace ansatz::sdk
