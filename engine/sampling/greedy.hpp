#pragma once
/// The greedy loop that trains every surrogate: reduced bases, stability constants, empirical interpolation.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/sampling/training_set.hpp"

namespace ansatz::sampling {

/// What the greedy loop trains. It knows nothing of models and communicators: both functions may be collective, and
/// must return the same on every rank.
class Surrogate {
 public:
  virtual ~Surrogate() = default;
  /// Indicator of each point: a bound or estimate of the surrogate's error (weak greedy) or the error itself (strong
  /// greedy).
  virtual std::vector<double> evaluate(const TrainingSet& points) = 0;
  /// Adds what belongs to `mu`, shape (dimension). \return false where that is already there, and nothing changed
  virtual bool extend(std::span<const double> mu) = 0;
  /// One extension does not take all that there is at its point, so that the point may be picked again, whatever the
  /// indicator there has become; extend() ends that by false.
  virtual bool takes_parts() const { return false; }
};

/// One extension.
struct GreedyStep {
  std::size_t index = 0;          ///< of the point in the training set
  std::vector<double> parameter;  ///< (dimension)
  double indicator = 0.0;         ///< the largest, before the extension
};

enum class GreedyEnd {
  tolerance,       ///< the largest indicator is within the tolerance
  max_extensions,  ///< as many extensions as allowed
  no_gain,  ///< the point with the largest indicator is in the surrogate already: round-off, or an indicator that lies
  interrupted,  ///< on_step wanted so
};

struct GreedyOptions {
  double tolerance = 1e-6;   ///< of the largest indicator
  bool relative = false;     ///< tolerance is a part of the largest indicator at the start
  int max_extensions = 100;  ///< earlier ones counted
  std::function<bool(const GreedyStep&)> on_step = nullptr;  ///< after each extension, for a log line; false: stop
};

struct GreedyResult {
  std::vector<GreedyStep> steps;  ///< earlier ones included
  double largest = 0.0;           ///< indicator at the end
  std::size_t worst = 0;          ///< where
  GreedyEnd end = GreedyEnd::tolerance;
};

/// Extends by the point with the largest indicator until the tolerance is met. Of indicators within 1e-8 of the largest
/// the one with the lowest index is picked, so that round-off does not decide.
/// \param earlier steps that the surrogate already holds, see replay()
/// \throws sdk::Error of kind parameter for an empty training set or a wrong option, of kind not_finite for an
/// indicator that is not finite or negative. *Collective* where the surrogate is.
GreedyResult greedy(Surrogate& surrogate, const TrainingSet& training, const GreedyOptions& options,
                    std::vector<GreedyStep> earlier = {});

/// Gives a new surrogate what an interrupted training gave its own; greedy() or adaptive_greedy() then goes on as if
/// there had been no interruption. \throws sdk::Error of kind state where the steps belong to another training set or
/// problem. *Collective* where the surrogate is.
void replay(Surrogate& surrogate, const TrainingSet& training, std::span<const GreedyStep> steps);

/// Where an adaptive training is; handed in again, it goes on from there.
struct AdaptiveState {
  TrainingSet training;           ///< with what was added: points are only ever appended
  std::vector<GreedyStep> steps;  ///< indices in `training`
  int rounds = 0;                 ///< validations done
};

struct AdaptiveOptions {
  GreedyOptions greedy;
  std::size_t validation_size = 200;  ///< new random points in each round
  double safety = 1.0;                ///< validated where no point's indicator is above safety times the tolerance
  std::size_t max_failures = 10;      ///< that a round adds to the training set, the worst first
  int neighbours = 2;                 ///< added around each of them
  int max_rounds = 20;
  std::uint64_t seed = 1;
  std::function<void(const AdaptiveState&)> on_round = nullptr;  ///< after each refinement, for a checkpoint
};

struct AdaptiveResult {
  AdaptiveState state;
  GreedyEnd end = GreedyEnd::tolerance;  ///< of the last greedy loop
  double largest = 0.0;                  ///< indicator on the training set
  double validation = 0.0;               ///< largest indicator of the last validation
  bool validated = false;                ///< the last validation had no failure
};

/// Greedy on a small training set that is validated on new random points each round and refined with and around those
/// that fail, so that what is trained is the box and not the sample (after Haasdonk, Dihlmann, Ohlberger, Math. Comput.
/// Model. Dyn. Syst. 17, 2011; neighbours take the place of their grid's cells). It ends validated, after max_rounds,
/// or where a greedy loop ends otherwise than by its tolerance. Throws as greedy(). *Collective* where the surrogate
/// is.
AdaptiveResult adaptive_greedy(Surrogate& surrogate, const ParameterBox& box, AdaptiveState start,
                               const AdaptiveOptions& options);

}  // namespace ansatz::sampling
