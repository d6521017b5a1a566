#include "engine/time/methods/euler_start.hpp"

#include <algorithm>

namespace ansatz::time {

void EulerStart::step(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm,
                      std::span<double> y_new, sdk::TimeMethod::Work& work) {
  for (std::size_t i = 0; i < known_.size(); ++i) known_[i] = -y[i] / h;
  system_.prescribe(t + h, y_new);
  sdk::TimeSystem::Stage stage;
  stage.time = t + h;
  stage.shift = 1.0 / h;
  stage.known = known_;
  stage.scale = norm.scale(y);
  add(work, system_.solve_stage(stage, y_new));
}

void EulerStart::attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm,
                         std::span<double> half, std::span<double> y_new, std::span<double> error,
                         sdk::TimeMethod::Work& work) {
  std::ranges::copy(y, whole_.begin());
  step(t, h, y, norm, whole_, work);
  std::ranges::copy(y, half.begin());
  step(t, 0.5 * h, y, norm, half, work);
  std::ranges::copy(whole_, y_new.begin());
  step(t + 0.5 * h, 0.5 * h, half, norm, y_new, work);
  for (std::size_t i = 0; i < error.size(); ++i) error[i] = y_new[i] - whole_[i];
}

}  // namespace ansatz::time
