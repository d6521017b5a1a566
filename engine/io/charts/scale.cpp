#include "engine/io/charts/scale.hpp"

#include <algorithm>
#include <cmath>

namespace ansatz::io {

Scale scale_for(const std::vector<double>& values, double intervals) {
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const bool whole = std::all_of(values.begin(), values.end(), [](double v) { return v == std::round(v); });
  const double size = std::max(std::abs(*low), std::abs(*high));
  // The parts of the size keep the number of steps exact; the halves keep the difference of large values finite.
  const double least = std::max({*high == *low ? size / intervals : size * 1e-12, whole ? 1.0 : 0.0, 1e-300});
  const double wanted = std::max((*high / 2.0 - *low / 2.0) / (intervals / 2.0), least);
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  Scale scale;
  for (const double multiple : {10.0, 5.0, 2.0, 1.0}) {
    if (multiple * power >= wanted * (1.0 - 1e-9)) scale.step = multiple * power;
  }
  constexpr double round_off = 1e-9;
  scale.first = std::floor(*low / scale.step + round_off);
  scale.last = std::ceil(*high / scale.step - round_off);
  if (scale.last <= scale.first) scale = {scale.step, scale.first - 1.0, scale.first + 1.0};
  return scale;
}

}  // namespace ansatz::io
