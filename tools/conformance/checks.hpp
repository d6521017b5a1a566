#pragma once
/// The checks of each kind of plugin, and of a case that uses one.

#include <string>
#include <vector>

#include "engine/plugin/registry.hpp"
#include "report.hpp"

namespace ansatz::conformance {

/// Documentation, units, ranges, defaults and options of a physics, and how it refuses what is wrong. *Collective.*
void check_declarations(Report& report, const plugin::PhysicsOffer& offer);

/// All kernels of a physics against differences of its residual, with every choice of its options. *Collective.*
void check_kernels(Report& report, const plugin::PhysicsOffer& offer);

/// Strong form and fluxes out of a cube against the weak form, by the theorem of Gauss. \throws Failure. Not
/// collective.
void check_strong_form(const sdk::Physics& physics, int dim);

/// A system of ordinary differential equations with the defaults of its parameters: declarations, all derivatives
/// against differences, parts, band, invariants. *Collective.*
void check_system(Report& report, const plugin::OdeOffer& offer);

/// A mesh reader.
/// \param sample a mesh file, may be empty
/// \param folder for scratch files. On one rank.
void check_reader(Report& report, const plugin::ReaderOffer& offer, const std::string& sample,
                  const std::string& folder);

/// A visual writer, writing into `folder`. *Collective.*
void check_writer(Report& report, const plugin::WriterOffer& offer, const std::string& folder);

/// A time integrator: its order, and restarts. On one rank.
void check_time_method(Report& report, const plugin::TimeMethodOffer& offer);

/// A policy learner, on a process of one step. On one rank.
void check_learner(Report& report, const plugin::LearnerOffer& offer);

/// An ansatz: what it declares. Its solutions are looked at in the runs of a case. Not collective.
void check_solver(Report& report, const plugin::SolverOffer& offer);

/// A study: what it declares. Not collective.
void check_study(Report& report, const plugin::StudyOffer& offer);

/// Texts and defaults of what a case may set. \throws Failure. Not collective.
void check_options(const sdk::ParameterSchema& schema);

/// A preconditioner, on matrices of its own: finite, linear and symmetric as it says, without memory. *Collective.*
void check_preconditioner(Report& report, const plugin::PreconditionerOffer& offer);

/// A tuner: within the ranges, repeatable, also from its stored state. On one rank.
void check_tuner(Report& report, const plugin::TunerOffer& offer);

/// What is run of a case: `ansatz run CASE` with these.
struct CasePlan {
  std::string mesh_file;             ///< absolute, empty for a box
  std::string layout;                ///< of its output
  std::vector<std::string> restore;  ///< overrides that compare the solution with that of a saved result
  std::string ansatz;                ///< its ansatz, where a plugin offers it and it trains; else empty
  bool keeps_states = false;         ///< its ansatz is a plugin's, in time, and restarts
};

/// Reads the case.
/// \param saved the result file to compare with *Collective.*
CasePlan plan_case(const std::string& case_path, const std::string& saved, plugin::Registry& registry,
                   const base::Communicator& comm);

/// Quantities added by CasePlan::restore, pairs of difference and size, are named with this and a number.
inline constexpr const char* difference_name = "conformance_difference_";
inline constexpr const char* size_name = "conformance_size_";

/// Compares quantities of two summary.json.
/// \param tolerance relative to the largest quantity of a unit; 0: bit for bit. \throws Failure. Not collective.
void compare_summaries(const std::string& one, const std::string& other, double tolerance = 1e-6);
/// Looks at the quantities of CasePlan::restore. \throws Failure. Not collective.
void check_restored(const std::string& summary, double tolerance);

}  // namespace ansatz::conformance
