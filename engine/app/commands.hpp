#pragma once
/// The commands of `ansatz`. Each returns the exit code, and throws Error for what cannot be done.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/study/run.hpp"

namespace ansatz::app {

struct CaseArguments {
  std::string path;  ///< file or folder
  std::vector<std::string> overrides;
  study::RunOptions run;
};

/// All commands are *Collective*; only rank 0 prints.
int run(const CaseArguments& arguments, plugin::Registry& registry, const base::Communicator& comm);
int check(const CaseArguments& arguments, plugin::Registry& registry, const base::Communicator& comm);
int list_plugins(plugin::Registry& registry, const base::Communicator& comm);
/// How describe() prints: text, a JSON schema (of the case for a physics, of its section for a system), or a page in
/// Markdown (of "case").
enum class DescribeAs { text, schema, markdown };
/// \param name of a plugin, a physics, a system, a mesh reader, a visual writer, a policy learner, an ansatz or a
/// study, or the path of a plugin; "time": integrators and step controllers; "case": every key of a case
int describe(const std::string& name, DescribeAs as, plugin::Registry& registry, const base::Communicator& comm);
int info(const std::string& file, const base::Communicator& comm);
/// Makes the folder `parent`/`name` with the sources, case and tests of a plugin of this kind, ready to be built
/// against the installed SDK. \throws Error of kind usage: unknown kind, name that is no identifier, folder that
/// exists.
int new_plugin(const std::string& kind, const std::string& name, const std::string& parent,
               const base::Communicator& comm);
/// Kinds of plugin that new_plugin() knows: those of the installed templates, sorted. Not collective.
std::vector<std::string> plugin_kinds();
int doctor(plugin::Registry& registry, const base::Communicator& comm);

/// A plugin that was found but cannot be loaded.
struct Broken {
  std::string name;
  sdk::Error error;
};

/// Loads every plugin of the search path; returns those that fail. *Collective.*
std::vector<Broken> load_all(plugin::Registry& registry);

/// JSON schema of the section [system.NAME], with components, invariants and events beside it where defaults are enough
/// to make the system.
nlohmann::ordered_json system_schema(const plugin::OdeOffer& offer);
/// JSON schema of a section with these options.
nlohmann::ordered_json options_schema(const sdk::ParameterSchema& schema);
/// JSON schema of a whole case file with this physics, which it needs; null: of any case, without the keys of physics
/// and systems.
nlohmann::ordered_json case_schema(const sdk::PhysicsInfo* info, const plugin::Registry& registry);

}  // namespace ansatz::app
