#pragma once
/// A contextual bandit that predicts the cost of each choice as a polynomial of the context.

#include <array>
#include <vector>

#include "ansatz/sdk/tuner.hpp"
#include "engine/linear/tuning/arms.hpp"

namespace ansatz::linear {

/// ChebCB (Khodak, Chow, Balcan and Talwalkar, ICLR 2024). With c in [-1, 1] from the first number of the context, the
/// cost of choice i less 1 is predicted as
///   y_i(c) = sum_j theta_ij T_j(c),  j = 0, ..., m - 1,
/// with theta_i from least squares over the rounds in which it was taken, within |theta_i0| <= K and
/// |theta_ij| <= 2 (K - k) / j, K and k the largest and least cost so far less 1. Where i* is the least of d
/// predictions, choice i is taken with probability
///   p_i = 1 / (d + eta (y_i - y_i*) / S),  i != i*,  and i* with the rest,
/// S = K N and N = 2 + 4 (K - k) / K (1 + ln m), with
///   eta = 2 t sqrt(d t / (R - r + 2 alpha^2 t)),
/// in round t with R the squared errors of the predictions so far, r the squares that the fits leave, both over S^2,
/// and alpha the error of polynomials of this degree.
class ChebyshevTuner final : public sdk::Tuner {
 public:
  static constexpr int num_terms = 6;  ///< m
  /// \param options see options()
  ChebyshevTuner(std::span<const sdk::Knob> knobs, const sdk::ParameterSet& options);
  static sdk::ParameterSchema options();

  void propose(std::span<const double> context, std::span<double> knobs) override;
  void learn(std::int64_t iterations, bool converged) override;
  void exchange(sdk::StateArchive& archive) override;

 private:
  using Terms = std::array<double, num_terms>;
  /// Sums over the rounds of one choice, and its fit.
  struct Fit {
    std::array<Terms, num_terms> products{};  ///< of T_j T_k
    Terms right{};                            ///< of T_j times cost
    double squares = 0.0;                     ///< of costs
    Terms theta{};
  };

  double range() const { return largest_ - least_; }
  double scale() const;
  void fit(Fit& to) const;
  double left_over(const Fit& fit) const;
  double rate() const;

  Arms arms_;
  std::uint64_t seed_;
  std::vector<Fit> fits_;
  std::int64_t round_ = 1;
  double largest_ = 0.0, least_ = 0.0;  ///< of all costs less 1
  double missed_ = 0.0;                 ///< squares of the errors of all predictions
  Terms terms_{};                       ///< of the last context
  std::size_t drawn_ = 0;
};

}  // namespace ansatz::linear
