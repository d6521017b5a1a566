#include "engine/plugin/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/ode.hpp"
#include "ansatz/sdk/study.hpp"
#include "ansatz/sdk/text.hpp"
#include "ansatz/sdk/unit.hpp"
#include "engine/linear/relaxation/relaxation.hpp"
#include "engine/linear/solvers/krylov_options.hpp"
#include "engine/linear/tuning/built_in.hpp"

namespace ansatz::plugin {
namespace {

using sdk::Error;
using sdk::ErrorKind;

template <class List>
auto find_named(List& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.name == name; });
  return found == list.end() ? nullptr : &*found;
}

template <class List>
std::vector<std::string> names(const List& list) {
  std::vector<std::string> out;
  for (const auto& entry : list) out.push_back(entry.name);
  return out;
}

/// Runs a plugin's own code; what it throws gets the plugin's name.
/// \param doing for example "register"
void run_named(const std::string& plugin, const std::string& path, const std::string& doing,
               const std::function<void()>& work) {
  const auto failed = fmt::format("plugin \"{}\" failed to {}", plugin, doing);
  try {
    work();
  } catch (const Error& error) {
    throw Error(error.kind(), error.what(), error.where().empty() ? failed + ", " + path : error.where(), error.hint());
  } catch (const std::exception& error) {
    throw Error(ErrorKind::plugin, failed + ": " + error.what(), path);
  } catch (...) {
    throw Error(ErrorKind::plugin, failed, path);
  }
}

/// Collects the offers of one plugin; only a complete collection reaches the registry.
class Collector final : public sdk::Registrar {
 public:
  Collector(const Offers& present, const Plugin& plugin) : present_(present), plugin_(plugin) {}

  void add_physics(std::string name, std::string doc, std::function<std::unique_ptr<sdk::Physics>()> create) override {
    auto make = named(std::move(create), "physics", name);
    add("physics", present_.physics, offers_.physics, std::move(name), std::move(doc), std::move(make));
  }
  void add_mesh_reader(std::string name, std::string doc,
                       std::function<std::unique_ptr<sdk::MeshReader>()> create) override {
    add("mesh reader", present_.mesh_readers, offers_.mesh_readers, std::move(name), std::move(doc), std::move(create));
  }
  void add_visual_writer(
      std::string name, std::string doc,
      std::function<std::unique_ptr<sdk::VisualWriter>(MPI_Comm, const sdk::VisualTarget&)> create) override {
    add("visual writer", present_.visual_writers, offers_.visual_writers, std::move(name), std::move(doc),
        std::move(create));
  }
  void add_policy_learner(std::string name, std::string doc,
                          std::function<std::unique_ptr<sdk::PolicyLearner>()> create) override {
    add("policy learner", present_.policy_learners, offers_.policy_learners, std::move(name), std::move(doc),
        std::move(create));
  }
  void add_ode_system(std::string name, std::string doc, sdk::ParameterSchema parameters,
                      std::function<std::unique_ptr<sdk::OdeSystem>(const sdk::ParameterSet&)> create) override {
    auto make = named(std::move(create), "system", name);
    add("system of equations", present_.ode_systems, offers_.ode_systems,
        OdeOffer{{std::move(name), std::move(doc), {}, {}, std::move(make)}, std::move(parameters)});
  }
  void add_time_method(sdk::TimeMethodInfo info,
                       std::function<std::unique_ptr<sdk::TimeMethod>(sdk::TimeSystem&)> create) override {
    add("time integrator", present_.time_methods, offers_.time_methods,
        TimeMethodOffer{{info.name, info.doc, {}, {}, std::move(create)}, info});
  }
  void add_solver(sdk::SolverInfo info, sdk::SolverFactory create) override {
    if (info.trains && info.options.find("model") != nullptr) {
      throw Error(ErrorKind::plugin,
                  fmt::format("solver \"{}\" declares the option \"model\", which is the engine's", info.name),
                  plugin_.path);
    }
    auto make = named(std::move(create), "solver", info.name);
    add("solver", present_.solvers, offers_.solvers, SolverOffer{{info.name, info.doc, {}, {}, std::move(make)}, info});
  }
  void add_study(sdk::StudyInfo info, sdk::StudyFactory create) override {
    auto make = named(std::move(create), "study", info.name);
    add("study", present_.studies, offers_.studies, StudyOffer{{info.name, info.doc, {}, {}, std::move(make)}, info});
  }
  void add_preconditioner(std::string name, std::string doc, sdk::ParameterSchema options,
                          sdk::PreconditionerFactory create) override {
    refuse_taken(name, all_names(present_.tuners, offers_.tuners));
    auto make = named(std::move(create), "preconditioner", name);
    add("preconditioner", present_.preconditioners, offers_.preconditioners,
        PreconditionerOffer{{std::move(name), std::move(doc), {}, {}, std::move(make)}, std::move(options)});
  }
  void add_tuner(std::string name, std::string doc, sdk::ParameterSchema options, sdk::TunerFactory create) override {
    refuse_taken(name, all_names(present_.preconditioners, offers_.preconditioners));
    add("tuner", present_.tuners, offers_.tuners,
        TunerOffer{{std::move(name), std::move(doc), {}, {}, std::move(create)}, std::move(options)});
  }

