#include "ansatz/sdk/learning.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "ansatz/sdk/error.hpp"

namespace ansatz::sdk {

Environment::~Environment() = default;
Policy::~Policy() = default;
PolicyLearner::~PolicyLearner() = default;

const PolicyArray& PolicyModel::array(const std::string& name, const std::vector<std::int64_t>& shape) const {
  const auto found = arrays.find(name);
  if (found == arrays.end()) throw Error(ErrorKind::state, fmt::format("the policy has no array \"{}\"", name));
  const auto& array = found->second;
  bool fits = array.shape.size() == shape.size();
  for (std::size_t i = 0; fits && i < shape.size(); ++i) fits = shape[i] < 0 || shape[i] == array.shape[i];
  const auto entries = std::accumulate(array.shape.begin(), array.shape.end(), std::int64_t{1}, std::multiplies<>());
  if (!fits || entries != static_cast<std::int64_t>(array.values.size())) {
    throw Error(ErrorKind::state,
                fmt::format("the array \"{}\" of the policy has shape ({}) and {} entries instead of "
                            "shape ({})",
                            name, fmt::join(array.shape, ", "), array.values.size(), fmt::join(shape, ", ")));
  }
  return array;
}

const std::string& PolicyModel::attribute(const std::string& name) const {
  const auto found = attributes.find(name);
  if (found == attributes.end()) throw Error(ErrorKind::state, fmt::format("the policy has no attribute \"{}\"", name));
  return found->second;
}

void require_features(const PolicyModel& model, const std::vector<std::string>& features,
                      const std::vector<double>& actions, const std::string& where) {
  const auto hint = "train a policy for this, or take one that was";
  if (model.features != features) {
    throw Error(ErrorKind::state,
                fmt::format("the policy was trained for other features:\n    policy  {}\n    wanted  {}",
                            fmt::join(model.features, ", "), fmt::join(features, ", ")),
                where, hint);
  }
  if (model.actions != actions) {
    throw Error(ErrorKind::state,
                fmt::format("the policy was trained for other actions:\n    policy  {}\n    wanted  {}",
                            fmt::join(model.actions, ", "), fmt::join(actions, ", ")),
                where, hint);
  }
}

int Policy::best(std::span<const double> observation) {
  const auto all = values(observation);
  int best = all.empty() ? -1 : 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!std::isfinite(all[i])) return -1;
    if (all[i] > all[static_cast<std::size_t>(best)]) best = static_cast<int>(i);
  }
  return best;
}

}  // namespace ansatz::sdk
