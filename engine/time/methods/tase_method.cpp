#include <algorithm>

#include "engine/base/vector_sum.hpp"
#include "engine/time/methods/method_families.hpp"
#include "engine/time/methods/tase.hpp"

namespace ansatz::time {
namespace {

/// k_i = sum_l beta_il X^l M^-1 f(t + c_i h, Y_i) with X = (M - gamma h W)^-1 M: no solves with the mass where it is
/// constant.
class TaseStepper final : public sdk::TimeMethod {
 public:
  TaseStepper(const TaseMethod& method, const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : method_(method),
        info_(info),
        system_(system),
        stage_(system.size()),
        power_(system.size()),
        product_(system.size()),
        k_(method.num_stages(), std::vector<double>(system.size())),
        pole_weights_(method.pole_weights()) {
    for (int i = 0; i < method.num_stages(); ++i)
      powers_.push_back(method.poles.empty() ? method.powers(i) : std::vector<double>{});
  }

  const sdk::TimeMethodInfo& info() const override { return info_; }

  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm&, std::span<double> y_new,
               std::span<double> error) override {
    system_.linearise(t, y, sdk::Part::all);
    for (int i = 0; i < method_.num_stages(); ++i) {
      std::ranges::copy(y, stage_.begin());
      for (int j = 0; j < i; ++j) base::add_term(h * method_.a[i][j], k_[j], stage_);
      const double at = t + method_.c[i] * h;
      system_.prescribe(at, stage_);
      system_.linearised_f(at, stage_, power_);
      operate(h, pole_weights_, powers_[i], k_[i]);
    }
    std::ranges::copy(y, y_new.begin());
    for (int i = 0; i < method_.num_stages(); ++i) base::add_term(h * method_.b[i], k_[i], y_new);
    system_.prescribe(t + h, y_new);
    if (estimates_error(system_, error)) estimate(t, h, y_new, error);
  }
  void restart() override {}
  void exchange(sdk::StateArchive&) override {}

 private:
  /// out = T M0^-1 f of f in power_.
  /// \param pole_weights,powers of T, one of them empty
  void operate(double h, const std::vector<double>& pole_weights, const std::vector<double>& powers,
               std::span<double> out) {
    std::ranges::fill(out, 0.0);
    for (std::size_t l = 0; l < pole_weights.size(); ++l) {
      std::ranges::copy(power_, product_.begin());
      system_.solve_shifted(method_.poles[l] * h, product_);
      base::add_term(pole_weights[l], product_, out);
    }
    for (std::size_t l = 0; l < powers.size(); ++l) {
      if (l > 0) {
        system_.apply_mass(power_, product_);
        std::swap(power_, product_);
      }
      system_.solve_shifted(method_.gamma * h, power_);
      base::add_term(powers[l], power_, out);
    }
  }

  void estimate(double t, double h, std::span<const double> y_new, std::span<double> error) {
    system_.linearised_f(t + h, y_new, power_);
    operate(h, {}, method_.error_at_end, error);
    for (int i = 0; i < method_.num_stages(); ++i) base::add_term(method_.error[i], k_[i], error);
    for (double& value : error) value *= h;
  }

  const TaseMethod& method_;
  sdk::TimeMethodInfo info_;
  sdk::TimeSystem& system_;
  std::vector<double> stage_, power_, product_;
  std::vector<std::vector<double>> k_;
  std::vector<double> pole_weights_;
  std::vector<std::vector<double>> powers_;  ///< beta of all stages; empty with poles
};

}  // namespace

std::vector<MethodEntry> tase_entries() {
  return tableau_entries<TaseStepper>(tase_methods(), [](const TaseMethod& method) {
    return sdk::TimeMethodInfo{.name = method.name,
                               .doc = "explicit Runge-Kutta with operators on its stages (TASE), any W",
                               .order = method.order,
                               .embedded_order = method.error.empty() ? 0 : method.order - 1,
                               .r_infinity = method.r_infinity,
                               .needs_mass_solves = true,
                               .needs_jacobian = true,
                               .varying_mass = true};
  });
}

}  // namespace ansatz::time
