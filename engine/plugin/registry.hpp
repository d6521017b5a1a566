#pragma once
/// All plugins of a process, and what they offer, by kind and name.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ansatz/sdk/ode.hpp"
#include "ansatz/sdk/plugin.hpp"
#include "ansatz/sdk/solver.hpp"
#include "ansatz/sdk/study_info.hpp"
#include "engine/base/communicator.hpp"
#include "engine/plugin/loader.hpp"

namespace ansatz::plugin {

/// A loaded plugin, or a part of the program that offers like one (then `path` is "built in").
struct Plugin {
  std::string name, version, author, licence, purpose;
  std::string path;
  std::uint64_t checksum = 0;  ///< of the file; 0 when built in
  bool optimised = true;
};

/// One thing that a plugin offers.
template <class Create>
struct Offer {
  std::string name;
  std::string doc;
  std::string plugin;   ///< name of the plugin
  std::string library;  ///< its path
  Create create;
};

using PhysicsOffer = Offer<std::function<std::unique_ptr<sdk::Physics>()>>;
using ReaderOffer = Offer<std::function<std::unique_ptr<sdk::MeshReader>()>>;
using WriterOffer = Offer<std::function<std::unique_ptr<sdk::VisualWriter>(MPI_Comm, const sdk::VisualTarget&)>>;
using LearnerOffer = Offer<std::function<std::unique_ptr<sdk::PolicyLearner>()>>;
/// The parameters of an offer belong to its name.
struct OdeOffer : Offer<std::function<std::unique_ptr<sdk::OdeSystem>(const sdk::ParameterSet&)>> {
  sdk::ParameterSchema parameters;
};
struct TimeMethodOffer : Offer<std::function<std::unique_ptr<sdk::TimeMethod>(sdk::TimeSystem&)>> {
  sdk::TimeMethodInfo info;
};
struct SolverOffer : Offer<sdk::SolverFactory> {
  sdk::SolverInfo info;
};
struct StudyOffer : Offer<sdk::StudyFactory> {
  sdk::StudyInfo info;
};

struct PreconditionerOffer : Offer<sdk::PreconditionerFactory> {
  sdk::ParameterSchema options;
};
struct TunerOffer : Offer<sdk::TunerFactory> {
  sdk::ParameterSchema options;
};

/// Offers of all kinds.
struct Offers {
  std::vector<PhysicsOffer> physics;
  std::vector<ReaderOffer> mesh_readers;
  std::vector<WriterOffer> visual_writers;
  std::vector<LearnerOffer> policy_learners;
  std::vector<OdeOffer> ode_systems;
  std::vector<TimeMethodOffer> time_methods;
  std::vector<SolverOffer> solvers;
  std::vector<StudyOffer> studies;
  std::vector<PreconditionerOffer> preconditioners;
  std::vector<TunerOffer> tuners;
};

/// Owner of the plugins; one object in main() that outlives everything made from it. Libraries are never unloaded.
class Registry {
 public:
  /// Has what the engine offers of each kind, from then on.
  /// \param folders where load() searches, see search_path()
  Registry(const base::Communicator& comm, std::vector<std::filesystem::path> folders);

  /// Loads a plugin by name or path on all ranks; a file that is loaded already is left alone. *Collective.*
  ///
  /// All ranks must see the same bytes. If it fails on any rank, nothing is registered and all ranks throw.
  /// \param where for errors, for example "case.toml:2:11" \throws Error of kind plugin or plugin_abi
  void load(const std::string& name, const std::string& where = {});

  /// Adds what this program has built in, as if a plugin `name` offered it. Not collective. \throws as load().
  void add_built_in(const std::string& name, const std::string& purpose,
                    const std::function<void(sdk::Registrar&)>& register_all);

  /// Further folders to search, after the present ones.
  void add_folder(const std::filesystem::path& folder);

  /// Names of all plugins in folders(), as rank 0 sees them. *Collective.*
  std::vector<std::string> available() const;

  const std::vector<std::filesystem::path>& folders() const { return folders_; }
  const std::vector<Plugin>& plugins() const { return plugins_; }
  const Offers& offers() const { return offers_; }
  const Plugin* find_plugin(const std::string& name) const;

  /// New objects by name. \throws Error of kind plugin for an unknown name, with the known ones and a suggestion.
  /// *Collective*, since a plugin's constructor may fail on one rank: all then throw.
  std::unique_ptr<sdk::Physics> make_physics(const std::string& name) const;
  /// Not collective.
  std::unique_ptr<sdk::MeshReader> make_mesh_reader(const std::string& name) const;
  /// Not collective. The reader of `path` by its ending; the first registered wins. \throws Error of kind mesh that
  /// lists all endings.
  std::unique_ptr<sdk::MeshReader> make_mesh_reader_for(const std::string& path) const;
  /// *Collective* on `comm`.
  std::unique_ptr<sdk::VisualWriter> make_visual_writer(const std::string& name, MPI_Comm comm,
                                                        const sdk::VisualTarget& target) const;
  /// Not collective.
  std::unique_ptr<sdk::PolicyLearner> make_policy_learner(const std::string& name) const;

  /// \throws as make_physics(); what the system's constructor throws, for example for its parameters. *Collective.*
  std::unique_ptr<sdk::OdeSystem> make_ode_system(const std::string& name, const sdk::ParameterSet& parameters) const;

  /// Null where there is none of this name.
  const PreconditionerOffer* find_preconditioner(const std::string& name) const;
  const TunerOffer* find_tuner(const std::string& name) const;

 private:
  void commit(Plugin plugin, Offers offers);

  base::Communicator comm_;
  std::vector<std::filesystem::path> folders_;
  std::vector<boost::dll::shared_library> libraries_;
  std::vector<Plugin> plugins_;
  Offers offers_;
};

}  // namespace ansatz::plugin