  Offers take() { return std::move(offers_); }

 private:
  /// The factory whose errors name the plugin and what it makes; none stays none.
  template <class Made, class... Arguments>
  std::function<std::unique_ptr<Made>(Arguments...)> named(std::function<std::unique_ptr<Made>(Arguments...)> create,
                                                           const char* kind, const std::string& name) const {
    if (!create) return create;
    return [create = std::move(create), doing = fmt::format("make its {} \"{}\"", kind, name), plugin = plugin_.name,
            path = plugin_.path](Arguments... arguments) {
      std::unique_ptr<Made> made;
      run_named(plugin, path, doing, [&] { made = create(arguments...); });
      return made;
    };
  }
  template <class List>
  static std::vector<std::string> all_names(const List& present, const List& staged) {
    auto out = names(present);
    for (auto& name : names(staged)) out.push_back(std::move(name));
    return out;
  }
  /// Preconditioners and tuners have their options in sections [linear.NAME] of a case.
  void refuse_taken(const std::string& name, const std::vector<std::string>& taken) const {
    const auto reserved = linear::reserved_names();
    if (std::ranges::count(taken, name) + std::ranges::count(reserved, name) == 0) return;
    throw Error(ErrorKind::plugin,
                fmt::format("a preconditioner or tuner cannot be named \"{}\": [linear] has that", name), plugin_.path,
                "rename the offer");
  }

  template <class Create>
  void add(const char* kind, const std::vector<Offer<Create>>& present, std::vector<Offer<Create>>& staged,
           std::string name, std::string doc, Create create) {
    add(kind, present, staged, Offer<Create>{std::move(name), std::move(doc), {}, {}, std::move(create)});
  }
  /// \param offer without its plugin
  template <class O>
  void add(const char* kind, const std::vector<O>& present, std::vector<O>& staged, O offer) {
    if (offer.name.empty() || !offer.create)
      throw Error(ErrorKind::plugin, fmt::format("a {} has no name or no factory", kind), plugin_.path);
    const O* twin = find_named(present, offer.name);
    if (twin == nullptr) twin = find_named(staged, offer.name);
    if (twin != nullptr) {
      throw Error(
          ErrorKind::plugin,
          fmt::format("{} \"{}\" is offered twice:\n    {}\n    {}", kind, offer.name, twin->library, plugin_.path), {},
          "load only one of the two plugins, or rename one of the offers");
    }
    offer.plugin = plugin_.name;
    offer.library = plugin_.path;
    staged.push_back(std::move(offer));
  }

  const Offers& present_;
  const Plugin& plugin_;
  Offers offers_;
};

