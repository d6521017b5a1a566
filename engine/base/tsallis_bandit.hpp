#pragma once
/// Learning which of a few choices costs least, while using them.

#include <cstdint>
#include <span>
#include <vector>

namespace ansatz::base {

/// Tsallis-INF (Zimmert and Seldin, JMLR 22, 2021) with losses of unknown range (Khodak et al., ICLR 2024). In round t,
/// with eta = 2 / sqrt(t) and k_i the sum of losses of choice i over their probabilities,
///   p_i = 4 / (eta (k_i / s - x))^2,  x such that they sum to 1,  s = mean of all losses - 1.
///
///   TsallisBandit bandit(5, seed);
///   const int choice = bandit.draw();
///   bandit.learn(cost_of(choice));   // at least 1
class TsallisBandit {
 public:
  TsallisBandit(int num_choices, std::uint64_t seed);

  /// The choice of this round: the same on all ranks that learn the same.
  int draw();
  /// \param loss of the choice drawn last, at least 1: what is below counts as 1
  void learn(double loss);
  /// Of the choices in this round, shape (num_choices), sum 1.
  std::span<const double> probabilities();

  /// All that influences later choices, for checkpoints. \throws sdk::Error of kind state for another length.
  std::vector<double> state() const;
  void set_state(std::span<const double> state);

 private:
  std::vector<double> sums_, probabilities_;
  std::uint64_t seed_;
  std::int64_t round_ = 1;
  double total_ = 0.0;  ///< of all losses
  int drawn_ = 0;
};

}  // namespace ansatz::base
