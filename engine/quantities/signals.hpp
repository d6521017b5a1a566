#pragma once
/// Numbers of a run between its steps, and statistics of them over time.

#include <span>
#include <string>
#include <vector>

#include "engine/time/loop/pieces.hpp"

namespace ansatz::quantities {

/// Functions of time, sampled within every step by its dense output until polynomials meet them to signal_tolerance of
/// their range. Nothing is interpolated from one step to the next, so that kinks and jumps at their ends stay what they
/// are.
class Signals {
 public:
  /// \param count of functions
  /// \param cuts times from which statistics may be asked for
  /// \param stops ends of steps at which functions may jump
  Signals(std::size_t count, std::vector<double> cuts, std::vector<double> stops);

  /// A step from `from` to `to`; steps follow each other. *Collective* where the functions are.
  /// \throws what the functions throw.
  void add_step(double from, double to, const time::SignalFunctions& functions);

  struct Statistic {
    double value = 0.0;
    double accuracy = 0.0;  ///< to which samples of the dense output give it; 0 where they are sure to signal_tolerance
  };
  /// A statistic over t >= after, which is one of the cuts:
  ///   "maximum", "minimum", "peak_to_peak", and "mean", which is the integral over time / length;
  ///   "frequency": whole periods / their time [1/unit of t]. A period ends at the upward crossing of the mean after
  ///   which the times between crossings and the extremes in between repeat to 5 %; extremes of growing or decaying
  ///   signals need not repeat.
  /// \throws sdk::Error of kind not_finite, with the reason, where the statistic is not defined: the run ended before
  /// `after`, a signal that grows beyond all bounds, a constant or not periodic one, fewer than two periods.
  Statistic statistic(const std::string& name, std::size_t function, double after) const;

  /// For checkpoints. *Collective.*
  void exchange(const std::string& name, sdk::StateArchive& archive);

 private:
  using Pieces = std::span<const time::Piece>;
  Pieces pieces_after(std::size_t function, double after) const;

  std::vector<double> cuts_, stops_;
  time::PieceSampler sampler_;
  std::vector<double> end_values_;  ///< at the end of the last step, from the step after it; empty: not known
  std::vector<time::Piece> pieces_;
};

constexpr double signal_tolerance = 1e-7;

}  // namespace ansatz::quantities
