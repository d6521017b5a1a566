#include "engine/linear/tuning/arms.hpp"

#include <fmt/format.h>

#include <cmath>

#include "ansatz/sdk/error.hpp"

namespace ansatz::linear {
namespace {

constexpr int most_arms = 1000;

}  // namespace

Arms::Arms(std::span<const sdk::Knob> knobs, int per_knob) : knobs_(knobs.begin(), knobs.end()), per_knob_(per_knob) {
  for (std::size_t k = 0; k < knobs_.size(); ++k) {
    count_ *= per_knob;
    if (count_ <= most_arms) continue;
    throw sdk::Error(
        sdk::ErrorKind::parameter,
        fmt::format("{} values of each of {} knobs are more than {} combinations", per_knob, knobs_.size(), most_arms),
        "tuner", "take fewer values");
  }
}

void Arms::values(int arm, std::span<double> values) const {
  for (std::size_t k = 0; k < knobs_.size(); ++k, arm /= per_knob_) {
    const auto& knob = knobs_[k];
    const int at = arm % per_knob_;
    const double s = per_knob_ > 1 ? static_cast<double>(at) / (per_knob_ - 1) : 0.5;
    values[k] = knob.logarithmic ? knob.low * std::pow(knob.high / knob.low, s) : knob.low + s * (knob.high - knob.low);
    if (at == per_knob_ - 1 && per_knob_ > 1) values[k] = knob.high;
  }
}

}  // namespace ansatz::linear
