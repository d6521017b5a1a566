#pragma once
/// Every key of a case file, section by section, in the case_keys_GROUP.cpp that the README says. A new key is one line
/// there and one member of its Spec in case.hpp.

#include <string>
#include <vector>

#include "engine/input/case.hpp"
#include "engine/input/case_options.hpp"
#include "engine/input/toml/keys.hpp"
#include "engine/plugin/registry.hpp"

namespace ansatz::input {

constexpr int many = 1 << 30;  ///< for counts without a limit of their own
inline const sdk::Range open_unit{0.0, 1.0, true, true};

template <class List>
std::vector<std::string> names_in(const List& list) {
  std::vector<std::string> names;
  for (const auto& entry : list) names.push_back(entry.name);
  return names;
}

/// The table NAME of a section, with the options of what a plugin offers; none where it has none. Written where the
/// case has it.
template <class Spec>
void add_options(Keys<Spec>& keys, const std::string& name, const sdk::ParameterSchema& options) {
  if (options.parameters().empty()) return;
  keys.other(table_info(name, "for type = \"" + name + "\"", option_infos(options)), nullptr,
             [name](const Spec& spec) -> std::optional<std::string> {
               const auto found = spec.options.find(name);
               if (found == spec.options.end()) return std::nullopt;
               return options_table(found->second);
             });
}

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
Keys<GradientSpec> gradient_keys();
/// \param registry its studies are among the choices
Keys<StudySpec> study_keys(const plugin::Registry& registry, bool of_system);
/// Of `controller = { ... }` in [time].
Keys<TimeSpec> controller_keys();
/// \param registry its methods are among the choices
Keys<TimeSpec> time_keys(const plugin::Registry& registry);
Keys<CheckpointSpec> checkpoint_keys();
Keys<CertifySpec> certify_keys();
/// \param registry its ansaetze may be compared
Keys<CompareSpec> compare_keys(const plugin::Registry& registry);
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

/// Of names for expressions, what they may not be: coordinates, time, and what means an operator, a function or a
/// constant.
const std::vector<std::string>& reserved_names();

/// All sections of a case.
/// \param physics whose sections are described in full, of cases that have it; null: those of all cases
std::vector<KeyInfo> case_keys(const plugin::Registry& registry, const sdk::PhysicsInfo* physics);
/// What sections demand of each other.
std::vector<KeyRule> case_rules(const sdk::PhysicsInfo* physics);
/// What readers refuse and no schema says, in a sentence.
extern const char* const beyond_schemas;

}  // namespace ansatz::input
