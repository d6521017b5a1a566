#pragma once
/// The parts of the case parser: one function a section. Private to input/case_*.cpp.

#include <string>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/input/case.hpp"
#include "engine/input/toml/section.hpp"
#include "engine/plugin/registry.hpp"

namespace ansatz::input {

/// What the sections need of each other while a case is read.
struct Reading {
  Case& result;
  Diagnostics& diagnostics;
  const plugin::Registry& registry;
  const base::Communicator& comm;
  const sdk::PhysicsInfo* physics = nullptr;  ///< null until known
  int dim = 0;                                ///< of space; 0 until a mesh file is read
  std::vector<std::string> unknowns = {};     ///< names that tolerances of [time] may have: fields
};

/// [mesh]. Sets `dim` for boxes.
void read_mesh(Reading& reading, Section section);

/// The one table in [physics], for which reading.physics is known.
void read_physics(Reading& reading, Section section);

/// [parameters], [constants], [regions], [tables], [data]: everything that gives names to expressions. Tables from
/// files are read on rank 0. *Collective.*
void read_names(Reading& reading, Section& root);

/// [system], then [initial], [time], [output] and [checkpoint] of it. \returns false where the case has none.
bool read_system(Reading& reading, Section& root);
void read_checkpoint(Reading& reading, Section section);
/// Which steps are written: `every` and `at` of [output].
void read_output_steps(Reading& reading, Section& section);

/// [time].
void read_time(Reading& reading, Section section);
/// Records events that are no quantities, or not of finite elements; after [quantities].
void check_events(Reading& reading);
/// [solver], [linear], [time], [output].
void read_solution(Reading& reading, Section& root);

/// [reduced] and [study], after [solver] and [parameters].
void read_reduced(Reading& reading, Section& root);
void read_study(Reading& reading, Section& root);
/// A sample of parameters.
/// \param training what holds where nothing is said
TrainingSpec read_training(Section section, TrainingSpec training);
/// Records names in `reduced.outputs` and `reduced.dual` that are no linear quantities; after [quantities].
void check_outputs(Reading& reading);

/// [initial] and [quantities].
void read_initial(Reading& reading, Section section);
void read_quantities(Reading& reading, Section section);
/// Records a continuation where no steady state is solved for; after [time] and [initial].
void check_continuation(Reading& reading);

/// A field or one component of it, or a coefficient or one component of it.
struct Target {
  std::string name;                       ///< for example "displacement" or "displacement_x"
  std::string field;                      ///< what it belongs to
  sdk::Shape shape = sdk::Shape::scalar;  ///< of this name
  sdk::Range range;
  std::string doc;  ///< unit and range
};

/// Fields, then their components.
std::vector<Target> field_targets(const sdk::PhysicsInfo& physics, int dim);
/// Coefficients on boundaries, then their components.
std::vector<Target> boundary_targets(const sdk::PhysicsInfo& physics, int dim);

/// Reads the values of all targets that a section has, and checks counts, ranges, and that no component is given twice.
std::vector<std::pair<std::string, Value>> read_targets(Reading& reading, Section& section,
                                                        const std::vector<Target>& targets, bool allow_free);

/// Records wrong component counts where the dimension is known, and numbers out of range.
void check_value(Reading& reading, const std::string& name, const Value& value, sdk::Shape shape,
                 const sdk::Range& range, bool allow_free = false);

/// The text of `effective.toml`.
/// \param physics null for a system of ordinary differential equations
std::string effective_toml(const Case& parsed, const sdk::PhysicsInfo* physics, const plugin::Registry& registry);

}  // namespace ansatz::input