template <class List>
auto& require(const char* kind, const List& list, const std::string& name) {
  const auto* offer = find_named(list, name);
  if (offer) return *offer;
  const auto known = names(list);
  auto hint = sdk::did_you_mean(name, known);
  if (hint.empty())
    hint = known.empty() ? "no loaded plugin offers one" : fmt::format("known: {}", fmt::join(known, ", "));
  throw Error(ErrorKind::plugin, fmt::format("no {} named \"{}\"", kind, name), {}, hint);
}

template <class List>
void append(List& to, List from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

#ifdef __OPTIMIZE__
constexpr bool engine_optimised = true;
#else
constexpr bool engine_optimised = false;  // then nobody expects plugins to be
#endif

/// Units of declarations are multiplied out and written: what is none is refused.
void require_unit(const std::string& owner, const char* kind, const std::string& name, const std::string& unit) {
  if (unit.empty() || sdk::Unit::parse(unit)) return;
  throw Error(ErrorKind::plugin,
              fmt::format("{} declares the unit \"{}\" of its {} \"{}\", which is not a unit", owner, unit, kind, name),
              {}, sdk::unit_hint(unit));
}

void require_units(const sdk::PhysicsInfo& info) {
  const auto owner = "the physics \"" + info.name + "\"";
  for (const auto& field : info.fields) require_unit(owner, "field", field.name, field.unit);
  for (const auto& coefficient : info.coefficients)
    require_unit(owner, "coefficient", coefficient.name, coefficient.unit);
  for (const auto& derived : info.derived) require_unit(owner, "derived field", derived.name, derived.unit);
  for (const auto& quantity : info.quantities) require_unit(owner, "quantity", quantity.name, quantity.unit);
}

std::string text_or_empty(const char* text) { return text ? text : ""; }

Offers collect(const Offers& present, const Plugin& plugin, const std::function<void(sdk::Registrar&)>& register_all) {
  Collector collector(present, plugin);
  run_named(plugin.name, plugin.path, "register", [&] { register_all(collector); });
  return collector.take();
}

}  // namespace

Registry::Registry(const base::Communicator& comm, std::vector<std::filesystem::path> folders)
    : comm_(comm), folders_(std::move(folders)) {
  offers_ = collect({}, Plugin{"ansatz", "", "", "", "", "built in"}, [](sdk::Registrar& registrar) {
    linear::register_relaxations(registrar);
    linear::register_tuners(registrar);
  });
}

void Registry::add_folder(const std::filesystem::path& folder) {
  if (std::find(folders_.begin(), folders_.end(), folder) == folders_.end()) folders_.push_back(folder);
}

std::vector<std::string> Registry::available() const {
  std::string lines;
  if (comm_.is_root()) {
    for (const auto& name : discover(folders_)) lines += name + "\n";
  }
  std::istringstream in(comm_.broadcast(lines));
  std::vector<std::string> names;
  for (std::string name; std::getline(in, name);) names.push_back(name);
  return names;
}

const Plugin* Registry::find_plugin(const std::string& name) const { return find_named(plugins_, name); }

void Registry::load(const std::string& name, const std::string& where) {
  std::string path;
  std::uint64_t expected = 0;
  base::agree(comm_, [&] {
    if (!comm_.is_root()) return;
    path = resolve(name, folders_, where).string();
    expected = checksum(path);
  });
  path = comm_.broadcast(path);
  comm_.broadcast(&expected, sizeof expected);
  for (const auto& plugin : plugins_) {
    if (plugin.path == path) return;
  }

  Library library;
  base::agree(comm_, [&] {
    if (checksum(path) != expected) {
      throw Error(ErrorKind::plugin, fmt::format("plugin file differs between rank 0 and rank {}", comm_.rank()), path,
                  "install the same file on every machine of the run");
    }
    library = open(path);
  });

  const auto& d = *library.descriptor;
  Plugin plugin{d.name,
                d.version,
                text_or_empty(d.author),
                text_or_empty(d.licence),
                text_or_empty(d.purpose),
                path,
                expected,
                d.optimised != 0 || !engine_optimised};
  Offers offers;
  base::agree(comm_, [&] {
    if (const Plugin* twin = find_plugin(plugin.name)) {
      throw Error(ErrorKind::plugin,
                  fmt::format("plugin \"{}\" exists twice:\n    {}\n    {}", plugin.name, twin->path, path), where,
                  "load only one of them");
    }
    offers = collect(offers_, plugin, d.register_all);
  });
  libraries_.push_back(std::move(library.handle));
  commit(std::move(plugin), std::move(offers));
}

