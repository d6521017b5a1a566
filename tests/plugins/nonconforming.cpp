#include <algorithm>
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

/// A part for explicit methods, which it does not say.
struct Undeclared {
  ScalarField temperature{"temperature", "K"};
  static constexpr std::array<int, 1> dimensions{1};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto u = p[temperature];
    r[temperature].value = u.dt;
    r.nonstiff[temperature].value = u.value * u.value;
  }
};

/// A unit that is none.
struct OddUnits {
  Coefficient speed{"speed", "furlong/fortnight", any, "of what moves", 0.0};
  ScalarField temperature{"temperature", "K"};
  static constexpr std::array<int, 1> dimensions{1};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    r[temperature].value = p[temperature].dt + speed(p);
  }
};

/// Its derivatives are lost on the way, a parameter has no text and a component no unit.
struct FrozenRates {
  static ParameterSchema parameters() {
    return ParameterSchema().add({.name = "rate", .initial = 1.0, .unit = "1/s", .doc = ""});
  }
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
    return {.components = {{"a"}, {"b"}, {"c"}},
            .initial = {1.0, 1.0, 1.0},
            .invariants = {"sum"},
            .band = OdeInfo::Band{1, 1}};
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
  registrar.add_physics(name, "is wrong in one way", [name] {
    return std::make_unique<detail::PhysicsOf<P>>(name, "1.0.0", "is wrong in one way");
  });
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

/// Heun's method with Euler's inside, wrong in one way.
enum class Mistake { sign_in_estimate, no_forgetting, early_rate };
template <Mistake mistake>
class WrongHeun final : public TimeMethod {
 public:
  explicit WrongHeun(TimeSystem& system) : system_(system), k1_(system.size()), k2_(system.size()) {}
  static TimeMethodInfo description() {
    TimeMethodInfo made;
    made.name = mistake == Mistake::sign_in_estimate ? "plus"
                : mistake == Mistake::no_forgetting  ? "stubborn"
                                                     : "eager";
    made.doc = "is wrong in one way";
    made.order = 2;
    made.embedded_order = 1;
    made.needs_mass_solves = true;
    return made;
  }
  const TimeMethodInfo& info() const override { return info_; }
  void attempt(double t, double h, std::span<const double> y, const ErrorNorm&, std::span<double> y_new,
               std::span<double> error) override {
    if (!knows_k1_) system_.rate(t, y, Part::all, k1_);
    for (std::size_t i = 0; i < y.size(); ++i) y_new[i] = y[i] + h * k1_[i];
    system_.rate(t + h, y_new, Part::all, k2_);
    constexpr double sign = mistake == Mistake::sign_in_estimate ? 1.0 : -1.0;
    for (std::size_t i = 0; i < error.size(); ++i) error[i] = 0.5 * h * (k2_[i] + sign * k1_[i]);
    for (std::size_t i = 0; i < y.size(); ++i) y_new[i] = y[i] + 0.5 * h * (k1_[i] + k2_[i]);
    system_.prescribe(t + h, y_new);
    next_.assign(y_new.begin(), y_new.end());
    end_ = t + h;
  }
  void accept() override {
    system_.rate(end_, next_, Part::all, k1_);
    knows_k1_ = true;
  }
  void restart() override {
    if (mistake != Mistake::no_forgetting) knows_k1_ = false;
  }
  bool end_rate(std::span<double> out) const override {
    if (mistake != Mistake::early_rate && !knows_k1_) return false;
    std::ranges::copy(k1_, out.begin());
    return true;
  }
  void exchange(StateArchive& archive) override { archive.unknowns("k1", k1_); }

 private:
  TimeMethodInfo info_ = description();
  TimeSystem& system_;
  std::vector<double> k1_, k2_, next_;
  double end_ = 0.0;
  bool knows_k1_ = false;
};

/// Euler's method with the error that the trapezoidal rule shows, of the wrong sign.
class Flipped final : public TimeMethod {
 public:
  explicit Flipped(TimeSystem& system) : system_(system), k1_(system.size()), k2_(system.size()) {}
  static TimeMethodInfo description() {
    auto made = Blind::description();
    made.name = "flipped";
    return made;
  }
  const TimeMethodInfo& info() const override { return info_; }
  void attempt(double t, double h, std::span<const double> y, const ErrorNorm&, std::span<double> y_new,
               std::span<double> error) override {
    system_.rate(t, y, Part::all, k1_);
    for (std::size_t i = 0; i < y.size(); ++i) y_new[i] = y[i] + h * k1_[i];
    system_.prescribe(t + h, y_new);
    system_.rate(t + h, y_new, Part::all, k2_);
    for (std::size_t i = 0; i < error.size(); ++i) error[i] = 0.5 * h * (k2_[i] - k1_[i]);
  }
  void restart() override {}
  void exchange(StateArchive&) override {}

 private:
  TimeMethodInfo info_ = description();
  TimeSystem& system_;
  std::vector<double> k1_, k2_;
};

template <class Method>
void add_method(Registrar& registrar) {
  registrar.add_time_method(Method::description(), [](TimeSystem& system) { return std::make_unique<Method>(system); });
}

void register_all(Registrar& registrar) {
  add<Undeclared>(registrar, "undeclared");
  add<OddUnits>(registrar, "odd_units");
  add_method<WrongHeun<Mistake::sign_in_estimate>>(registrar);
  add_method<WrongHeun<Mistake::no_forgetting>>(registrar);
  add_method<WrongHeun<Mistake::early_rate>>(registrar);
  add_method<Flipped>(registrar);
  add<Vague>(registrar, "vague");
  add<Frozen>(registrar, "frozen");
  add<Throws>(registrar, "throws");
  add_ode_system<FrozenRates>(registrar, "frozen_rates", "is wrong in one way");
  add_ode_system<Askew>(registrar, "askew", "is wrong in two ways");
  add_ode_system<Headwind>(registrar, "headwind", "is wrong in one way");
  add_method<Blind>(registrar);
  registrar.add_mesh_reader("careless", "reads anything", [] { return std::make_unique<TriangleReader>(1.0, "tri"); });
  registrar.add_visual_writer("silent", "writes nothing",
                              [](MPI_Comm, const VisualTarget&) { return std::make_unique<SilentWriter>(); });
}

}  // namespace

ANSATZ_PLUGIN("nonconforming", "1.0.0", "Ada", "BSD-3-Clause", "fails the conformance suite in many ways", register_all)
