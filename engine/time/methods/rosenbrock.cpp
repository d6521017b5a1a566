#include <algorithm>
#include <cmath>

#include "engine/base/vector_sum.hpp"
#include "engine/time/methods/method_families.hpp"
#include "engine/time/tableaus/rosenbrock_tableau.hpp"

namespace ansatz::time {
namespace {

/// One linearisation and one matrix M - gamma h W a step, in the form without products with W. Where the mass varies
/// the method is that of y' = M^-1 f, times the mass of the linearisation.
class Rosenbrock final : public sdk::TimeMethod {
 public:
  Rosenbrock(const RosenbrockTableau& tableau, const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : tableau_(tableau),
        info_(info),
        system_(system),
        stage_(system.size()),
        f_(system.size()),
        time_derivative_(system.size()),
        sum_(system.size()),
        u_(tableau.num_stages(), std::vector<double>(system.size())) {}

  const sdk::TimeMethodInfo& info() const override { return info_; }

  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm&, std::span<double> y_new,
               std::span<double> error) override {
    work_ = {};
    const double gamma = tableau_.gamma();
    const int s = tableau_.num_stages();
    system_.linearise(t, y, sdk::Part::all);
    find_time_derivative(t, h, y);
    for (int i = 0; i < s; ++i) {
      if (!same_argument(i)) evaluate(i, t, h, y);
      auto& u = u_[i];
      multiply_sum(tableau_.c[i], u);
      for (std::size_t n = 0; n < u.size(); ++n) {
        u[n] = gamma * (u[n] + h * (f_[n] + tableau_.gamma_i[i] * h * time_derivative_[n]));
      }
      system_.solve_shifted(gamma * h, u);
    }
    std::ranges::copy(y, y_new.begin());
    for (int i = 0; i < s; ++i) base::add_term(tableau_.m[i], u_[i], y_new);
    system_.prescribe(t + h, y_new);
    if (error.empty()) return;
    std::ranges::fill(error, 0.0);
    for (int i = 0; i < s; ++i) base::add_term(tableau_.e[i], u_[i], error);
  }
  void restart() override {}
  void exchange(sdk::StateArchive&) override {}

 private:
  /// Where f changes infinitely fast at t, as roots of t do at 0, its change over the step.
  void find_time_derivative(double t, double h, std::span<const double> y) {
    system_.time_derivative(t, y, time_derivative_);
    const bool is_finite = std::ranges::all_of(time_derivative_, [](double x) { return std::isfinite(x); });
    if (system_.max(is_finite ? 0.0 : 1.0) == 0.0) return;
    work_.remark = info_.name + " takes the mean of an infinite derivative by time over the step";
    system_.linearised_f(t, y, f_);
    std::ranges::copy(y, stage_.begin());
    system_.prescribe(t + h, stage_);
    system_.linearised_f(t + h, stage_, time_derivative_);
    for (std::size_t n = 0; n < f_.size(); ++n) time_derivative_[n] = (time_derivative_[n] - f_[n]) / h;
  }

  /// f of this stage is that of the stage before.
  bool same_argument(int i) const {
    if (i == 0 || tableau_.alpha[i] != tableau_.alpha[i - 1]) return false;
    auto before = tableau_.a[i - 1];
    before.push_back(0.0);
    return before == tableau_.a[i];
  }

  /// f_ = f(t + alpha_i h, y + sum_j a_ij u_j).
  void evaluate(int i, double t, double h, std::span<const double> y) {
    const double at = t + tableau_.alpha[i] * h;
    std::ranges::copy(y, stage_.begin());
    for (int j = 0; j < i; ++j) base::add_term(tableau_.a[i][j], u_[j], stage_);
    system_.prescribe(at, stage_);
    system_.linearised_f(at, stage_, f_);
  }

  /// out = M sum_j c_j u_j.
  void multiply_sum(const std::vector<double>& c, std::span<double> out) {
    if (c.empty()) return (void)std::ranges::fill(out, 0.0);
    std::ranges::fill(sum_, 0.0);
    for (std::size_t j = 0; j < c.size(); ++j) base::add_term(c[j], u_[j], sum_);
    system_.apply_mass(sum_, out);
  }

  const RosenbrockTableau& tableau_;
  sdk::TimeMethodInfo info_;
  sdk::TimeSystem& system_;
  std::vector<double> stage_, f_, time_derivative_, sum_;
  std::vector<std::vector<double>> u_;
};

}  // namespace

std::vector<MethodEntry> rosenbrock_entries() {
  return tableau_entries<Rosenbrock>(rosenbrock_methods(), [](const RosenbrockTableau& tableau) {
    return sdk::TimeMethodInfo{
        .name = tableau.name,
        .doc = tableau.w_method ? "linearly implicit, any W (W-method)" : "linearly implicit (Rosenbrock)",
        .order = tableau.order,
        .embedded_order = tableau.embedded_order,
        .r_infinity = std::abs(tableau.r_infinity),
        .needs_mass_solves = true,
        .needs_jacobian = true,
        .needs_exact_jacobian = !tableau.w_method,
        .varying_mass = true,
        .source = tableau.source};
  });
}

}  // namespace ansatz::time
