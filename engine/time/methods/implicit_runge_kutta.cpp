#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/vector_sum.hpp"
#include "engine/time/methods/method_families.hpp"
#include "engine/time/tableaus/imex_tableau.hpp"

namespace ansatz::time {
namespace {

constexpr double loose_tolerance = 1e-3;  // relative one, at which iterations may leave what they may leave in one step

/// Diagonally implicit stages k_i, in additive methods for the stiff part of f, with explicit ones e_i for the rest:
///   M k_i = f(t + c_i h, Y_i),  Y_i = y + h sum_{j<=i} a_ij k_j + h sum_{j<i} explicit_a_ij e_j.
/// k_i is (Y_i - known terms) / (a_ii h), free of the errors of Y_i that f would multiply by its stiffness. That of
/// unknowns that are given is not their exact rate, so that sums of all k_i lead from given values to given values:
/// with a mass that couples them to the others this keeps the order.
class DiagonallyImplicit final : public sdk::TimeMethod {
 public:
  DiagonallyImplicit(const ImplicitTableau& tableau, const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : DiagonallyImplicit(tableau, nullptr, tableau.d, info, system) {}
  DiagonallyImplicit(const ImexTableau& tableau, const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : DiagonallyImplicit(tableau.implicit(), &tableau.explicit_a, tableau.d, info, system) {}

  const sdk::TimeMethodInfo& info() const override { return info_; }
  int estimate_order() const override { return std::min(info_.order, info_.embedded_order); }

  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm, std::span<double> y_new,
               std::span<double> error) override {
    work_ = {};
    set_scale(norm, y);
    const int s = tableau_.num_stages();
    for (int i = 0; i < s; ++i) {
      if (tableau_.a[i][i] == 0.0) {
        take_state(t, y, k_[i]);
      } else {
        solve_stage(i, t, h, y);
      }
      if (explicit_a_) nonstiff_rate(t + tableau_.c[i] * h, e_[i]);
    }
    if (last_is_new()) {
      std::ranges::copy(stage_, y_new.begin());
    } else {
      std::ranges::copy(y, y_new.begin());
      for (int i = 0; i < s; ++i) add_stage(h * tableau_.b[i], i, y_new);
      system_.prescribe(t + h, y_new);
    }
    if (estimates_error(system_, error)) estimate(t, h, y_new, error);
  }

  void accept() override {
    origin_ = last_is_new() ? Origin::solved : Origin::none;
    if (last_is_new()) std::swap(rate_, k_.back());
  }
  void restart() override { origin_ = Origin::none; }
  bool end_rate(std::span<double> out) const override {
    if (origin_ == Origin::none || explicit_a_) return false;
    std::ranges::copy(rate_, out.begin());
    return true;
  }
  void exchange(sdk::StateArchive& archive) override {
    auto origin = static_cast<std::int64_t>(origin_);
    archive.integer("rate_origin", origin);
    origin_ = static_cast<Origin>(origin);
    if (origin_ != Origin::none) archive.unknowns("rate", rate_);
  }

 private:
  enum class Origin { none, evaluated, solved };

  /// \param explicit_a null: all of f is implicit
  DiagonallyImplicit(const ImplicitTableau& tableau, const std::vector<std::vector<double>>* explicit_a,
                     const std::vector<double>& d, const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : tableau_(tableau),
        explicit_a_(explicit_a),
        d_(d),
        info_(info),
        system_(system),
        stage_(system.size()),
        known_(system.size()),
        rate_(system.size()),
        k_(tableau.num_stages(), std::vector<double>(system.size())),
        e_(explicit_a ? tableau.num_stages() : 0, std::vector<double>(system.size())) {}

  bool last_is_new() const { return !explicit_a_; }

  /// The first stage of ESDIRK methods; its rate is that of the last stage before.
  void take_state(double t, std::span<const double> y, std::vector<double>& k) {
    std::ranges::copy(y, stage_.begin());
    if (origin_ == Origin::none) {
      system_.rate(t, y, explicit_a_ ? sdk::Part::stiff : sdk::Part::all, rate_);
      origin_ = Origin::evaluated;
    }
    std::ranges::copy(rate_, k.begin());
  }

  /// Rates of unknowns that are given belong to the stiff part, as in f: here they are 0.
  void nonstiff_rate(double t, std::span<double> e) {
    system_.f(t, stage_, sdk::Part::nonstiff, e);
    system_.solve_mass(t, stage_, e);
  }

  /// What errors of iterations may be: less than those of steps, as they add up, too. Without an explicit first stage
  /// guesses are poor, and what iterations leave has one sign: about (relative tolerance)^(-1/(order of the estimate +
  /// 1)) steps.
  void set_scale(const sdk::ErrorNorm& norm, std::span<const double> y) {
    double share = 0.3;
    if (!tableau_.explicit_first_stage()) {
      share = std::pow(std::max(1.0, loose_tolerance * norm(y, y, y)), -1.0 / (1.0 + estimate_order()));
    }
    const auto scale = norm.scale(y);
    scale_.assign(scale.begin(), scale.end());
    for (double& value : scale_) value *= share;
  }

  void solve_stage(int i, double t, double h, std::span<const double> y) {
    const double shift = 1.0 / (h * tableau_.a[i][i]), at = t + tableau_.c[i] * h;
    std::ranges::copy(y, known_.begin());
    for (int j = 0; j < i; ++j) {
      base::add_term(h * tableau_.a[i][j], k_[j], known_);
      if (explicit_a_) base::add_term(h * (*explicit_a_)[i][j], e_[j], known_);
    }
    for (double& value : known_) value *= -shift;
    guess(i, h, y);
    system_.prescribe(at, stage_);
    if (system_.traits().mass_varies()) set_given_rates(at, shift);

    sdk::TimeSystem::Stage stage;
    stage.time = at;
    stage.shift = shift;
    stage.known = known_;
    stage.part = explicit_a_ ? sdk::Part::stiff : sdk::Part::all;
    stage.scale = scale_;
    const auto result = system_.solve_stage(stage, stage_);
    work_.iterations += result.iterations;
    work_.linear_iterations += result.linear_iterations;
    work_.residual = result.residual;
    work_.contraction = result.contraction;
    for (std::size_t n = 0; n < stage_.size(); ++n) k_[i][n] = shift * stage_[n] + known_[n];
  }

  /// The rates of unknowns that are given, k_i of the values of the stages, are of the order of the stages. A constant
  /// mass puts them together to the change of the values over the step; one that varies needs the rates themselves.
  void set_given_rates(double t, double shift) {
    given_.assign(stage_.size(), std::numeric_limits<double>::quiet_NaN());
    system_.prescribe_rates(t, given_);
    for (std::size_t n = 0; n < given_.size(); ++n) {
      if (!std::isnan(given_[n])) known_[n] = given_[n] - shift * stage_[n];
    }
  }

  /// Along the line through y and the stage before. Rates are good for this only where a step has ended at its last
  /// stage: elsewhere stiff parts of them may be large.
  void guess(int i, double h, std::span<const double> y) {
    const double before = i > 0 ? tableau_.c[i - 1] : 0.0;
    const double along = before > 0.0 ? tableau_.c[i] / before : 0.0;
    for (std::size_t n = 0; n < stage_.size(); ++n) stage_[n] = y[n] + (along > 0.0 ? along * (stage_[n] - y[n]) : 0.0);
    if (along == 0.0 && origin_ == Origin::solved) base::add_term(h * tableau_.c[i], rate_, stage_);
  }

  void estimate(double t, double h, std::span<const double> y_new, std::span<double> error) {
    // Multipliers have no rates that a sum could compare.
    const auto& e = tableau_.e_from_start;
    const bool from_start = !e.empty() && !explicit_a_ && origin_ == Origin::solved && !system_.traits().algebraic;
    std::ranges::fill(error, 0.0);
    if (from_start) base::add_term(h * e[0], rate_, error);
    for (int i = 0; i < tableau_.num_stages(); ++i) {
      add_stage(h * (from_start ? e[i + 1] : tableau_.b[i] - d_[i]), i, error);
    }
    if (!explicit_a_ && (tableau_.damped || from_start)) damp(t, h, y_new, error);
  }

  /// x := (M - gamma h J)^-1 M x: the correction for the rates of the last stage, which satisfy its equation, and x /
  /// (gamma h) beside these.
  void damp(double t, double h, std::span<const double> y_new, std::span<double> x) {
    const double shift = 1.0 / (h * tableau_.gamma());
    auto& rates = known_;
    std::ranges::copy(k_.back(), rates.begin());
    base::add_term(shift, x, rates);
    sdk::TimeSystem::Stage stage;
    stage.time = t + h;
    stage.shift = shift;
    system_.correction(stage, y_new, rates, x);
  }

  /// to += factor (k_i + e_i).
  void add_stage(double factor, int i, std::span<double> to) const {
    base::add_term(factor, k_[i], to);
    if (explicit_a_) base::add_term(factor, e_[i], to);
  }

  const ImplicitTableau& tableau_;
  const std::vector<std::vector<double>>* explicit_a_;
  const std::vector<double>& d_;  ///< weights of the error
  sdk::TimeMethodInfo info_;
  sdk::TimeSystem& system_;
  std::vector<double> stage_, known_, scale_, given_;
  std::vector<double> rate_;  ///< y' at the present state, of the stiff part in additive methods
  Origin origin_ = Origin::none;
  std::vector<std::vector<double>> k_, e_;
};

sdk::TimeMethodInfo info_of(const ImplicitTableau& tableau) {
  sdk::TimeMethodInfo info;
  info.name = tableau.name;
  info.doc = tableau.explicit_first_stage() ? "diagonally implicit Runge-Kutta with explicit first stage (ESDIRK)"
                                            : "diagonally implicit Runge-Kutta (SDIRK)";
  info.order = tableau.order;
  info.embedded_order = tableau.embedded_order;
  info.stage_order = tableau.stage_order;
  info.r_infinity = 0.0;
  info.needs_mass_solves = tableau.explicit_first_stage();
  info.needs_jacobian = true;
  info.varying_mass = true;
  info.source = tableau.source;
  return info;
}

}  // namespace

std::vector<MethodEntry> implicit_entries() { return tableau_entries<DiagonallyImplicit>(implicit_methods(), info_of); }

std::vector<MethodEntry> imex_entries() {
  return tableau_entries<DiagonallyImplicit>(imex_methods(), [](const ImexTableau& tableau) {
    auto info = info_of(tableau.implicit());
    info.name = tableau.name;
    info.doc = "additive Runge-Kutta: stiff part implicit (ESDIRK), the rest explicit";
    info.needs_split = true;
    info.needs_mass_solves = true;
    info.source = tableau.source;
    return info;
  });
}

}  // namespace ansatz::time
