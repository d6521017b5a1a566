#include "engine/time/learning/hermite_environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"

namespace ansatz::time {

HermiteEnvironment::HermiteEnvironment(PlanarMotion motion, HermiteStudy study)
    : motion_(std::move(motion)), study_(study) {
  if (study_.features == HermiteStudy::Features::state) {
    for (const char* name : {"x", "v"}) {
      for (std::size_t i = 0; i < motion_.accelerations->size(); ++i)
        features_.push_back(fmt::format("{}{}.{}", name, i / 2, i % 2 == 0 ? "x" : "y"));
    }
  } else {
    features_ = {"closest distance", "its relative speed"};
  }
  features_.emplace_back("-log10 energy error");
  const double low = std::log10(study_.range[0]), high = std::log10(study_.range[1]);
  for (int k = 0; k < study_.num_actions; ++k)
    actions_.push_back(std::pow(10.0, low + (high - low) * k / (study_.num_actions - 1)));
}

void HermiteEnvironment::reset(std::uint64_t seed, std::span<double> observation) {
  std::vector<double> x, v;
  motion_.start(seed, x, v);
  energy_ = motion_.energy(x, v);
  hermite_.emplace(*motion_.accelerations, std::move(x), std::move(v), actions_.front());
  error_ = 1.0;
  evaluations_ = hermite_->evaluations();
  step_ = 0;
  observe(observation);
}

sdk::Outcome HermiteEnvironment::step(int action, std::span<double> observation) {
  if (!hermite_ || action < 0 || action >= num_actions()) {
    throw sdk::Error(sdk::ErrorKind::internal, fmt::format("step() with action {} of {}", action, num_actions()),
                     "HermiteEnvironment", "call reset() first, and give one of the actions");
  }
  const double mu = actions_[static_cast<std::size_t>(action)];
  ++step_;
  hermite_->set_fraction(mu);
  hermite_->advance(step_ * study_.interval);
  evaluations_ = hermite_->evaluations();
  const double energy = motion_.energy(hermite_->positions(), hermite_->velocities());
  error_ = std::abs((energy - energy_) / energy_) + 1e-20;
  if (!std::isfinite(error_)) error_ = std::numeric_limits<double>::max();
  observe(observation);
  const bool is_lost = error_ > study_.largest_error;
  return {reward(mu), is_lost || step_ == study_.steps, !is_lost && step_ == study_.steps};
}

double HermiteEnvironment::reward(double mu) const {
  if (step_ == 1) return 0.0;
  const double digits = -std::log10(std::min(error_, study_.largest_error));
  return study_.weights[0] * (digits - 10.0) / (digits * digits * digits) / step_ - study_.weights[1] / std::log10(mu);
}

void HermiteEnvironment::observe(std::span<double> observation) const {
  observation.back() = -std::log10(error_);
  if (study_.features == HermiteStudy::Features::closest) return observe_closest(observation);
  const auto x = hermite_->positions(), v = hermite_->velocities();
  for (std::size_t i = 0; i < x.size(); ++i) {
    observation[i] = x[i] / study_.length;
    observation[x.size() + i] = v[i];
  }
}

void HermiteEnvironment::observe_closest(std::span<double> observation) const {
  const auto x = hermite_->positions(), v = hermite_->velocities();
  double closest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < x.size(); i += 2) {
    for (std::size_t j = i + 2; j < x.size(); j += 2) {
      const double distance = std::hypot(x[j] - x[i], x[j + 1] - x[i + 1]);
      if (distance >= closest) continue;
      closest = distance;
      observation[0] = distance / study_.length;
      observation[1] = std::hypot(v[j] - v[i], v[j + 1] - v[i + 1]);
    }
  }
}

}  // namespace ansatz::time
