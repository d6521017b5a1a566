#pragma once
/// The handshake between the engine and a plugin, and the registrar through which a plugin offers what it has.

#include <functional>
#include <memory>
#include <string>

#include "ansatz/sdk/fingerprint.hpp"
#include "ansatz/sdk/learning.hpp"
#include "ansatz/sdk/mesh_reader.hpp"
#include "ansatz/sdk/parameters.hpp"
#include "ansatz/sdk/physics_interface.hpp"
#include "ansatz/sdk/preconditioner.hpp"
#include "ansatz/sdk/time.hpp"
#include "ansatz/sdk/tuner.hpp"
#include "ansatz/sdk/visual.hpp"

namespace ansatz::sdk {

class OdeSystem;
class Problem;
class Registrar;
class Solver;
struct SolverInfo;
class Study;
struct StudyInfo;

/// A plain struct behind the plugin's one exported symbol, read before any C++ crosses the boundary.
struct PluginDescriptor {
  std::uint64_t size;       ///< sizeof(PluginDescriptor) when the plugin was built
  std::uint64_t magic;      ///< plugin_magic
  std::uint32_t api_major;  ///< must equal the engine's
  std::uint32_t api_minor;  ///< must not exceed the engine's
  const char* fingerprint;  ///< build_fingerprint() of the plugin's compiler and libraries
  const char* name;
  const char* version;
  const char* author;
  const char* licence;
  const char* purpose;  ///< one line
  void (*register_all)(Registrar&);
  std::uint32_t optimised;  ///< 0: built without optimisation, which is many times slower
};

inline constexpr std::uint64_t plugin_magic = 0x414e5341545a3031;  // "ANSATZ01"
inline constexpr std::uint32_t api_major = 4;
inline constexpr std::uint32_t api_minor = 2;
/// Name of the exported symbol: a function that returns a pointer to a constant descriptor.
inline constexpr const char* plugin_symbol = "ansatz_plugin_descriptor";
using PluginSymbol = const PluginDescriptor* (*)();

/// Offers by kind and name. A name that exists already for its kind is an error that names both libraries.
class Registrar {
 public:
  virtual ~Registrar();
  virtual void add_physics(std::string name, std::string doc, std::function<std::unique_ptr<Physics>()> create) = 0;
  virtual void add_mesh_reader(std::string name, std::string doc,
                               std::function<std::unique_ptr<MeshReader>()> create) = 0;
  /// \param create gets a private communicator; all members of the writer are collective on it
  virtual void add_visual_writer(
      std::string name, std::string doc,
      std::function<std::unique_ptr<VisualWriter>(MPI_Comm, const VisualTarget&)> create) = 0;
  /// A system of ordinary differential equations, see ode.hpp.
  /// \param parameters what a case may set in [system.NAME]
  virtual void add_ode_system(std::string name, std::string doc, ParameterSchema parameters,
                              std::function<std::unique_ptr<OdeSystem>(const ParameterSet&)> create) = 0;
  /// A time-stepping method, see time.hpp. The system outlives the method.
  virtual void add_time_method(TimeMethodInfo info, std::function<std::unique_ptr<TimeMethod>(TimeSystem&)> create) = 0;
  /// See learning.hpp.
  virtual void add_policy_learner(std::string name, std::string doc,
                                  std::function<std::unique_ptr<PolicyLearner>()> create) = 0;
  /// An ansatz, see solver.hpp.
  virtual void add_solver(SolverInfo info,
                          std::function<std::unique_ptr<Solver>(const Problem&, const ParameterSet&)> create) = 0;
  /// What a run does with a case, see study.hpp.
  virtual void add_study(StudyInfo info,
                         std::function<std::unique_ptr<Study>(const Problem&, const ParameterSet&)> create) = 0;
  /// See preconditioner.hpp. \param options what a case may set in [linear.NAME]
  virtual void add_preconditioner(std::string name, std::string doc, ParameterSchema options,
                                  PreconditionerFactory create) = 0;
  /// See tuner.hpp. \param options what a case may set in [linear.NAME]
  virtual void add_tuner(std::string name, std::string doc, ParameterSchema options, TunerFactory create) = 0;
};

}  // namespace ansatz::sdk

// A plugin defines these before it includes the SDK.
#ifndef ANSATZ_PLUGIN_AUTHOR
#define ANSATZ_PLUGIN_AUTHOR "unknown"
#endif
#ifndef ANSATZ_PLUGIN_LICENCE
#define ANSATZ_PLUGIN_LICENCE "unknown"
#endif

#ifdef __OPTIMIZE__
#define ANSATZ_PLUGIN_OPTIMISED 1
#else
#define ANSATZ_PLUGIN_OPTIMISED 0
#endif

#define ANSATZ_PLUGIN_EXPORT extern "C" __attribute__((visibility("default")))

/// Defines the plugin's handshake. `register_all` is a function void(ansatz::sdk::Registrar&).
#define ANSATZ_PLUGIN(plugin_name, plugin_version, plugin_author, plugin_licence, plugin_purpose, plugin_register) \
  ANSATZ_PLUGIN_EXPORT const ansatz::sdk::PluginDescriptor* ansatz_plugin_descriptor() {                           \
    static const ansatz::sdk::PluginDescriptor descriptor{sizeof(ansatz::sdk::PluginDescriptor),                   \
                                                          ansatz::sdk::plugin_magic,                               \
                                                          ansatz::sdk::api_major,                                  \
                                                          ansatz::sdk::api_minor,                                  \
                                                          ansatz::sdk::build_fingerprint,                          \
                                                          plugin_name,                                             \
                                                          plugin_version,                                          \
                                                          plugin_author,                                           \
                                                          plugin_licence,                                          \
                                                          plugin_purpose,                                          \
                                                          plugin_register,                                         \
                                                          ANSATZ_PLUGIN_OPTIMISED};                                \
    return &descriptor;                                                                                            \
  }
