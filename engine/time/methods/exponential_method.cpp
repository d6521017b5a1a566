#include <algorithm>
#include <array>

#include "engine/base/vector_sum.hpp"
#include "engine/time/methods/krylov_phi.hpp"
#include "engine/time/methods/method_families.hpp"

namespace ansatz::time {
namespace {

/// Krogstad's scheme for y' = F(t, y) = L y + N(t, y), F = M^-1 f, written with F_1 and D_i = N(t_i, U_i) - N(t, y):
///   U_2 = y + h/2 phi_1(hL/2) F_1,                U_3 = U_2 + h phi_2(hL/2) D_2,
///   U_4 = y + h phi_1(hL) F_1 + 2 h phi_2(hL) D_3,
///   y_new = y + h phi_1(hL) F_1 + h phi_2(hL) (2 D_2 + 2 D_3 - D_4) + 4 h phi_3(hL) (D_4 - D_2 - D_3).
/// L is the author's linear part, or df/dy at the start of the step; the order is 4 for any L, and 3 however stiff L
/// is. Error, of order 3: h phi_1(hL) ((N(t + h, y_new) - N(t + h, U_4)) / 6 + N(t + h/4) - q(t + h/4)). The first
/// difference tells what N depends on y, as with y_new for U_4; the second what it depends on time, where the scheme
/// knows the parabola q through N at t, t + h/2 and t + h alone (for y' = L y + g(t) the first is 0). The state at t +
/// h/4 is that of the cubic through states and rates of both ends. F at the end is F_1 of the next step.
class EtdRk4 final : public sdk::TimeMethod {
 public:
  EtdRk4(const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : info_(info),
        system_(system),
        phi_(
            system.size(), [this](std::span<const double> x, std::span<double> out) { apply(x, out); },
            [&system](double local) { return system.sum(local); }),
        rate_(system.size()),
        end_rate_(system.size()),
        stage_(system.size()),
        difference_(system.size()),
        sum_(system.size()),
        second_(system.size()),
        third_(system.size()),
        D_(3, std::vector<double>(system.size())),
        out_(1),
        linear_(2) {}

  const sdk::TimeMethodInfo& info() const override { return info_; }

  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm, std::span<double> y_new,
               std::span<double> error) override {
    if (!has_rate_) system_.rate(t, y, sdk::Part::all, rate_);
    has_rate_ = true;
    has_end_rate_ = false;
    system_.linearise_linear_part(t, y);
    time_ = t;
    state_ = y;
    const auto size = [&](std::span<const double> e) { return norm(e, y, y); };
    const auto before = phi_.products();

    // linear_: h/2 phi_1(hL/2) F_1 and h phi_1(hL) F_1.
    const std::array<std::span<const double>, 2> first{std::span<const double>(), rate_};
    phi_.evaluate(first, std::array{0.5 * h, h}, size, linear_);
    evaluate(t + 0.5 * h, linear_[0], {}, D_[0]);
    phi_2(0.5 * h, 4.0 / h, D_[0], size);
    evaluate(t + 0.5 * h, linear_[0], out_[0], D_[1]);
    phi_2(h, 2.0 / h, D_[1], size);
    evaluate(t + h, linear_[1], out_[0], D_[2]);

    for (std::size_t i = 0; i < y.size(); ++i) {
      second_[i] = (2.0 * (D_[0][i] + D_[1][i]) - D_[2][i]) / h;
      third_[i] = 4.0 * (D_[2][i] - D_[0][i] - D_[1][i]) / (h * h);
    }
    const std::array<std::span<const double>, 4> all{std::span<const double>(), std::span<const double>(), second_,
                                                     third_};
    phi_.evaluate(all, std::array{h}, size, out_);
    for (std::size_t i = 0; i < y.size(); ++i) y_new[i] = y[i] + linear_[1][i] + out_[0][i];
    system_.prescribe(t + h, y_new);
    if (estimates_error(system_, error)) estimate(t, h, y_new, size, error);
    work_ = {};
    work_.linear_iterations = static_cast<int>(phi_.products() - before);
  }

