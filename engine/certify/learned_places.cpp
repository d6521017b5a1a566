#include "engine/certify/learned_places.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ansatz::certify {
namespace {

constexpr std::size_t fewest = 3;  // points whose distances say something

double square_between(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

}  // namespace

LearnedPlaces::LearnedPlaces(std::vector<sampling::ParameterRange> box, std::span<const double> at)
    : box_(std::move(box)) {
  const auto width = box_.size(), count = at.size() / std::max<std::size_t>(1, width);
  if (count > 0) fixed_.assign(at.begin(), at.begin() + static_cast<std::ptrdiff_t>(width));
  const auto find = [&](bool all) {
    for (std::size_t p = 0; p < width; ++p) {
      bool varies = all;
      for (std::size_t i = 1; i < count && !varies; ++i) varies = at[i * width + p] != at[p];
      if (box_[p].low < box_[p].high && varies) varied_.push_back(static_cast<int>(p));
    }
  };
  find(count == 0);
  if (varied_.empty()) {  // one point at most: nothing was held where it was
    fixed_.clear();
    find(true);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) points_.push_back(unit(at.subspan(i * width, width)));
  std::ranges::sort(points_);
  points_.erase(std::ranges::unique(points_).begin(), points_.end());
  if (points_.size() < fewest) return;
  std::vector<double> apart(points_.size(), std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < points_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double distance = std::sqrt(square_between(points_[i], points_[j]));
      apart[i] = std::min(apart[i], distance);
      apart[j] = std::min(apart[j], distance);
    }
  }
  std::ranges::sort(apart);
  const auto decile = (9 * (apart.size() + 1) + 9) / 10;  // ceil(0.9 (n + 1))
  threshold_ = apart[std::min(decile, apart.size()) - 1] * std::pow(2.0, 1.0 / static_cast<double>(varied_.size()));
}

double LearnedPlaces::distance(std::span<const double> mu) const {
  if (points_.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto here = unit(mu);
  double least = std::numeric_limits<double>::infinity();
  for (const auto& point : points_) least = std::min(least, square_between(here, point));
  return std::sqrt(least);
}

bool LearnedPlaces::is_inside(std::span<const double> mu) const {
  for (std::size_t p = 0; p < box_.size(); ++p) {
    const bool varies = std::ranges::count(varied_, static_cast<int>(p)) > 0;
    const double slack = 1e-12 * (box_[p].high - box_[p].low);
    if (varies && !(mu[p] >= box_[p].low - slack && mu[p] <= box_[p].high + slack)) return false;
    if (!varies && !fixed_.empty() && mu[p] != fixed_[p]) return false;
  }
  return true;
}

std::vector<double> LearnedPlaces::whole(std::span<const double> at, std::span<const double> others) const {
  const auto& rest = fixed_.empty() ? others : std::span<const double>(fixed_);
  std::vector<double> mu(rest.begin(), rest.end());
  for (std::size_t k = 0; k < varied_.size(); ++k) mu[varied_[k]] = at[k];
  return mu;
}

/// Of the varied parameters, beyond [0, 1] outside of the box; what has no logarithm is infinitely far.
std::vector<double> LearnedPlaces::unit(std::span<const double> mu) const {
  std::vector<double> out;
  for (const int p : varied_) {
    const auto& [name, low, high, logarithmic] = box_[p];
    out.push_back(!logarithmic  ? (mu[p] - low) / (high - low)
                  : mu[p] > 0.0 ? std::log(mu[p] / low) / std::log(high / low)
                                : -std::numeric_limits<double>::infinity());
  }
  return out;
}

}  // namespace ansatz::certify
