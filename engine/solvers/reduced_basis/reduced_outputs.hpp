#pragma once
/// The quantities of a case that a reduced model knows with error bounds.

#include <optional>
#include <string>
#include <vector>

#include "engine/quantities/quantities.hpp"
#include "engine/reduced/basis/output_basis.hpp"
#include "engine/reduced/separation/separated_functional.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::solvers {

/// What a model stores of the case's quantities: outputs of those that `reduced.outputs` and `reduced.dual` ask for,
/// and of the others the reason why they have no bound.
class OutputTraining {
 public:
  /// Separates the quantities. \throws sdk::Error of kind case_file where one that the case names has no bound.
  /// *Collective.*
  OutputTraining(problem::Problem& problem, results::RunLog& log);
  /// Dual bases are trained as the primal one, by their own bounds.
  /// \param options of linear solves *Collective.*
  std::vector<reduced::OutputData> train(reduced::ReducedBasis& basis, const linear::KrylovOptions& options);

 private:
  struct Output {
    reduced::OutputData data;  ///< what is known before the training
    std::optional<reduced::SeparatedFunctional> functional;
  };
  void refuse(const reduced::OutputData& data, const input::QuantitySpec& spec);
  void train_dual(reduced::ReducedBasis& dual, const std::string& name);

  problem::Problem& problem_;
  results::RunLog& log_;
  const input::Case& case_;
  std::vector<Output> outputs_;
};

/// The outputs of a model, for the quantities of a case.
class ReducedOutputs {
 public:
  /// \param stored of the model's file; those of quantities that the case defines otherwise are left out
  ReducedOutputs(const input::Case& parsed, std::vector<reduced::OutputData> stored,
                 const reduced::ReducedModelData& model);

  const std::vector<reduced::OutputModel>& models() const { return models_; }
  /// As ReducedModel::allow_outside().
  void allow_outside(int parameter) {
    for (auto& output : models_) output.allow_outside(parameter);
  }
  /// All of the case's quantities are outputs or formulas, so that no field is needed.
  bool is_complete() const;
  /// One entry for each of the case's quantities: a value with its bound, or the reason why there is none. \param
  /// mu,result,work of the model's last solve
  std::vector<quantities::KnownQuantity> evaluate(std::span<const double> mu,
                                                  const reduced::ReducedModel::Result& result,
                                                  const reduced::ReducedModel::Workspace& work);
  /// The same from values and bounds of models(), as a batch gives them.
  std::vector<quantities::KnownQuantity> known(std::span<const double> values, std::span<const double> bounds,
                                               bool is_estimate) const;
  /// Positions in the case of the quantities of models(), in their order.
  std::vector<int> known_quantities() const;
  /// What to do about dual bases that the case wants and the model does not have; empty where there is nothing to do.
  std::string advice() const;

 private:
  const input::Case& case_;
  std::vector<reduced::OutputModel> models_;
  std::vector<reduced::OutputModel::Workspace> work_;
  std::vector<quantities::KnownQuantity> quantities_;  ///< without values; certificates have the kind of bound only
  std::vector<int> model_of_;                          ///< of each quantity, -1 for none
};

}  // namespace ansatz::solvers
