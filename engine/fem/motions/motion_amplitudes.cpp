#include "engine/fem/motions/motion_amplitudes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/base/small_lu.hpp"
#include "engine/fem/motions/motion_balance.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::fem {
namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();
constexpr double settled = 1e-10;            // change of an amplitude, of the field's size
constexpr double settled_with_noise = 1e-7;  // the same where it gets no smaller
constexpr double felt_least =
    0x1p-90;  // of |test| |J| |m|: below, what round-off leaves of a constant's gradient is felt
constexpr double round_off = 64.0 * eps;  // of terms
constexpr int most_steps = 40;

/// The equations of the amplitudes at a solution.
class AmplitudeSearch {
 public:
  AmplitudeSearch(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t, std::span<double> u)
      : problem_(problem), motions_(motions), balance_(problem, motions, t), time_(t), u_(u) {}

  std::vector<FreeMotion> run(const std::function<void()>& solve) {
    linearise();
    auto here = values();
    double before = std::numeric_limits<double>::infinity();
    for (int step = 0; step < most_steps; ++step) {
      if (is_round_off(here)) return unfelt_motions();
      const auto change = correction(here);
      if (change.empty()) break;
      const bool still_solved = move(change);
      const double relative = balance_.relative_change(change, u_);
      if (relative <= settled || (relative > 0.5 * before && relative <= settled_with_noise)) return unfelt_motions();
      if (!std::isfinite(relative)) break;
      before = relative;
      if (!still_solved) solve();
      here = values();
      update(change, here);
    }
    const auto first = std::ranges::find(felt_, 1) - felt_.begin();
    throw sdk::Error(
        sdk::ErrorKind::solver,
        fmt::format("the equations determine {} too weakly", motions_[first % std::ssize(motions_)].text()),
        "the integral of its equation", "prescribe a value, or start from [initial] values nearer to the solution");
  }

 private:
  std::size_t size() const { return motions_.size(); }

  /// Slopes of the equations, and which of them feel their own motion.
  void linearise() {
    const std::size_t n = size();
    felt_.assign(n, 0);
    const auto doubted = shaken(problem_, u_, balance_.sizes(u_));
    for (std::size_t k = 0; k < n; ++k) {
      const auto slopes = balance_.slopes(u_, k);
      const auto gross = problem_.form().linear() ? slopes.gross : gross_slopes(doubted, k);
      const auto terms = balance_.terms(motions_[k].vector);
      for (std::size_t e = 0; e < n; ++e) {
        const double least = std::max(unfelt * std::max(slopes.gross[e], gross[e]), felt_least * terms[e]);
        const bool is_felt = std::abs(slopes.net[e]) > least;
        slopes_.push_back(is_felt ? slopes.net[e] : 0.0);
        if (is_felt && e == k) felt_[e] = 1;
      }
    }
    for (std::size_t e = 0; e < n; ++e) {
      if (felt_[e] != 0) continue;
      for (std::size_t k = 0; k < n; ++k) slopes_[k * n + e] = mean(e, motions_[k].vector);
    }
  }

  /// 0 where u is outside the domain.
  std::vector<double> gross_slopes(std::span<const double> u, std::size_t k) {
    try {
      return balance_.slopes(u, k).gross;
    } catch (const sdk::Error& error) {
      if (error.kind() != sdk::ErrorKind::not_finite) throw;
      return std::vector<double>(size(), 0.0);
    }
  }

  double mean(std::size_t e, std::span<const double> v) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < v.size(); ++i) sum += motions_[e].measure[i] * v[i];
    return problem_.comm().sum(sum);
  }

  std::vector<double> values() {
    auto moments = balance_.at(u_);
    noise_.assign(size(), 0.0);
    for (std::size_t e = 0; e < size(); ++e) {
      noise_[e] = felt_[e] != 0 ? eps * moments.gross[e] : 0.0;
      if (felt_[e] == 0) moments.net[e] = mean(e, u_);
    }
    return moments.net;
  }

  bool is_round_off(const std::vector<double>& values) const {
    for (std::size_t e = 0; e < size(); ++e) {
      if (std::abs(values[e]) > noise_[e]) return false;
    }
    return true;
  }

  /// Nothing where the slopes are singular.
  std::vector<double> correction(const std::vector<double>& values) const {
    auto factors = slopes_, change = values;
    std::vector<int> pivots(size());
    if (!base::factorise(factors, pivots)) return {};
    for (double& value : change) value = -value;
    base::solve_factorised(factors, pivots, change);
    return change;
  }

  /// u += sum of change_m m. \returns whether the equations are as good as before, to round-off of their terms
  bool move(const std::vector<double>& change) {
    std::vector<double> before(u_.size()), after(u_.size()), sizes(u_.size()), terms(u_.size());
    problem_.residual(time_, u_, std::nullopt, before);
    for (std::size_t i = 0; i < u_.size(); ++i) sizes[i] = std::abs(u_[i]);
    for (std::size_t m = 0; m < size(); ++m) {
      linear::add_scaled(change[m], motions_[m].vector, u_);
      for (std::size_t i = 0; i < u_.size(); ++i) sizes[i] += std::abs(change[m] * motions_[m].vector[i]);
    }
    problem_.residual(time_, u_, std::nullopt, after);
    problem_.last_jacobian().multiply_absolute(sizes, terms);
    double worse = 0.0;
    for (std::size_t i = 0; i < u_.size(); ++i) {
      if (!(std::abs(after[i] - before[i]) <= round_off * terms[i])) worse = 1.0;
    }
    return problem_.comm().max(worse) == 0.0;
  }

  /// Broyden: the rest of the equation after the step belongs to its direction.
  void update(const std::vector<double>& change, const std::vector<double>& rest) {
    double square = 0.0;
    for (const double value : change) square += value * value;
    for (std::size_t e = 0; e < size() && square > 0.0; ++e) {
      for (std::size_t k = 0; k < size(); ++k) slopes_[k * size() + e] += rest[e] * change[k] / square;
    }
  }

  std::vector<FreeMotion> unfelt_motions() const {
    std::vector<FreeMotion> left;
    for (std::size_t e = 0; e < size(); ++e) {
      if (felt_[e] == 0) left.push_back(motions_[e]);
    }
    return left;
  }

  DiscreteProblem& problem_;
  const std::vector<FreeMotion>& motions_;
  MotionBalance balance_;
  double time_;
  std::span<double> u_;
  std::vector<int> felt_;       ///< by equation
  std::vector<double> slopes_;  ///< (equations, motions), column after column
  std::vector<double> noise_;   ///< round-off of the integrals
};

}  // namespace

std::vector<FreeMotion> find_amplitudes(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t,
                                        std::span<double> u, const std::function<void()>& solve) {
  return motions.empty() ? motions : AmplitudeSearch(problem, motions, t, u).run(solve);
}

}  // namespace ansatz::fem
