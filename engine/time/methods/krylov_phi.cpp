#include "engine/time/methods/krylov_phi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/base/vector_sum.hpp"
#include "engine/time/methods/small_exponential.hpp"

namespace ansatz::time {
namespace {

constexpr int most = 40;             // dimension of a space
constexpr double enough = 0.01;      // error, in units of what is acceptable
constexpr double safety = 0.8;       // on the time that a space is expected to reach
constexpr int most_divisions = 400;  // of the time
constexpr double round_off = std::numeric_limits<double>::epsilon();

/// Whether the error is looked at: each look costs an exponential of that dimension.
bool is_looked_at(int dimension) {
  return dimension == most || dimension == 2 || dimension % (dimension < 12 ? 3 : 6) == 0;
}

}  // namespace

KrylovPhi::KrylovPhi(std::size_t size, Operator apply, std::function<double(double)> sum)
    : size_(size), apply_(std::move(apply)), sum_(std::move(sum)) {}

/// The added unknowns are the same on all ranks.
double KrylovPhi::dot(std::span<const double> x, std::span<const double> y) const {
  double local = 0.0, added = 0.0;
  for (std::size_t i = 0; i < size_; ++i) local += x[i] * y[i];
  for (std::size_t i = size_; i < x.size(); ++i) added += x[i] * y[i];
  return sum_(local) + added;
}

void KrylovPhi::apply_augmented(std::span<const double> x, std::span<double> out) {
  const auto head = out.first(size_), tail = out.subspan(size_);
  apply_(x.first(size_), head);
  ++products_;
  for (auto& value : head) value *= unit_;
  for (std::size_t k = 0; k < added_.size(); ++k) {
    base::add_term(x[size_ + k], added_[k], head);
    tail[k] = k == 0 ? 0.0 : x[size_ + k - 1];
  }
}

/// First column of the exponential of the projected matrix, with one more row for the direction that the space lacks.
std::vector<double> KrylovPhi::coefficients(int dimension, double time) const {
  std::vector<double> H(std::size_t(dimension) * dimension, 0.0);
  for (int j = 0; j + 1 < dimension; ++j) {
    for (int i = 0; i < std::min(j + 2, dimension); ++i) H[j * dimension + i] = time * projected_[j * (most + 1) + i];
  }
  auto E = exponential(std::move(H), dimension);
  E.resize(dimension);
  return E;
}

/// Arnoldi's process from the present state on, until the space suffices for the time `left`.
KrylovPhi::Space KrylovPhi::build(double left, const std::function<double(std::span<const double>)>& error) {
  Space space;
  space.length = std::sqrt(dot(present_, present_));
  basis_.resize(most + 1, std::vector<double>(present_.size()));
  for (auto& vector : basis_) vector.resize(present_.size());
  projected_.assign((most + 1) * (most + 1), 0.0);
  for (std::size_t i = 0; i < present_.size(); ++i) basis_[0][i] = present_[i] / space.length;
  for (int m = 1; m <= most; ++m) {
    auto& next = basis_[m];
    double* const column = projected_.data() + (m - 1) * (most + 1);
    apply_augmented(basis_[m - 1], next);
    const double before = std::sqrt(dot(next, next));
    if (!std::isfinite(before))
      throw sdk::Error(sdk::ErrorKind::not_finite, "a product with the linear part is not finite");
    for (int i = 0; i < m; ++i) {
      column[i] = dot(basis_[i], next);
      base::add_term(-column[i], basis_[i], next);
    }
    const double length = std::sqrt(dot(next, next));
    space.dimension = m + 1;
    if (length <= 50.0 * round_off * before) {  // the space is invariant
      std::ranges::fill(next, 0.0);
      space.reach = left;
      return space;
    }
    column[m] = length;
    for (auto& value : next) value /= length;
    if (!is_looked_at(m)) continue;
    const double lacking = space.length * error(std::span(next).first(size_));
    space.reach = left;
    while (true) {
      const double size = std::abs(coefficients(m + 1, space.reach)[m]), estimate = lacking * size;
      const double allowed = enough * space.reach;
      if (estimate <= allowed || size <= round_off) return space;
      if (m < most) break;
      space.reach *= std::clamp(safety * std::pow(allowed / estimate, 1.0 / m), 0.1, 0.9);
    }
  }
  return space;
}

void KrylovPhi::add_up(const Space& space, double time, std::span<double> out) const {
  const auto weights = coefficients(space.dimension, time);
  std::ranges::fill(out, 0.0);
  for (int i = 0; i < space.dimension; ++i)
    base::add_term(space.length * weights[i], std::span(basis_[i]).first(out.size()), out);
}

void KrylovPhi::evaluate(std::span<const std::span<const double>> b, std::span<const double> times,
                         const std::function<double(std::span<const double>)>& error,
                         std::span<std::vector<double>> out) {
  unit_ = times.back();
  double scale = 0.0, power = 1.0;
  for (const auto& vector : b) {
    double square = 0.0;
    for (const double value : vector) square += value * value;
    scale = std::max(scale, power * std::sqrt(sum_(square)));
    power *= unit_;
  }
  for (auto& vector : out) vector.assign(size_, 0.0);
  if (scale == 0.0) return;
  added_.clear();
  power = 1.0;
  for (std::size_t k = 1; k < b.size(); ++k) {
    power *= unit_;
    auto& vector = added_.emplace_back(size_, 0.0);
    if (!b[k].empty()) base::add_term(power / scale, b[k], vector);
  }
  present_.assign(size_ + added_.size(), 0.0);
  std::ranges::copy(b[0], present_.begin());
  double now = 0.0;
  std::size_t next = 0;
  while (next < times.size()) {
    double factor = scale;  // the added unknowns: scale t^k / k!
    for (std::size_t k = 0; k < added_.size(); ++k) {
      present_[size_ + k] = factor;
      factor *= now / (k + 1.0);
    }
    const auto space = build(1.0 - now, error);
    if (space.reach * most_divisions < 1.0 - now) {
      throw sdk::Error(
          sdk::ErrorKind::solver,
          fmt::format("phi functions need more than {} products with the linear part", most * most_divisions), {},
          "the linear part is too stiff for this step: choose an implicit method");
    }
    const double end = space.reach == 1.0 - now ? 1.0 : now + space.reach;
    for (; next < times.size() && times[next] <= end * unit_; ++next)
      add_up(space, times[next] / unit_ - now, out[next]);
    add_up(space, space.reach, present_);
    now = end;
  }
}

}  // namespace ansatz::time
