#pragma once
/// Systems and runs for tests of integrators.

#include <optional>
#include <utility>

#include "ansatz/sdk/ode.hpp"
#include "engine/time/loop/stepper.hpp"
#include "engine/time/methods/methods.hpp"
#include "engine/time/systems/ode_time_system.hpp"

namespace ansatz::test {

/// A system from a class as an author writes it.
template <class T>
sdk::detail::OdeSystemOf<T> ode_system() {
  return {"test", sdk::ParameterSet(sdk::detail::ode_parameters<T>())};
}

/// With error control; "pi42" and the limits of ARKODE 7.
inline time::Stepper controlled(sdk::TimeSystem& system, const std::string& method, double start,
                                std::vector<double> y0, time::Tolerances tolerances, const std::string& law = "pi42",
                                time::StepperOptions options = {}) {
  return {system,
          time::make_time_method(method, system),
          start,
          std::move(y0),
          std::move(tolerances),
          std::make_unique<time::StepController>(time::controller_law(law), time::limit_preset("arkode_7")),
          std::move(options)};
}

/// In equal steps; \returns y(end).
inline std::vector<double> in_steps(sdk::TimeSystem& system, const std::string& method, double start,
                                    std::vector<double> y0, double end, int steps) {
  time::StepperOptions options;
  options.fixed_step = (end - start) / steps;
  time::Stepper stepper(system, time::make_time_method(method, system), start, std::move(y0), options);
  while (stepper.time() < end) stepper.advance(end);
  return {stepper.state().begin(), stepper.state().end()};
}

using Vector = std::vector<double>;

/// A system of a plugin with parameters, as the engine sees it, and its solutions.
template <class T>
class Given {
 public:
  explicit Given(const std::vector<std::pair<std::string, sdk::ParameterValue>>& values = {})
      : system_("test", parameters(values)) {}

  const sdk::OdeSystem* operator->() const { return &system_; }

  /// y(end) with error control; "pi42".
  /// \param end of info() where not given
  Vector solve(const std::string& method, time::Tolerances tolerances, std::optional<double> end = {}) const {
    time::OdeTimeSystem system(system_);
    const auto& info = system_.info();
    auto stepper = controlled(system, method, info.start, info.initial, std::move(tolerances));
    while (stepper.time() < end.value_or(info.end)) stepper.advance(end.value_or(info.end));
    return {stepper.state().begin(), stepper.state().end()};
  }
  /// y(end) in equal steps.
  Vector in_steps(const std::string& method, double end, int steps) const {
    time::OdeTimeSystem system(system_);
    return test::in_steps(system, method, system_.info().start, system_.info().initial, end, steps);
  }
  Vector f(const Vector& y, sdk::Part part = sdk::Part::all, double t = 0.0) const {
    Vector out(y.size());
    system_.f(t, y, part, out);
    return out;
  }
  Vector invariants(const Vector& y) const {
    Vector out(system_.info().invariants.size());
    system_.invariants(y, out);
    return out;
  }
  Vector invariants() const { return invariants(system_.info().initial); }

 private:
  static sdk::ParameterSet parameters(const std::vector<std::pair<std::string, sdk::ParameterValue>>& values) {
    sdk::ParameterSet set(sdk::detail::ode_parameters<T>());
    for (const auto& [name, value] : values) set.set(name, value);
    return set;
  }
  sdk::detail::OdeSystemOf<T> system_;
};

/// y' = f(t, y) of a plain function, for explicit methods.
class PlainSystem final : public sdk::TimeSystem {
 public:
  using Right = void (*)(double, std::span<const double>, std::span<double>);
  PlainSystem(std::size_t size, Right f) : size_(size), f_(f) {}

  std::size_t size() const override { return size_; }
  const sdk::TimeTraits& traits() const override { return traits_; }
  void f(double t, std::span<const double> y, sdk::Part, std::span<double> out) override {
    f_(t, y, out);
    ++evaluations;
  }
  void time_derivative(double, std::span<const double>, std::span<double>) override {}
  void linearise(double, std::span<const double>, sdk::Part) override {}
  void linearise_linear_part(double, std::span<const double>) override {}
  void solve_shifted(double, std::span<double>) override {}
  void apply_mass(std::span<const double> x, std::span<double> out) override {
    std::copy(x.begin(), x.end(), out.begin());
  }
  void apply_jacobian(std::span<const double>, std::span<double>) override {}
  StageResult solve_stage(const Stage&, std::span<double>) override { return {}; }

  std::int64_t evaluations = 0;

 private:
  std::size_t size_;
  Right f_;
  sdk::TimeTraits traits_;
};

}  // namespace ansatz::test
