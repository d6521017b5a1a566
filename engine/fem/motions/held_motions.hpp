#pragma once
/// Solving while motions that the equations leave undetermined are held, and what becomes of them afterwards.

#include "engine/fem/motions/free_motions.hpp"

namespace ansatz::fem {

/// One owned unknown of some rank for each motion, so that holding them stops all motions. Of those that do best, the
/// lowest in canonical order. *Collective.* \returns this rank's.
std::vector<std::int32_t> unknowns_to_hold(const DofMap& dofs, const std::vector<FreeMotion>& motions);

/// Removes from u its part in the motions: the integral of each motion in its leading field times u becomes 0, that is,
/// the mean where the motion is a constant. *Collective.*
void remove_motions(const base::Communicator& comm, const std::vector<FreeMotion>& motions, std::span<double> u);

/// Checks that the equations of the unknowns that were held, which were left out, hold all the same: the integral of
/// the leading field's equations times each motion is 0. A Jacobian of the last solve must be at hand. \param
/// start,solution owned unknowns before and after the solve \throws sdk::Error of kind case_file on all ranks, with the
/// net source that has nowhere to go. *Collective.*
void check_balance(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t,
                   std::span<const double> start, std::span<const double> solution, Rate rate);

/// After a steady solve that failed: where the equations at its start have a net source along a motion, that is the
/// reason. \throws sdk::Error of kind solver with the motion and the source; else returns. *Collective.*
void explain_failure(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t,
                     std::span<const double> start, const sdk::Error& failure);

/// Lets the matrices of steps in time keep what they lose of these motions, from now on. *Collective.*
void resolve_weak_motions(DiscreteProblem& problem, const std::vector<FreeMotion>& weak);

}  // namespace ansatz::fem
