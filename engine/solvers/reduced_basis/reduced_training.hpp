#pragma once
/// Training of a case's reduced model: separation, stability constant, basis, model file and pictures.

#include <functional>
#include <string>

#include "engine/io/charts/chart.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/reduced/in_time/parabolic_basis.hpp"
#include "engine/reduced/storage/model_file.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::solvers {

/// A model with its vectors: the basis, then the liftings.
struct TrainedModel {
  io::StoredModel model;
  reduced::Block vectors;
};

/// One training, by the case's `[reduced]`.
class ReducedTraining {
 public:
  /// All references must outlive this.
  /// \param folder of the run, for pictures
  /// \param fingerprint for the model file
  ReducedTraining(problem::Problem& problem, fem::DiscreteProblem& discrete, results::RunLog& log, std::string folder,
                  std::string fingerprint);

  /// Trains and writes the model file. \throws sdk::Error of kind case_file where there is no such model of the
  /// problem, with the reason. *Collective.*
  TrainedModel run();

 private:
  void interpolate_residual(reduced::ReducedBasis& basis);
  void report(const reduced::SeparatedProblem& separated);
  /// What the basis asks for, see reduced::BasisOptions; problems in time have none.
  std::function<reduced::WeakMotions(std::span<const double>)> weak_motions();
  void refuse_in_time() const;
  reduced::ParabolicBasis in_time(reduced::ReducedBasis& basis);
  /// What the picks of a greedy training depend on.
  std::string training_key() const;
  /// Says how many of the training solutions are computed, now and then.
  std::function<void(std::size_t)> solutions_counter(std::size_t total);
  /// They give the picture of the training.
  io::Chart run_greedy(reduced::ReducedBasis& basis);
  io::Chart run_greedy(reduced::ParabolicBasis& basis);
  io::Chart run_pod(reduced::ReducedBasis& basis);

  problem::Problem& problem_;
  fem::DiscreteProblem& discrete_;
  results::RunLog& log_;
  std::string folder_;
  const input::Case& case_;
  std::string fingerprint_;
};

}  // namespace ansatz::solvers
