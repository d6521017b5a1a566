#pragma once
/// Tuners: what chooses the knobs of a preconditioner before each solve, and learns from its cost.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "ansatz/sdk/parameters.hpp"
#include "ansatz/sdk/preconditioner.hpp"
#include "ansatz/sdk/time.hpp"

namespace ansatz::sdk {

/// Entries of the context of a solve, each in [0, 1] and without a unit. More may follow.
enum SolveContext : std::size_t {
  /// log10(1 + trace(A) / |sum of all entries of A|) / 4, at most 1: small where a mass or the identity outweighs,
  /// larger by 1/4 for each tenfold step; of rows that are not prescribed.
  stiffness,
  /// log10(first residual / residual that is enough) / 16: digits to gain.
  digits,
  num_contexts
};

/// Chooses knobs. Its type has a constructor from the knobs and the options of the case. A run in time stores its state
/// in checkpoints, so that a restart repeats the run. It is the same on all ranks: the cost of a solve is iterations,
/// never seconds, and random numbers come from seeds (random.hpp). Nothing here is collective.
///
///   tuner->propose(context, knobs);
///   preconditioner->set_knobs(knobs);
///   ...
///   tuner->learn(iterations, true);
class Tuner {
 public:
  virtual ~Tuner();
  /// \param context what is known of the solve, see SolveContext
  /// \param knobs out: values within the ranges, shape (knobs)
  virtual void propose(std::span<const double> context, std::span<double> knobs) = 0;
  /// What the solve with the last proposal took. Not called where an error ended it.
  /// \param converged whether it was solved; where not, it is tried again with the initial values of the knobs
  virtual void learn(std::int64_t iterations, bool converged) = 0;
  /// Stores or reads all that influences later proposals. Its names are its own.
  virtual void exchange(StateArchive& archive) = 0;
};

/// \param options what the case says in [linear.NAME]
/// \throws Error of kind parameter where it cannot choose such knobs
using TunerFactory = std::function<std::unique_ptr<Tuner>(std::span<const Knob> knobs, const ParameterSet& options)>;

}  // namespace ansatz::sdk
