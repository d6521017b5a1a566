#pragma once
/// Solutions of a problem by its reduced model, which is trained first where there is none.

#include <string>

#include "engine/io/chart.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/reduced/reduced_basis.hpp"
#include "engine/study/run_log.hpp"
#include "engine/study/solution.hpp"

namespace ansatz::study {

/// Ranges of a case's parameters, and those of the inner product, in the order of Problem::parameters().
std::vector<reduced::ParameterRange> parameter_ranges(const Case& parsed);
std::vector<double> reference_parameters(const Case& parsed);

/// How a case interpolates what does not separate.
reduced::InterpolationOptions interpolation_options(const Case& parsed);

/// What a model depends on: the lines of effective.toml on mesh, physics, ranges of parameters and solver, and the checksum
/// of the mesh. *Collective.*
std::string model_fingerprint(const Problem& problem, const plugin::Registry& registry);

/// Trains, stores, loads and uses the reduced model of a case.
class ReducedSolve {
 public:
  /// All references must outlive this. \param folder of the run, for pictures of a training. *Collective.* \throws
  /// sdk::Error of kind case_file for problems in time.
  ReducedSolve(Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry, RunLog& log,
               std::string folder);

  /// The lifted reduced solution at the case's parameters, with a model from its file, or a new one.
  /// \throws sdk::Error of kind state where the file belongs to another problem. *Collective.*
  Solution run();

  /// Norm of the finite-element equations at the lifted solution.
  double residual() const { return residual_; }

 private:
  void train();
  void find_stability(reduced::ReducedBasis& basis);
  void report(const reduced::SeparatedProblem& separated);
  /// Both give the picture of the training.
  io::Chart run_greedy(reduced::ReducedBasis& basis);
  io::Chart run_pod(reduced::ReducedBasis& basis);
  void load();
  Solution solve();

  Problem& problem_;
  fem::DiscreteProblem& discrete_;
  RunLog& log_;
  std::string folder_;
  const Case& case_;
  std::string fingerprint_;
  std::optional<reduced::ReducedModel> model_;
  reduced::Block vectors_;  ///< basis, then liftings
  double residual_ = 0.0;
};

}  // namespace ansatz::study
