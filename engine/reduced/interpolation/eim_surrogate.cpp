#include "engine/reduced/interpolation/eim_surrogate.hpp"

#include <algorithm>

namespace ansatz::reduced {

EimSurrogate::EimSurrogate(Eim& eim, Sample sample) : eim_(eim), sample_(std::move(sample)) {}

std::vector<double> EimSurrogate::evaluate(const sampling::TrainingSet& points) {
  constexpr std::size_t batch = 16;
  std::vector<double> indicators;
  for (std::size_t first = 0; first < points.size(); first += batch) {
    const auto count = static_cast<int>(std::min(batch, points.size() - first));
    const auto remainders = eim_.remainders(tabulate(
        eim_.keys().size(), count, [&](int j, std::span<double> values) { sample_(points[first + j], values); }));
    indicators.insert(indicators.end(), remainders.begin(), remainders.end());
  }
  return indicators;
}

bool EimSurrogate::extend(std::span<const double> mu) {
  std::vector<double> values(eim_.keys().size(), 0.0);
  sample_(mu, values);
  if (!eim_.extend(values, static_cast<int>(parameters_.size()))) return false;
  parameters_.emplace_back(mu.begin(), mu.end());
  return true;
}

}  // namespace ansatz::reduced
