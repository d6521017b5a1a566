#pragma once
/// Every key of a case file, section by section. A new key is one line here and one member of its Spec in case.hpp.

#include <string>
#include <vector>

#include "engine/input/case.hpp"
#include "engine/input/toml/keys.hpp"
#include "engine/plugin/registry.hpp"

namespace ansatz::input {

Keys<mesh::BoxOptions> box_keys();
Keys<MeshSpec> mesh_keys();
Keys<ParameterSpec> parameter_keys();
Keys<TableSpec> table_keys();
Keys<DataSpec> data_keys();
/// \param registry its ansaetze are among the choices, their options are tables
Keys<SolverSpec> solver_keys(const plugin::Registry& registry);
Keys<SolverSpec::Continuation> continuation_keys();
/// \param registry its preconditioners and tuners are among the choices
Keys<LinearSpec> linear_keys(const plugin::Registry& registry);
Keys<InterpolationSpec> interpolation_keys();
Keys<ReducedSpec> reduced_keys();
Keys<SweepSpec> sweep_keys();
Keys<LimitsSpec> limits_keys();
/// \param registry its studies are among the choices
Keys<StudySpec> study_keys(const plugin::Registry& registry, bool of_system);
/// Of `controller = { ... }` in [time].
Keys<TimeSpec> controller_keys();
/// \param registry its methods are among the choices
Keys<TimeSpec> time_keys(const plugin::Registry& registry);
Keys<CheckpointSpec> checkpoint_keys();
/// Which steps are written.
Keys<OutputSpec> output_step_keys();
/// \param registry its layouts are named
Keys<OutputSpec> output_keys(const plugin::Registry& registry);
Keys<PolicySpec> policy_keys(const plugin::Registry& registry);

/// A sample of parameters, in one line.
std::string training_text(const TrainingSpec& training);
/// Its keys: one kind with a number of points, and a seed.
Keys<TrainingSpec> training_keys();

/// Layouts of output that are built in, then those of plugins.
std::vector<std::string> layout_names(const plugin::Registry& registry);

/// Keys of [physics.NAME] from what a physics declares, in 3-D.
std::vector<KeyInfo> physics_infos(const sdk::PhysicsInfo& physics);

/// All sections of a case.
/// \param physics whose sections are described in full; null: none is
std::vector<KeyInfo> case_keys(const plugin::Registry& registry, const sdk::PhysicsInfo* physics);

}  // namespace ansatz::input
