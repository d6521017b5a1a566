#include "engine/linear/tuning/chebyshev_tuner.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"
#include "engine/linear/tuning/costs.hpp"

namespace ansatz::linear {
namespace {

constexpr int most_sweeps = 200;   // of the least squares
constexpr double settled = 1e-10;  // change of a coefficient over its largest size

double sum(const auto& a, const auto& b) {
  double total = 0.0;
  for (std::size_t j = 0; j < a.size(); ++j) total += a[j] * b[j];
  return total;
}

}  // namespace

sdk::ParameterSchema ChebyshevTuner::options() {
  sdk::ParameterSchema schema;
  schema.add({.name = "values",
              .initial = std::int64_t{20},
              .unit = "1",
              .doc = "of each knob that it chooses among",
              .range = {2.0, 1000.0}});
  schema.add({.name = "seed",
              .initial = std::int64_t{1},
              .unit = "1",
              .doc = "of its random choices",
              .range = {0.0, 0x1p53}});
  return schema;
}

ChebyshevTuner::ChebyshevTuner(std::span<const sdk::Knob> knobs, const sdk::ParameterSet& options)
    : arms_(knobs, static_cast<int>(options.integer("values"))),
      seed_(static_cast<std::uint64_t>(options.integer("seed"))),
      fits_(static_cast<std::size_t>(arms_.count())) {}

/// S, positive.
double ChebyshevTuner::scale() const {
  if (!(largest_ > 0.0)) return 1.0;
  return 2.0 * largest_ + 4.0 * range() * (1.0 + std::log(static_cast<double>(num_terms)));
}

/// Minimises theta . P theta - 2 theta . b in the box, coefficient by coefficient.
void ChebyshevTuner::fit(Fit& to) const {
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    double change = 0.0;
    for (int j = 0; j < num_terms; ++j) {
      const double diagonal = to.products[j][j];
      if (!(diagonal > 0.0)) continue;
      const double most = j == 0 ? largest_ : 2.0 * range() / j;
      const double best = to.theta[j] + (to.right[j] - sum(to.products[j], to.theta)) / diagonal;
      const double next = std::clamp(best, -most, most);
      change = std::max(change, std::abs(next - to.theta[j]));
      to.theta[j] = next;
    }
    if (change <= settled * largest_) return;
  }
}

/// Sum of the squared differences of costs and fit.
double ChebyshevTuner::left_over(const Fit& fit) const {
  double squares = fit.squares - 2.0 * sum(fit.theta, fit.right);
  for (int j = 0; j < num_terms; ++j) squares += fit.theta[j] * sum(fit.products[j], fit.theta);
  return std::max(0.0, squares);
}

/// eta.
double ChebyshevTuner::rate() const {
  const double t = static_cast<double>(round_), m = num_terms, s = scale();
  const double alpha =
      (std::numbers::pi + 2.0 / std::numbers::pi * std::log(2.0 * m + 1.0)) / (2.0 * (m + 1.0)) * range() / s;
  double left = 0.0;
  for (const auto& fit : fits_) left += left_over(fit);
  const double regret = std::max(0.0, missed_ - left) / (s * s) + 2.0 * alpha * alpha * t;
  if (!(regret > 0.0)) return 0.0;  // nothing was seen to differ so far
  return 2.0 * t * std::sqrt(static_cast<double>(fits_.size()) * t / regret);
}

void ChebyshevTuner::propose(std::span<const double> context, std::span<double> knobs) {
  const double c = context.empty() ? 0.0 : 2.0 * std::clamp(context[0], 0.0, 1.0) - 1.0;
  terms_[0] = 1.0;
  terms_[1] = c;
  for (int j = 2; j < num_terms; ++j) terms_[j] = 2.0 * c * terms_[j - 1] - terms_[j - 2];
  std::vector<double> predicted;
  for (const auto& fit : fits_) predicted.push_back(sum(fit.theta, terms_));
  const auto best = static_cast<std::size_t>(std::ranges::min_element(predicted) - predicted.begin());
  const double eta = rate() / scale(), count = static_cast<double>(fits_.size());
  double left = sdk::hashed(sdk::mixed(seed_ + sdk::golden) + static_cast<std::uint64_t>(round_));
  drawn_ = best;
  for (std::size_t i = 0; i < fits_.size(); ++i) {
    if (i == best) continue;
    left -= 1.0 / (count + eta * (predicted[i] - predicted[best]));
    if (left < 0.0) {
      drawn_ = i;
      break;
    }
  }
  arms_.values(static_cast<int>(drawn_), knobs);
}

void ChebyshevTuner::learn(std::int64_t iterations, bool converged) {
  const double cost = cost_of(iterations, converged) - 1.0;
  auto& fit = fits_[drawn_];
  const double error = sum(fit.theta, terms_) - cost;
  missed_ += error * error;
  const double largest_before = largest_, least_before = least_;
  largest_ = std::max(largest_, cost);
  least_ = round_ > 1 ? std::min(least_, cost) : cost;
  for (int j = 0; j < num_terms; ++j) {
    for (int k = 0; k < num_terms; ++k) fit.products[j][k] += terms_[j] * terms_[k];
    fit.right[j] += terms_[j] * cost;
  }
  fit.squares += cost * cost;
  ++round_;
  if (largest_ != largest_before || least_ != least_before) {
    for (auto& each : fits_) this->fit(each);
  } else {
    this->fit(fit);
  }
}

void ChebyshevTuner::exchange(sdk::StateArchive& archive) {
  std::vector<double> state{static_cast<double>(round_), largest_, least_, missed_, static_cast<double>(drawn_)};
  const auto all = [&](auto&& each) {
    std::ranges::for_each(terms_, each);
    for (auto& fit : fits_) {
      for (auto& row : fit.products) std::ranges::for_each(row, each);
      std::ranges::for_each(fit.right, each);
      each(fit.squares);
      std::ranges::for_each(fit.theta, each);
    }
  };
  all([&](double value) { state.push_back(value); });
  const auto length = state.size();
  archive.numbers("chebyshev", state);
  if (!archive.loading()) return;
  if (state.size() != length) {
    throw sdk::Error(sdk::ErrorKind::state, "the stored state of a tuner has another length", "cheb_cb",
                     "it was written with other options: start anew");
  }
  round_ = static_cast<std::int64_t>(state[0]);
  largest_ = state[1];
  least_ = state[2];
  missed_ = state[3];
  drawn_ = static_cast<std::size_t>(state[4]);
  std::size_t at = 5;
  all([&](double& value) { value = state[at++]; });
}

}  // namespace ansatz::linear