  void accept() override {
    std::swap(rate_, end_rate_);
    has_rate_ = has_end_rate_;
  }
  void restart() override { has_rate_ = has_end_rate_ = false; }
  void start_rate(std::span<const double> rate) override {
    std::ranges::copy(rate, rate_.begin());
    has_rate_ = true;
  }
  bool end_rate(std::span<double> out) const override {
    if (!has_rate_) return false;
    std::ranges::copy(rate_, out.begin());
    return true;
  }
  void exchange(sdk::StateArchive& archive) override {
    std::int64_t has = has_rate_;
    archive.integer("has_exponential_rate", has);
    has_rate_ = has != 0;
    if (has_rate_) archive.unknowns("exponential_rate", rate_);
  }

 private:
  /// out = M^-1 W x.
  void apply(std::span<const double> x, std::span<double> out) {
    system_.apply_jacobian(x, out);
    system_.solve_mass(time_, state_, out);
  }

  /// D = N at y + a + b less that at the start.
  void evaluate(double t, std::span<const double> a, std::span<const double> b, std::span<double> D) {
    std::ranges::copy(state_, stage_.begin());
    base::add_term(1.0, a, stage_);
    base::add_term(1.0, b, std::span(stage_).first(b.size()));
    evaluate_stage(t, D);
  }

  /// D = N at stage_, which is prescribed, less that at the start.
  void evaluate_stage(double t, std::span<double> D) {
    system_.prescribe(t, stage_);
    system_.rate(t, stage_, sdk::Part::all, D);
    subtract_linear(stage_, D);
  }

  /// D = F at y less F_1 and L times the way from the start to y.
  void subtract_linear(std::span<const double> y, std::span<double> D) {
    for (std::size_t i = 0; i < y.size(); ++i) difference_[i] = y[i] - state_[i];
    apply(difference_, sum_);
    for (std::size_t i = 0; i < y.size(); ++i) D[i] -= rate_[i] + sum_[i];
  }

  /// out_ = time^2 phi_2(time L) factor D.
  template <class Size>
  void phi_2(double time, double factor, std::span<const double> D, const Size& size) {
    for (std::size_t i = 0; i < D.size(); ++i) sum_[i] = factor * D[i];
    const std::array<std::span<const double>, 3> b{std::span<const double>(), std::span<const double>(), sum_};
    phi_.evaluate(b, std::array{time}, size, out_);
  }

  template <class Size>
  void estimate(double t, double h, std::span<const double> y_new, const Size& size, std::span<double> error) {
    system_.rate(t + h, y_new, sdk::Part::all, end_rate_);
    has_end_rate_ = true;
    std::ranges::copy(end_rate_, second_.begin());
    subtract_linear(y_new, second_);
    for (std::size_t i = 0; i < error.size(); ++i) {
      stage_[i] = (27.0 * state_[i] + 5.0 * y_new[i] + h * (9.0 * rate_[i] - 3.0 * end_rate_[i]) * 0.5) / 32.0;
    }
    evaluate_stage(t + 0.25 * h, third_);
    // The parabola at h/4: 3/4 of its value at h/2 and -1/8 of that at h.
    for (std::size_t i = 0; i < error.size(); ++i) {
      third_[i] += (second_[i] - D_[2][i]) / 6.0 - 0.75 * D_[1][i] + 0.125 * second_[i];
    }
    const std::array<std::span<const double>, 2> b{std::span<const double>(), third_};
    phi_.evaluate(b, std::array{h}, size, out_);
    std::ranges::copy(out_[0], error.begin());
  }

  sdk::TimeMethodInfo info_;
  sdk::TimeSystem& system_;
  KrylovPhi phi_;
  std::vector<double> rate_, end_rate_;  ///< F at both ends of the step
  bool has_rate_ = false, has_end_rate_ = false;

  // Of the last attempt.
  double time_ = 0.0;
  std::span<const double> state_;
  std::vector<double> stage_, difference_, sum_;
  std::vector<double> second_, third_;  ///< what phi_2 and phi_3 are multiplied with
  std::vector<std::vector<double>> D_, out_, linear_;
};

}  // namespace

std::vector<MethodEntry> exponential_entries() {
  return {method_entry<EtdRk4>(
      {.name = "etd_rk4",
       .doc = "exponential Runge-Kutta of Krogstad, phi functions by Krylov spaces; stiff order 3",
       .order = 4,
       .embedded_order = 3,
       .stage_order = 2,
       .r_infinity = 0.0,
       .needs_mass_solves = true,
       .needs_jacobian = true,
       .varying_mass = true,
       .source = "Krogstad, J. Comput. Phys. 203, 2005; Hochbruck and Ostermann, Acta Numerica 19, 2010"})};
}

}  // namespace ansatz::time
