#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "engine/input/case_parser.hpp"
#include "engine/input/toml/section.hpp"

namespace ansatz::input {
namespace {

using sdk::Shape;

/// Number of components that make the diagonal of a tensor.
int diagonal_length(Shape shape, int dim) { return shape == Shape::tensor ? dim : 3; }

std::string accepted(Shape shape, int dim) {
  switch (shape) {
    case Shape::scalar:
      return "one value";
    case Shape::vector:
      return fmt::format("{} values (a vector in {}-D)", dim, dim);
    case Shape::tensor:
      return fmt::format("1, {} (diagonal) or {} values (a tensor in {}-D)", dim, dim * dim, dim);
    case Shape::symmetric_tensor:
      return "1, 3 (diagonal) or 6 values (xx yy zz xy yz xz)";
  }
  return "";
}

/// Diagonal matrix in the layout of the shape.
std::vector<std::string> diagonal(const std::vector<std::string>& entries, Shape shape, int dim) {
  std::vector<std::string> out(sdk::num_components(shape, dim), "0");
  const int length = diagonal_length(shape, dim);
  for (int i = 0; i < length; ++i) {
    out[shape == Shape::tensor ? i * dim + i : i] = entries.size() == 1 ? entries[0] : entries[i];
  }
  return out;
}

}  // namespace

std::vector<std::string> expand_components(const Value& value, Shape shape, int dim, const std::string& name,
                                           bool allow_free) {
  const auto& given = value.components;
  const auto fail = [&](const std::string& what, const std::string& hint = {}) {
    return sdk::Error(sdk::ErrorKind::case_file, what, value.at.text(), hint);
  };
  const bool has_free = std::find(given.begin(), given.end(), "free") != given.end();
  if (has_free && !allow_free) throw fail(fmt::format("\"{}\" cannot be \"free\"", name));
  if (has_free && given.size() == 1)
    throw fail(fmt::format("\"{}\" has no component but \"free\"", name), "leave it out");
  const int full = sdk::num_components(shape, dim), count = static_cast<int>(given.size());
  if (count == full) return given;
  if (shape == Shape::vector && count == 1 && as_number(given[0]) == 0.0) return std::vector<std::string>(full, "0");
  const bool is_tensor = shape == Shape::tensor || shape == Shape::symmetric_tensor;
  if (is_tensor && (count == 1 || count == diagonal_length(shape, dim))) return diagonal(given, shape, dim);
  throw fail(fmt::format("\"{}\" needs {}, not {}", name, accepted(shape, dim), count));
}

}  // namespace ansatz::input
