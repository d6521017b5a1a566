#include "ansatz/sdk/record.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <numeric>

#include "ansatz/sdk/error.hpp"

namespace ansatz::sdk {
namespace {

template <class Map>
auto& entry(const Map& map, const char* kind, const std::string& name) {
  const auto found = map.find(name);
  if (found == map.end()) throw Error(ErrorKind::state, fmt::format("the model has no {} \"{}\"", kind, name));
  return found->second;
}

}  // namespace

const RecordArray& Record::array(const std::string& name, const std::vector<std::int64_t>& shape) const {
  const auto& array = entry(arrays, "array", name);
  bool fits = array.shape.size() == shape.size();
  for (std::size_t i = 0; fits && i < shape.size(); ++i) fits = shape[i] < 0 || shape[i] == array.shape[i];
  const auto size = std::accumulate(array.shape.begin(), array.shape.end(), std::int64_t{1}, std::multiplies<>());
  if (!fits || size != static_cast<std::int64_t>(array.values.size())) {
    throw Error(ErrorKind::state,
                fmt::format("the array \"{}\" of the model has shape ({}) and {} entries, not ({})", name,
                            fmt::join(array.shape, ", "), array.values.size(), fmt::join(shape, ", ")));
  }
  return array;
}

const std::string& Record::attribute(const std::string& name) const { return entry(attributes, "attribute", name); }

const std::vector<std::vector<double>>& Record::list(const std::string& name) const {
  return entry(vectors, "list of vectors", name);
}

double Record::number(const std::string& name) const { return array(name, {1}).values[0]; }

}  // namespace ansatz::sdk
