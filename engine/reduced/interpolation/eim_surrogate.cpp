#include "engine/reduced/interpolation/eim_surrogate.hpp"

#include <algorithm>

namespace ansatz::reduced {

EimSurrogate::EimSurrogate(Eim& eim, Sample sample, Pick pick) : eim_(eim), sample_(std::move(sample)), pick_(pick) {}

std::vector<double> EimSurrogate::evaluate(const sampling::TrainingSet& points) {
  constexpr std::size_t batch = 16;
  std::vector<double> indicators;
  double largest_entry = 0.0, largest_norm = 0.0;
  for (std::size_t first = 0; first < points.size(); first += batch) {
    const auto count = static_cast<int>(std::min(batch, points.size() - first));
    const auto remainders =
        eim_.remainders(tabulate(eim_.keys().size(), count,
                                 [&](int j, std::span<double> values) { sample_(points[first + j], values); }),
                        pick_);
    for (const auto& [largest, norm] : remainders) {
      indicators.push_back(norm);
      largest_entry = std::max(largest_entry, largest);
      largest_norm = std::max(largest_norm, norm);
    }
  }
  if (pick_ == Pick::largest || largest_norm == 0.0) return indicators;
  for (double& indicator : indicators) indicator *= largest_entry / largest_norm;
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
