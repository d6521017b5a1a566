#include <algorithm>

#include "engine/time/methods/method_families.hpp"

namespace ansatz::time {
namespace {

/// The fourth-order Hermite scheme for y = (q, v) (Makino and Aarseth 1992): predict, evaluate a and its rate j,
/// correct,
///   q_p = q + h v + h^2 a / 2 + h^3 j / 6,  v_p = v + h a + h^2 j / 2,  (a1, j1) at (q_p, v_p),
///   v1 = v + h (a + a1) / 2 + h^2 (j - j1) / 12,  q1 = q + h (v + v1) / 2 + h^2 (a - a1) / 12.
/// Where a depends on v, too, it is evaluated and corrected twice, which the order needs.
/// Error: what the third derivative of a, from the cubic through a and j at both ends, adds at the end of the step
/// (Aarseth's higher derivatives): h^4 a''' / 24 to v, h^5 a''' / 120 to q. Without it the scheme has order 3.
class HermiteMethod final : public sdk::TimeMethod {
 public:
  HermiteMethod(const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : info_(info),
        system_(system),
        size_(system.traits().positions),
        corrections_(system.traits().velocity_dependent ? 2 : 1),
        a_(size_),
        j_(size_),
        a1_(size_),
        j1_(size_),
        old_(system.size()) {}

  const sdk::TimeMethodInfo& info() const override { return info_; }

  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm&, std::span<double> y_new,
               std::span<double> error) override {
    const auto q = y.first(size_), v = y.subspan(size_);
    const auto q1 = y_new.first(size_), v1 = y_new.subspan(size_);
    if (!has_rates_) system_.jerk(t, q, v, a_, j_);
    has_rates_ = true;
    std::ranges::copy(y, old_.begin());
    step_ = h;
    can_interpolate_ = false;
    for (std::size_t i = 0; i < size_; ++i) {
      q1[i] = q[i] + h * (v[i] + h * (a_[i] / 2.0 + h * j_[i] / 6.0));
      v1[i] = v[i] + h * (a_[i] + h * j_[i] / 2.0);
    }
    for (int k = 0; k < corrections_; ++k) {
      system_.prescribe(t + h, y_new);
      system_.jerk(t + h, q1, v1, a1_, j1_);
      for (std::size_t i = 0; i < size_; ++i) {
        v1[i] = v[i] + h * ((a_[i] + a1_[i]) / 2.0 + h * (j_[i] - j1_[i]) / 12.0);
        q1[i] = q[i] + h * ((v[i] + v1[i]) / 2.0 + h * (a_[i] - a1_[i]) / 12.0);
      }
    }
    system_.prescribe(t + h, y_new);
    if (error.empty()) return;
    for (std::size_t i = 0; i < size_; ++i) {
      error[size_ + i] = h * ((a_[i] - a1_[i]) / 2.0 + h * (j_[i] + j1_[i]) / 4.0);
      error[i] = h / 5.0 * error[size_ + i];
    }
  }

  void accept() override {
    std::swap(a_, a1_);
    std::swap(j_, j1_);
    can_interpolate_ = true;
  }
  void restart() override { has_rates_ = can_interpolate_ = false; }

  /// The cubic through a and j at both ends, integrated.
  bool interpolate(double theta, std::span<double> out) const override {
    if (!can_interpolate_) return false;
    const double h = step_, s = theta * h;
    for (std::size_t i = 0; i < size_; ++i) {
      // accept() has swapped both ends.
      const double a0 = a1_[i], j0 = j1_[i], difference = a_[i] - a0, v0 = old_[size_ + i];
      const double a2 = (6.0 * difference - h * (4.0 * j0 + 2.0 * j_[i])) / (h * h);
      const double a3 = (-12.0 * difference + 6.0 * h * (j0 + j_[i])) / (h * h * h);
      out[i] = old_[i] + s * (v0 + s * (a0 / 2.0 + s * (j0 / 6.0 + s * (a2 / 24.0 + s * a3 / 120.0))));
      out[size_ + i] = v0 + s * (a0 + s * (j0 / 2.0 + s * (a2 / 6.0 + s * a3 / 24.0)));
    }
    return true;
  }

  void exchange(sdk::StateArchive& archive) override {
    std::int64_t has = has_rates_;
    archive.integer("has_hermite_rates", has);
    has_rates_ = has != 0;
    can_interpolate_ = can_interpolate_ && !archive.loading();
    if (!has_rates_) return;
    std::vector<double> rates = a_;  // a and j at the end: as many as there are unknowns
    rates.insert(rates.end(), j_.begin(), j_.end());
    archive.unknowns("hermite_rates", rates);
    a_.assign(rates.begin(), rates.begin() + static_cast<std::ptrdiff_t>(size_));
    j_.assign(rates.begin() + static_cast<std::ptrdiff_t>(size_), rates.end());
  }

 private:
  sdk::TimeMethodInfo info_;
  sdk::TimeSystem& system_;
  std::size_t size_;
  int corrections_;
  std::vector<double> a_, j_, a1_, j1_;  ///< at both ends of the step
  std::vector<double> old_;              ///< state at its start
  double step_ = 0.0;
  bool has_rates_ = false;  ///< a_ and j_ are those of the present state
  bool can_interpolate_ = false;
};

}  // namespace

std::vector<MethodEntry> hermite_entries() {
  return {method_entry<HermiteMethod>({.name = "hermite4",
                                       .doc = "Hermite scheme with the jerk, for q'' = a(t, q, v)",
                                       .order = 4,
                                       .embedded_order = 3,
                                       .stage_order = 3,
                                       .needs_second_order = true,
                                       .needs_jerk = true,
                                       .source = "Makino and Aarseth, PASJ 44, 1992"})};
}

}  // namespace ansatz::time
