#pragma once
/// Integrals of the equations of a steady problem along motions.

#include <span>
#include <vector>

#include "engine/fem/motions/free_motions.hpp"

namespace ansatz::fem {

/// Integrals of the equations times the motions.
class MotionBalance {
 public:
  /// Both must outlive this.
  MotionBalance(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t);

  /// Of the equations at u, by motion.
  /// \param u (num_owned) *Collective.*
  Moments at(std::span<const double> u) { return problem_.moments(time_, u, std::nullopt, tests_); }
  /// Of their derivatives along motion m, by motion.
  /// \param u (num_owned) *Collective.*
  Moments slopes(std::span<const double> u, std::size_t m) {
    return problem_.moment_slopes(time_, u, motions_[m].vector, tests_);
  }
  /// sum over |test_e| |J| |v| of each motion e, with the Jacobian at hand.
  /// \param v (num_owned) *Collective.*
  std::vector<double> terms(std::span<const double> v) const;
  /// max |u| by field, over all ranks. *Collective.*
  std::vector<double> sizes(std::span<const double> u) const;
  /// The largest of |amplitude| |motion|, of the size of its leading field.
  /// \param amplitudes by motion *Collective.*
  double relative_change(std::span<const double> amplitudes, std::span<const double> u) const;

 private:
  DiscreteProblem& problem_;
  const base::Communicator& comm_;
  const std::vector<FreeMotion>& motions_;
  double time_;
  std::vector<std::span<const double>> tests_;
};

/// What equations feel of a motion is more than this part of what cells feel: sums below cancel.
inline constexpr double unfelt = 1e-6;

/// u with each value changed by a share of its field's size, up or down as its node says: no slope is known that such
/// changes of the state make. Shape (num_owned). Not collective.
/// \param sizes of the fields
std::vector<double> shaken(DiscreteProblem& problem, std::span<const double> u, std::span<const double> sizes);

}  // namespace ansatz::fem
