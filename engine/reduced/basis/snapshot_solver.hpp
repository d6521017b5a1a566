#pragma once
/// Finite-element solutions of a separated problem.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/fem/assembly/form.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "engine/reduced/basis/weak_motions.hpp"
#include "engine/reduced/separation/separated_problem.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::reduced {

/// A solution is rest + sum_m amplitudes_m m over the weak motions m that are known.
struct Snapshot {
  std::vector<double> rest;             ///< (num_owned), zero at constrained unknowns
  std::vector<double> amplitudes = {};  ///< (weak motions); empty where there are none
};

/// Solves sum_q a_q(mu) A_q v = sum_q b_q(mu) f_q. Where the matrix does not resolve some motions, it solves with them
/// held and takes their amplitudes from the integrals of the equations.
class SnapshotSolver {
 public:
  /// Told of each weak motion that is new, before it is solved with.
  using OnMotion = std::function<void(const fem::FreeMotion&)>;

  /// \param form only its unknowns and constraints are used; must outlive this
  /// \param symmetric whether all terms of the operator are
  /// \param options of all solves
  /// \param weak_motions empty: there are none
  /// \param box of the parameters, for messages
  /// *Collective.*
  SnapshotSolver(const fem::Form& form, std::shared_ptr<const SeparatedProblem> problem, bool symmetric,
                 const linear::KrylovOptions& options, WeakMotionsAt weak_motions,
                 std::vector<sampling::ParameterRange> box);

  /// The solution at mu. *Collective.*
  /// \param mu shape (num_parameters)
  /// \param start a guess, shape (num_owned)
  /// \throws sdk::Error of kind solver; case_file where the equations determine a motion too weakly for the sum of the
  /// terms
  Snapshot solve(std::span<const double> mu, std::vector<double> start, const OnMotion& on_motion);
  /// The whole vector, shape (num_owned). Not collective.
  std::vector<double> whole(const Snapshot& snapshot) const;

  /// Learns the weak motions at mu that are new, those that are independent of the known ones. *Collective.*
  /// \param mu shape (num_parameters)
  /// \param values a_q(mu), shape (num_terms)
  /// \returns whether there are any
  bool find_weak_motions(std::span<const double> mu, std::span<const double> values, const OnMotion& on_motion);

  /// Largest relative residual of a solution.
  double level() const { return level_; }
  /// Says how far a solution's equations are from solved, relative to their right-hand side.
  void note_level(double level);

 private:
  void combine(std::span<const double> values, const std::vector<std::uint8_t>& constrained);
  std::vector<double> solved(std::span<const double> rhs, std::vector<double> start);
  std::optional<std::vector<double>> solved_plainly(std::vector<double> start, std::span<const double> rhs);
  Snapshot solved_with_motions_held(std::span<const double> values, std::span<const double> rhs);
  std::vector<double> without_held(std::span<const double> v) const;

  const fem::Form& form_;
  std::shared_ptr<const SeparatedProblem> problem_;
  base::Communicator comm_;
  WeakMotionsAt weak_motions_;
  std::vector<sampling::ParameterRange> box_;
  linear::SparseMatrix matrix_;
  linear::KrylovSolver solver_;
  std::vector<fem::FreeMotion> motions_;  ///< weak ones
  std::vector<std::uint8_t> held_;        ///< constrained unknowns, and one for each motion
  double level_ = 0.0;
};

}  // namespace ansatz::reduced
