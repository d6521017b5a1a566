#pragma once
/// Systems of ordinary differential equations y' = f(t, y) without a mesh. An author writes f once, templated on the
/// scalar:
///
///   struct Robertson {
///     static OdeInfo info(const ParameterSet&) {
///       return {.components = {{"y1", "1"}, {"y2", "1"}, {"y3", "1"}}, .initial = {1.0, 0.0, 0.0}, .end = 1e11,
///               .invariants = {"mass"}};
///     }
///     explicit Robertson(const ParameterSet&) {}
///
///     template <class S>
///     void operator()(const S&, std::span<const S> y, std::span<S> f) const {
///       f[0] = -0.04 * y[0] + 1e4 * y[1] * y[2];
///       f[2] = 3e7 * y[1] * y[1];
///       f[1] = -f[0] - f[2];
///     }
///     void invariants(std::span<const double> y, std::span<double> out) const { out[0] = y[0] + y[1] + y[2]; }
///   };
///   ANSATZ_ODE_SYSTEM(Robertson, "robertson", "1.0.0", "three reactions of Robertson")
///
/// Optional members of the same kind:
///   static ParameterSchema parameters();                     what a case may set in [system.NAME]; passed to info()
///   and to
///                                                            the constructor
///   template <class S> void nonstiff(const S& t, y, f);      the part of f that IMEX methods take explicitly
///   void linear(std::span<double> L);                        L in y' = L y + N(t, y), column after column, (size,
///   size) template <class S> void acceleration(const S& t, std::span<const S> q, std::span<const S> v, std::span<S>
///   a);
///                                                            y = (q, v) with q' = v, v' = a; then f may be left out
///   void invariants(y, out);  void events(t, y, out);        as named in info()
/// Jacobians, df/dt and jerks follow by dual numbers.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/functions.hpp"
#include "ansatz/sdk/parameters.hpp"
#include "ansatz/sdk/physics_interface.hpp"
#include "ansatz/sdk/plugin.hpp"

namespace ansatz::sdk {

struct OdeComponent {
  std::string name;
  std::string unit = "1";
};

/// What a system declares, for given parameters.
struct OdeInfo {
  std::vector<OdeComponent> components = {};
  std::vector<double> initial = {};  ///< y(start), one for each component
  double start = 0.0;
  double end = 1.0;                          ///< default of a case
  std::vector<std::string> invariants = {};  ///< names of what stays as it is
  std::vector<std::string> events = {};      ///< names of functions whose zeros are looked for
  /// df_i/dy_j = 0 unless -upper <= i - j <= lower; absent: full.
  struct Band {
    int lower = 0, upper = 0;
  };
  std::optional<Band> band = {};
  bool second_order = false;        ///< the author gives acceleration(): y = (q, v), halves of equal length
  bool velocity_dependent = false;  ///< a depends on v, too: no symplectic methods
};

/// A system as the engine holds it. Const and free of side effects; not collective, the same on every rank.
class OdeSystem {
 public:
  virtual ~OdeSystem();
  virtual const OdeInfo& info() const = 0;
  std::size_t size() const { return info().components.size(); }
  bool banded() const { return info().band.has_value(); }

  /// f, or one of its parts. Shapes (size).
  virtual void f(double t, std::span<const double> y, Part part, std::span<double> out) const = 0;
  /// df/dy of that part. Full: column after column, (size, size). Banded: LAPACK's band storage without room for
  /// pivots, J[upper + i - j + j (lower + upper + 1)] = df_i/dy_j.
  virtual void jacobian(double t, std::span<const double> y, Part part, std::span<double> J) const = 0;
  /// df/dt at fixed y.
  virtual void time_derivative(double t, std::span<const double> y, std::span<double> out) const = 0;
  virtual bool splits() const = 0;
  virtual bool has_linear_part() const = 0;
  /// L, column after column. \throws Error of kind internal where there is none.
  virtual void linear(std::span<double> L) const = 0;
  /// a(t, q, v), and its derivative along the motion. Shapes (size / 2). \throws Error of kind internal where f is not
  /// of second order.
  virtual void acceleration(double t, std::span<const double> q, std::span<const double> v,
                            std::span<double> a) const = 0;
  virtual void jerk(double t, std::span<const double> q, std::span<const double> v, std::span<double> a,
                    std::span<double> jerk) const = 0;
  virtual void invariants(std::span<const double> y, std::span<double> out) const = 0;
  virtual void events(double t, std::span<const double> y, std::span<double> out) const = 0;
};

}  // namespace ansatz::sdk

#include "ansatz/sdk/ode_of.hpp"

namespace ansatz::sdk {

/// The system of type T as the engine holds it.
/// \param name for errors
/// \param parameters in unit tests: the defaults
template <class T>
std::unique_ptr<OdeSystem> make_ode_system(const char* name,
                                           const ParameterSet& parameters = ParameterSet(detail::ode_parameters<T>())) {
  return std::make_unique<detail::OdeSystemOf<T>>(name, parameters);
}

/// Offers the system of type T, for plugins with several.
template <class T>
void add_ode_system(Registrar& registrar, const char* name, const char* doc) {
  registrar.add_ode_system(name, doc, detail::ode_parameters<T>(),
                           [name](const ParameterSet& parameters) { return make_ode_system<T>(name, parameters); });
}

}  // namespace ansatz::sdk

/// A plugin with one system; its name is also the plugin's.
#define ANSATZ_ODE_SYSTEM(system_type, system_name, system_version, system_doc)                       \
  namespace {                                                                                         \
  void ansatz_register_ode(ansatz::sdk::Registrar& registrar) {                                       \
    ansatz::sdk::add_ode_system<system_type>(registrar, system_name, system_doc);                     \
  }                                                                                                   \
  }                                                                                                   \
  ANSATZ_PLUGIN(system_name, system_version, ANSATZ_PLUGIN_AUTHOR, ANSATZ_PLUGIN_LICENCE, system_doc, \
                ansatz_register_ode)
