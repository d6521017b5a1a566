#include "engine/base/tsallis_bandit.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"

namespace ansatz::base {

TsallisBandit::TsallisBandit(int num_choices, std::uint64_t seed)
    : sums_(static_cast<std::size_t>(num_choices), 0.0), probabilities_(sums_), seed_(seed) {}

std::span<const double> TsallisBandit::probabilities() {
  const double eta = 2.0 / std::sqrt(static_cast<double>(round_));
  const double mean = round_ > 1 ? total_ / static_cast<double>(round_ - 1) - 1.0 : 1.0;
  const double scale = mean > 0.0 ? mean : 1.0;  // no loss so far: nothing to choose by
  const double least = *std::ranges::min_element(sums_) / scale;
  // The sum is convex and increasing in x. It is at least 1 at the first x, and Newton's method comes down from there.
  double x = least - 2.0 / eta;
  for (int n = 0; n < 100; ++n) {
    double sum = 0.0, slope = 0.0;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      const double w = eta * (sums_[i] / scale - x);
      probabilities_[i] = 4.0 / (w * w);
      sum += probabilities_[i];
      slope += eta * probabilities_[i] * std::sqrt(probabilities_[i]);
    }
    if (sum - 1.0 <= 1e-14) break;
    x -= (sum - 1.0) / slope;
  }
  double sum = 0.0;
  for (const double p : probabilities_) sum += p;
  for (double& p : probabilities_) p /= sum;
  return probabilities_;
}

int TsallisBandit::draw() {
  const auto p = probabilities();
  double left = sdk::hashed(sdk::mixed(seed_ + sdk::golden) + static_cast<std::uint64_t>(round_));
  drawn_ = static_cast<int>(p.size()) - 1;
  for (std::size_t i = 0; i < p.size(); ++i) {
    left -= p[i];
    if (left < 0.0) {
      drawn_ = static_cast<int>(i);
      break;
    }
  }
  return drawn_;
}

void TsallisBandit::learn(double loss) {
  const double counted = std::isfinite(loss) ? std::max(loss, 1.0) : 1.0;
  const auto at = static_cast<std::size_t>(drawn_);
  sums_[at] += (counted - 1.0) / probabilities_[at];
  total_ += counted;
  ++round_;
}

std::vector<double> TsallisBandit::state() const {
  std::vector<double> state = sums_;
  state.insert(state.end(), probabilities_.begin(), probabilities_.end());
  state.insert(state.end(), {static_cast<double>(round_), total_, static_cast<double>(drawn_)});
  return state;
}

void TsallisBandit::set_state(std::span<const double> state) {
  const std::size_t n = sums_.size();
  if (state.size() != 2 * n + 3) {
    throw sdk::Error(sdk::ErrorKind::state, "the stored state of a choice by cost has another length", "TsallisBandit",
                     "it was written by another version: start anew");
  }
  std::copy_n(state.begin(), n, sums_.begin());
  std::copy_n(state.begin() + static_cast<std::ptrdiff_t>(n), n, probabilities_.begin());
  round_ = static_cast<std::int64_t>(state[2 * n]);
  total_ = state[2 * n + 1];
  drawn_ = static_cast<int>(state[2 * n + 2]);
}

}  // namespace ansatz::base
