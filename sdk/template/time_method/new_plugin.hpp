#pragma once
#include <algorithm>
#include <ansatz/sdk/time.hpp>
#include <vector>

/// Heun's method, explicit, order 2, with Euler's method inside:
///   k1 = f(t, y),  k2 = f(t + h, y + h k1),  y_new = y + h (k1 + k2) / 2,  error = h (k2 - k1) / 2.
class NewPlugin final : public ansatz::sdk::TimeMethod {
 public:
  explicit NewPlugin(ansatz::sdk::TimeSystem& system) : system_(system), k1_(system.size()), k2_(system.size()) {}

  static const ansatz::sdk::TimeMethodInfo& description() {
    static const ansatz::sdk::TimeMethodInfo info = [] {
      ansatz::sdk::TimeMethodInfo made;
      made.name = "new_plugin";
      made.doc = "explicit, of Heun";
      made.order = 2;
      made.embedded_order = 1;
      made.needs_mass_solves = true;
      made.varying_mass = true;  // its stages are y' = M^-1 f at their own times and states
      return made;
    }();
    return info;
  }
  const ansatz::sdk::TimeMethodInfo& info() const override { return description(); }

  void attempt(double t, double h, std::span<const double> y, const ansatz::sdk::ErrorNorm&, std::span<double> y_new,
               std::span<double> error) override {
    system_.rate(t, y, ansatz::sdk::Part::all, k1_);
    for (std::size_t i = 0; i < y.size(); ++i) y_new[i] = y[i] + h * k1_[i];
    system_.prescribe(t + h, y_new);  // every state passes through this before it is used
    system_.rate(t + h, y_new, ansatz::sdk::Part::all, k2_);
    for (std::size_t i = 0; i < y.size(); ++i) y_new[i] = y[i] + 0.5 * h * (k1_[i] + k2_[i]);
    system_.prescribe(t + h, y_new);
    for (std::size_t i = 0; i < error.size(); ++i) error[i] = 0.5 * h * (k2_[i] - k1_[i]);
  }

  /// Nothing is remembered from step to step; a method with history stores and reads it in exchange().
  void restart() override {}
  void exchange(ansatz::sdk::StateArchive&) override {}

 private:
  ansatz::sdk::TimeSystem& system_;
  std::vector<double> k1_, k2_;
};
