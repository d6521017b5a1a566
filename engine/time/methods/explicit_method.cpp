#include <algorithm>
#include <cmath>

#include "engine/base/vector_sum.hpp"
#include "engine/time/methods/method_families.hpp"
#include "engine/time/tableaus/butcher_tableau.hpp"

namespace ansatz::time {
namespace {

class ExplicitMethod final : public sdk::TimeMethod {
 public:
  ExplicitMethod(const ButcherTableau& tableau, const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : tableau_(tableau),
        info_(info),
        system_(system),
        k_(tableau.num_stages(), std::vector<double>(system.size())),
        stage_(system.size()),
        before_last_(system.size()) {}

  const sdk::TimeMethodInfo& info() const override { return info_; }

  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm&, std::span<double> y_new,
               std::span<double> error) override {
    const int s = tableau_.num_stages();
    can_interpolate_ = false;
    if (!has_first_) system_.rate(t, y, sdk::Part::all, k_[0]);
    has_first_ = true;
    for (int i = 1; i < s; ++i) {
      if (i == s - 1) std::swap(stage_, before_last_);
      add_stages(h, tableau_.a[i], i, y, stage_);
      system_.prescribe(t + tableau_.c[i] * h, stage_);
      system_.rate(t + tableau_.c[i] * h, stage_, sdk::Part::all, k_[i]);
    }
    last_step_ = h;
    add_stages(h, tableau_.b, s, y, y_new);
    system_.prescribe(t + h, y_new);
    if (!error.empty()) {
      std::ranges::fill(error, 0.0);
      for (int i = 0; i < s; ++i) base::add_term(h * (tableau_.b[i] - tableau_.d[i]), k_[i], error);
    }
  }

  void accept() override {
    if (tableau_.first_is_last) {
      std::swap(k_.front(), k_.back());
    } else {
      has_first_ = false;
    }
    can_interpolate_ = !tableau_.dense.empty();
  }
  void restart() override { has_first_ = can_interpolate_ = false; }
  void start_rate(std::span<const double> rate) override {
    std::ranges::copy(rate, k_[0].begin());
    has_first_ = true;
  }
  bool end_rate(std::span<double> out) const override {
    if (!tableau_.first_is_last || !has_first_) return false;
    std::ranges::copy(k_[0], out.begin());
    return true;
  }
  /// From the new state backwards: the last stage is it, and its rate and the first one have changed places.
  bool interpolate(double theta, std::span<double> out) const override {
    if (!can_interpolate_) return false;
    const int s = tableau_.num_stages();
    std::ranges::copy(stage_, out.begin());
    for (int i = 0; i < s; ++i) {
      const auto& k = i == 0 ? k_.back() : i + 1 == s ? k_.front() : k_[i];
      base::add_term(last_step_ * (tableau_.dense_weight(i, theta) - tableau_.b[i]), k, out);
    }
    return true;
  }

  void exchange(sdk::StateArchive& archive) override {
    can_interpolate_ = can_interpolate_ && !archive.loading();
    std::int64_t has = has_first_;
    archive.integer("has_first_stage", has);
    has_first_ = has != 0;
    if (!has_first_) return;
    archive.unknowns("first_stage", k_[0]);
  }

  double stiffness() const override {
    const int s = tableau_.num_stages();
    if (s < 3) return 0.0;
    // accept() may have swapped the first and the last stage.
    const auto& last = has_first_ && tableau_.first_is_last ? k_[0] : k_[s - 1];
    double rates = 0.0, states = 0.0;
    for (std::size_t n = 0; n < stage_.size(); ++n) {
      rates += (last[n] - k_[s - 2][n]) * (last[n] - k_[s - 2][n]);
      states += (stage_[n] - before_last_[n]) * (stage_[n] - before_last_[n]);
    }
    states = system_.sum(states);
    rates = system_.sum(rates);
    return states > 0.0 ? last_step_ * std::sqrt(rates / states) : 0.0;
  }

 private:
  /// out = y + h sum_j a_j k_j.
  void add_stages(double h, const std::vector<double>& a, int count, std::span<const double> y,
                  std::span<double> out) const {
    std::ranges::copy(y, out.begin());
    for (int j = 0; j < count; ++j) base::add_term(h * a[j], k_[j], out);
  }

  const ButcherTableau& tableau_;
  sdk::TimeMethodInfo info_;
  sdk::TimeSystem& system_;
  std::vector<std::vector<double>> k_;
  std::vector<double> stage_, before_last_;
  double last_step_ = 0.0;
  bool has_first_ = false;  ///< k_[0] is f at the present state
  bool can_interpolate_ = false;
};

}  // namespace

std::vector<MethodEntry> explicit_entries() {
  return tableau_entries<ExplicitMethod>(explicit_methods(), [](const ButcherTableau& tableau) {
    return sdk::TimeMethodInfo{.name = tableau.name,
                               .doc = "explicit Runge-Kutta",
                               .order = tableau.order,
                               .embedded_order = tableau.embedded_order,
                               .needs_mass_solves = true,
                               .varying_mass = true,
                               .source = tableau.source};
  });
}

}  // namespace ansatz::time
