#pragma once
/// What the equations of a solve leave undetermined.

#include <span>
#include <vector>

#include "engine/fem/motions/free_motions.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::solvers {

/// The level of a pressure, the motion of a free body: held while the equations are solved, and 0 in the mean
/// afterwards.
class Undetermined {
 public:
  /// Lets go of what an earlier solve of this discretisation held. All references must outlive this. *Collective.*
  Undetermined(problem::Problem& problem, fem::DiscreteProblem& discrete, results::RunLog& log);

  const std::vector<fem::FreeMotion>& motions() const { return motions_; }
  /// Of steady problems, found with their solution.
  void set(std::vector<fem::FreeMotion> motions) { motions_ = std::move(motions); }
  /// Of problems in time: finds them at the start, and holds them throughout.
  /// \param values at the start, with the prescribed values
  /// \throws sdk::Error of kind case_file where something is determined too weakly to be solved in time. *Collective.*
  void find_in_time(std::span<const double> values);

  /// Holds these too. *Collective.*
  void hold(const std::vector<fem::FreeMotion>& more);
  /// Holds no more than what is held throughout. *Collective.*
  void release();

  /// Says once what is determined up to which motion.
  void announce(const std::vector<fem::FreeMotion>& motions);
  /// \throws sdk::Error of kind case_file where there are any: there is no one steady state to start from then.
  void refuse_as_start(const std::vector<fem::FreeMotion>& motions) const;
  /// *Collective.*
  void remove_means(quantities::Solution& solution) const;

 private:
  problem::Problem& problem_;
  fem::DiscreteProblem& discrete_;
  results::RunLog& log_;
  std::vector<fem::FreeMotion> motions_;
  std::vector<std::int32_t> held_;  ///< unknowns that are held throughout, in time
  bool holds_more_ = false, announced_ = false;
};

}  // namespace ansatz::solvers