void Registry::add_built_in(const std::string& name, const std::string& purpose,
                            const std::function<void(sdk::Registrar&)>& register_all) {
  Plugin plugin{name, "", "", "", purpose, "built in"};
  if (find_plugin(name)) throw Error(ErrorKind::plugin, fmt::format("plugin \"{}\" exists twice", name));
  auto offers = collect(offers_, plugin, register_all);
  commit(std::move(plugin), std::move(offers));
}

void Registry::commit(Plugin plugin, Offers offers) {
  append(offers_.physics, std::move(offers.physics));
  append(offers_.mesh_readers, std::move(offers.mesh_readers));
  append(offers_.visual_writers, std::move(offers.visual_writers));
  append(offers_.policy_learners, std::move(offers.policy_learners));
  append(offers_.ode_systems, std::move(offers.ode_systems));
  append(offers_.time_methods, std::move(offers.time_methods));
  append(offers_.solvers, std::move(offers.solvers));
  append(offers_.studies, std::move(offers.studies));
  append(offers_.preconditioners, std::move(offers.preconditioners));
  append(offers_.tuners, std::move(offers.tuners));
  plugins_.push_back(std::move(plugin));
}

std::unique_ptr<sdk::Physics> Registry::make_physics(const std::string& name) const {
  const auto& offer = require("physics", offers_.physics, name);
  std::unique_ptr<sdk::Physics> physics;
  base::agree(comm_, [&] {
    physics = offer.create();
    require_units(physics->info());
  });
  return physics;
}

std::unique_ptr<sdk::OdeSystem> Registry::make_ode_system(const std::string& name,
                                                          const sdk::ParameterSet& parameters) const {
  const auto& offer = require("system of equations", offers_.ode_systems, name);
  std::unique_ptr<sdk::OdeSystem> system;
  base::agree(comm_, [&] {
    const auto owner = "the system \"" + name + "\"";
    for (const auto& parameter : offer.parameters.parameters())
      require_unit(owner, "parameter", parameter.name, parameter.unit);
    system = offer.create(parameters);
    for (const auto& component : system->info().components)
      require_unit(owner, "component", component.name, component.unit);
  });
  return system;
}

const PreconditionerOffer* Registry::find_preconditioner(const std::string& name) const {
  return find_named(offers_.preconditioners, name);
}
const TunerOffer* Registry::find_tuner(const std::string& name) const { return find_named(offers_.tuners, name); }

std::unique_ptr<sdk::MeshReader> Registry::make_mesh_reader(const std::string& name) const {
  return require("mesh reader", offers_.mesh_readers, name).create();
}

std::unique_ptr<sdk::MeshReader> Registry::make_mesh_reader_for(const std::string& path) const {
  std::vector<std::string> endings;
  for (const auto& offer : offers_.mesh_readers) {
    auto reader = offer.create();
    for (const auto& ending : reader->extensions()) {
      if (path.size() > ending.size() && sdk::has_ending(path, ending)) return reader;
      endings.push_back(ending);
    }
  }
  throw Error(ErrorKind::mesh, "no loaded plugin reads this mesh file", path,
              endings.empty() ? "add a plugin with a mesh reader to `plugins`, for example \"gmsh\""
                              : fmt::format("endings that can be read: {}", fmt::join(endings, " ")));
}

std::unique_ptr<sdk::VisualWriter> Registry::make_visual_writer(const std::string& name, MPI_Comm comm,
                                                                const sdk::VisualTarget& target) const {
  return require("visual writer", offers_.visual_writers, name).create(comm, target);
}

std::unique_ptr<sdk::PolicyLearner> Registry::make_policy_learner(const std::string& name) const {
  return require("policy learner", offers_.policy_learners, name).create();
}

}  // namespace ansatz::plugin
