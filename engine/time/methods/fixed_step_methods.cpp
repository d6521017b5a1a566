#include <algorithm>
#include <cmath>

#include "engine/time/methods/method_families.hpp"

namespace ansatz::time {
namespace {

/// A method whose step solves one equation for the new y, where y' = shift y + known. Unknowns without a rate
/// (multipliers of constraints) and their equations are taken at the new time.
class OneStage : public sdk::TimeMethod {
 public:
  OneStage(const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : info_(info), system_(system), known_(system.size()), rate_(system.size()) {}

  const sdk::TimeMethodInfo& info() const override { return info_; }

  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm, std::span<double> y_new,
               std::span<double>) override {
    std::ranges::copy(y, y_new.begin());
    system_.prescribe(t + h, y_new);
    sdk::TimeSystem::Stage stage;
    stage.time = t + h;
    stage.shift = fill_known(h, y);
    stage.known = known_;
    stage.scale = norm.scale(y);
    if (averages_) {
      stage.implicitness = 0.5;
      stage.old_time = t;
      stage.old = y;
    }
    const auto result = system_.solve_stage(stage, y_new);
    work_ = {result.iterations, result.linear_iterations, result.residual, result.contraction};
    for (std::size_t i = 0; i < rate_.size(); ++i) rate_[i] = stage.shift * y_new[i] + known_[i];
  }
  void accept() override { has_stepped_ = true; }
  void restart() override {}
  bool end_rate(std::span<double> out) const override {
    if (has_stepped_) std::ranges::copy(rate_, out.begin());
    return has_stepped_;
  }
  void exchange(sdk::StateArchive& archive) override {
    archive.unknowns("rate", rate_);
    has_stepped_ |= archive.loading();
  }

 protected:
  /// Writes `known`, \returns the shift. Backward Euler's:  y' = (y_new - y) / h.
  virtual double fill_known(double h, std::span<const double> y) {
    for (std::size_t i = 0; i < known_.size(); ++i) known_[i] = -y[i] / h;
    return 1.0 / h;
  }
  bool averages_ = false;

  sdk::TimeMethodInfo info_;
  sdk::TimeSystem& system_;
  std::vector<double> known_, rate_;

 private:
  bool has_stepped_ = false;
};

/// The equation is averaged over both ends of the step.
class CrankNicolson final : public OneStage {
 public:
  CrankNicolson(const sdk::TimeMethodInfo& info, sdk::TimeSystem& system) : OneStage(info, system) { averages_ = true; }
};

/// y' = (3 y_new - 4 y + y_old) / (2 h), started by a step of backward Euler.
class Bdf2 final : public OneStage {
 public:
  Bdf2(const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : OneStage(info, system), previous_(system.size()), present_(system.size()) {}

  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm, std::span<double> y_new,
               std::span<double> error) override {
    std::ranges::copy(y, present_.begin());
    OneStage::attempt(t, h, y, norm, y_new, error);
  }
  void accept() override {
    OneStage::accept();
    std::swap(previous_, present_);
    started_ = true;
  }
  void restart() override { started_ = false; }
  void exchange(sdk::StateArchive& archive) override {
    OneStage::exchange(archive);
    std::int64_t started = started_;
    archive.integer("bdf2_started", started);
    started_ = started != 0;
    archive.unknowns("bdf2_previous", previous_);
  }

 protected:
  double fill_known(double h, std::span<const double> y) override {
    if (!started_) return OneStage::fill_known(h, y);
    for (std::size_t i = 0; i < known_.size(); ++i) known_[i] = (-2.0 * y[i] + 0.5 * previous_[i]) / h;
    return 1.5 / h;
  }

 private:
  bool started_ = false;  ///< previous_ holds y one step ago
  std::vector<double> previous_, present_;
};

}  // namespace

std::vector<MethodEntry> fixed_step_entries() {
  return {method_entry<OneStage>({.name = "backward_euler",
                                  .doc = "implicit Euler, L-stable",
                                  .order = 1,
                                  .r_infinity = 0.0,
                                  .needs_jacobian = true,
                                  .exact_end_rate = true,
                                  .varying_mass = true}),
          method_entry<CrankNicolson>({.name = "crank_nicolson",
                                       .doc = "equation averaged over both ends, A-stable; multipliers of order 1",
                                       .order = 2,
                                       .stage_order = 2,
                                       .r_infinity = 1.0,
                                       .needs_jacobian = true,
                                       .varying_mass = true}),
          method_entry<Bdf2>({.name = "bdf2",
                              .doc = "backward differences of equal steps, L-stable",
                              .order = 2,
                              .stage_order = 2,
                              .r_infinity = 0.0,
                              .needs_jacobian = true,
                              .equal_steps = true,
                              .exact_end_rate = true,
                              .varying_mass = true})};
}

}  // namespace ansatz::time
