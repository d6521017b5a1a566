#pragma once
/// Solutions of a problem by its reduced model, which is trained first where there is none.

#include <string>

#include "engine/plugin/registry.hpp"
#include "engine/reduced/in_time/parabolic_model.hpp"
#include "engine/reduced/storage/model_file.hpp"
#include "engine/solvers/observer.hpp"
#include "engine/solvers/reduced_basis/reduced_outputs.hpp"

namespace ansatz::solvers {

/// Trains where needed, loads and uses the reduced model of a case.
class ReducedSolve {
 public:
  /// All references must outlive this.
  /// \param folder of the run, for pictures of a training. *Collective.*
  /// \throws sdk::Error of kind case_file for meshes that depend on parameters.
  ReducedSolve(problem::Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry,
               results::RunLog& log, std::string folder);

  /// The lifted reduced solution at the problem's parameters, the last one in time, with its certificate; of steady
  /// problems with the quantities that the model knows. The model is that of its file, or a new one.
  /// \param observe as with finite elements
  /// \throws sdk::Error of kind state where the file belongs to another problem. *Collective.*
  quantities::Solution run(const Observer& observe);

  /// What run() begins with, once: the model from its file, or a new one. *Collective.* \throws as run().
  void prepare();
  const reduced::ReducedModel& model() const { return *model_; }
  const reduced::Block& vectors() const { return vectors_; }  ///< basis, then liftings
  ReducedOutputs& outputs() { return *outputs_; }
  /// The field at the problem's parameters, of a steady problem, without what run() reports. *Collective.*
  quantities::Solution lifted() const;

  /// Norm of the finite-element equations at the lifted solution.
  double residual() const { return residual_; }

 private:
  void use(io::StoredModel model);
  void load();
  void say_reference(const reduced::ReducedModelData& data) const;
  void allow_extrapolation();
  void warn_of_extrapolation();
  quantities::Solution solve();
  quantities::Solution march(const Observer& observe);
  std::vector<double> lifted(std::span<const double> coefficients, std::span<const double> liftings) const;

  problem::Problem& problem_;
  fem::DiscreteProblem& discrete_;
  results::RunLog& log_;
  std::string folder_;
  const input::Case& case_;
  std::string fingerprint_;
  std::optional<reduced::ReducedModel> model_;      ///< of a steady problem
  std::optional<reduced::ParabolicModel> in_time_;  ///< of one in time
  reduced::Block vectors_;                          ///< basis, then liftings
  std::optional<ReducedOutputs> outputs_;
  double residual_ = 0.0;
};

}  // namespace ansatz::solvers
