#pragma once
/// The offline side of reduced bases in time: trajectories, what is new in them, and initial values.

#include "engine/reduced/basis/reduced_basis.hpp"
#include "engine/reduced/in_time/parabolic_model.hpp"
#include "engine/reduced/separation/initial_values.hpp"
#include "engine/sampling/greedy.hpp"

namespace ansatz::reduced {

/// A basis for all steps of M(mu) u' + A(mu) u = f(t, mu), extended by the dominant mode of a trajectory's error
/// (POD-greedy: Haasdonk and Ohlberger, ESAIM M2AN 42, 2008).
class ParabolicBasis {
 public:
  /// \param space of the same problem, without functions so far; it must outlive this, and only this extends it
  /// \throws sdk::Error of kind case_file where the bound would not hold: no mass, a mass that is not symmetric and
  /// positive semidefinite with positive factors, fields without a rate, another method. *Collective.*
  ParabolicBasis(ReducedBasis& space, SeparatedInitial initial, TimeGrid grid);

  /// Adds the first mode, in X, of what the basis leaves of the trajectory. \returns false where that is round-off
  /// (then nothing changes). *Collective.*
  bool extend(std::span<const double> mu);
  /// |||u - u_N||| at the parameters of extend(), each before its extension, in the norm of the bound there.
  const std::vector<double>& errors() const { return errors_; }

  ParabolicModel model() const { return ParabolicModel({space_.model().data(), time_}); }
  const ReducedBasis& space() const { return space_; }

  /// Free parts of the finite-element solution at all steps, (steps + 1) columns. *Collective.*
  Block trajectory(std::span<const double> mu);
  /// The norm of the bound at these parameters, see ParabolicModel.
  /// \param errors of all steps. *Collective.*
  double norm(std::span<const double> mu, const Block& errors);

 private:
  void check() const;
  void project_initial();
  void set_matrices(std::span<const double> mu);
  std::vector<double> step_rhs(std::span<const double> mu, double before, double now, std::span<const double> v) const;
  double true_error(std::span<const double> mu, const Block& solution);

  ReducedBasis& space_;
  SeparatedInitial initial_;
  TimeData time_;
  base::Communicator comm_;
  std::shared_ptr<linear::SparseMatrix> reference_mass_;
  linear::SparseMatrix A_, M_,
      system_;  ///< at the parameters of set_matrices(); zero in constrained rows but in system_
  linear::KrylovSolver solver_;
  TimeConditions conditions_;  ///< of right-hand sides
  std::vector<double> errors_;
};

/// Training by the bounds of the model; ranks share the evaluation of a training set.
class ParabolicGreedy final : public sampling::Surrogate {
 public:
  /// Both must outlive this.
  ParabolicGreedy(ParabolicBasis& basis, const base::Communicator& comm) : basis_(basis), comm_(comm) {}

  /// *Collective.*
  std::vector<double> evaluate(const sampling::TrainingSet& points) override;
  /// *Collective.*
  bool extend(std::span<const double> mu) override { return basis_.extend(mu); }
  bool takes_parts() const override { return true; }

 private:
  ParabolicBasis& basis_;
  const base::Communicator& comm_;
};

}  // namespace ansatz::reduced
