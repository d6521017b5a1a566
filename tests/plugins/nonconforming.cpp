#include <stdexcept>

#include "ansatz/sdk/ode.hpp"
#include "ansatz/sdk/physics.hpp"
#include "ansatz/sdk/time.hpp"
#include "reader.hpp"

using namespace ansatz::sdk;

namespace {

/// Nothing is said of what its coefficients are, and a default is out of its range.
struct Vague {
  Coefficient conductivity{"conductivity", "", positive, "", -1.0};
  ScalarField temperature{"temperature", "K"};
  static constexpr std::array<int, 1> dimensions{1};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    r[temperature].flux = conductivity(p) * p[temperature].grad;
  }
};

/// Its derivatives are lost on the way.
struct Frozen {
  ScalarField temperature{"temperature", "K"};
  static constexpr std::array<int, 1> dimensions{1};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto u = p[temperature];
    S conductivity = u.value * u.value;
    if constexpr (!std::is_same_v<S, Trace>) conductivity = S(value(conductivity));
    r[temperature].flux = conductivity * u.grad;
  }
};

/// Throws what the engine does not know.
struct Throws {
  ScalarField temperature{"temperature", "K"};
  static constexpr std::array<int, 1> dimensions{1};

  template <class S, int dim>
  void operator()(const Point<S, dim>&, Weak<S, dim>&) const {
    throw std::runtime_error("no licence key");
  }
};

/// Its derivatives are lost on the way, a parameter has no text and a component no unit.
struct FrozenRates {
  static ParameterSchema parameters() { return ParameterSchema().add({.name = "rate", .initial = 1.0, .unit = "1/s", .doc = ""}); }
  static OdeInfo info(const ParameterSet&) { return {.components = {{"amount", ""}}, .initial = {1.0}}; }
  explicit FrozenRates(const ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = S(-value(y[0]));
  }
};

/// Its rates couple what its band denies, and its invariant grows.
struct Askew {
  static OdeInfo info(const ParameterSet&) {
    return {.components = {{"a"}, {"b"}, {"c"}}, .initial = {1.0, 1.0, 1.0}, .invariants = {"sum"}, .band = OdeInfo::Band{1, 1}};
  }
  explicit Askew(const ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = y[2];
    f[1] = -y[0];
    f[2] = -y[1];
  }
  void invariants(std::span<const double> y, std::span<double> out) const { out[0] = y[0] + y[1] + y[2]; }
};

/// A fall with drag, which it does not say.
struct Headwind {
  static OdeInfo info(const ParameterSet&) {
    return {.components = {{"height", "m"}, {"speed", "m/s"}}, .initial = {10.0, 0.0}, .second_order = true};
  }
  explicit Headwind(const ParameterSet&) {}
  template <class S>
  void acceleration(const S&, std::span<const S>, std::span<const S> v, std::span<S> a) const {
    a[0] = -9.81 - 0.1 * v[0];
  }
};

template <class P>
void add(Registrar& registrar, const char* name) {
  registrar.add_physics(name, "is wrong in one way",
                        [name] { return std::make_unique<detail::PhysicsOf<P>>(name, "1.0.0", "is wrong in one way"); });
}

/// A writer that claims a file which it never writes, and never complains.
class SilentWriter final : public VisualWriter {
 public:
  void set_mesh(const VisualMesh&) override {}
  void write_step(double, std::span<const VisualField>) override {}
  std::string path() const override { return "/nowhere/at/all"; }
};

/// Euler's method with an estimate that sees what moves with time alone.
class Blind final : public TimeMethod {
 public:
  explicit Blind(TimeSystem& system) : system_(system), rate_(system.size()), later_(system.size()) {}
  static TimeMethodInfo description() {
    TimeMethodInfo made;
    made.name = "blind";
    made.doc = "is wrong in one way";
    made.order = made.embedded_order = 1;
    made.needs_mass_solves = true;
    return made;
  }
  const TimeMethodInfo& info() const override { return info_; }
  void attempt(double t, double h, std::span<const double> y, const ErrorNorm&, std::span<double> y_new,
               std::span<double> error) override {
    system_.rate(t, y, Part::all, rate_);
    system_.rate(t + h, y, Part::all, later_);
    for (std::size_t i = 0; i < y.size(); ++i) y_new[i] = y[i] + h * rate_[i];
    system_.prescribe(t + h, y_new);
    for (std::size_t i = 0; i < error.size(); ++i) error[i] = 0.5 * h * (later_[i] - rate_[i]);
  }
  void restart() override {}
  void exchange(StateArchive&) override {}

 private:
  TimeMethodInfo info_ = description();
  TimeSystem& system_;
  std::vector<double> rate_, later_;
};

void register_all(Registrar& registrar) {
  add<Vague>(registrar, "vague");
  add<Frozen>(registrar, "frozen");
  add<Throws>(registrar, "throws");
  add_ode_system<FrozenRates>(registrar, "frozen_rates", "is wrong in one way");
  add_ode_system<Askew>(registrar, "askew", "is wrong in two ways");
  add_ode_system<Headwind>(registrar, "headwind", "is wrong in one way");
  registrar.add_time_method(Blind::description(), [](TimeSystem& system) { return std::make_unique<Blind>(system); });
  registrar.add_mesh_reader("careless", "reads anything", [] { return std::make_unique<TriangleReader>(1.0, "tri"); });
  registrar.add_visual_writer("silent", "writes nothing",
                              [](MPI_Comm, const VisualTarget&) { return std::make_unique<SilentWriter>(); });
}

}  // namespace

ANSATZ_PLUGIN("nonconforming", "1.0.0", "Ada", "BSD-3-Clause", "fails the conformance suite in many ways", register_all)
