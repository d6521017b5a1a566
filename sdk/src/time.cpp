#include "ansatz/sdk/time.hpp"

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/ode.hpp"

namespace ansatz::sdk {

StateArchive::~StateArchive() = default;
TimeSystem::~TimeSystem() = default;
ErrorNorm::~ErrorNorm() = default;
TimeMethod::~TimeMethod() = default;
OdeSystem::~OdeSystem() = default;

void StateArchive::number(const std::string& name, double& value) {
  std::vector<double> one{value};
  numbers(name, one);
  if (one.size() != 1)
    throw Error(ErrorKind::state, "the state holds " + std::to_string(one.size()) + " values of " + name);
  value = one[0];
}

void StateArchive::integer(const std::string& name, std::int64_t& value) {
  auto as_number = static_cast<double>(value);
  number(name, as_number);
  value = static_cast<std::int64_t>(as_number);
}

void TimeSystem::acceleration(double, std::span<const double>, std::span<const double>, std::span<double>) {
  throw Error(ErrorKind::internal, "this system is not of second order");
}

void TimeSystem::jerk(double, std::span<const double>, std::span<const double>, std::span<double>, std::span<double>) {
  throw Error(ErrorKind::internal, "this system is not of second order");
}

void TimeSystem::correction(const Stage& stage, std::span<const double> y, std::span<const double> rate,
                            std::span<double> out) {
  std::vector<double> right(out.size());
  f(stage.time, y, stage.part, right);
  linearise(stage.time, y, stage.part);
  apply_mass(rate, out);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = (out[i] - right[i]) / stage.shift;
  solve_shifted(1.0 / stage.shift, out);
}

void TimeSystem::rate(double t, std::span<const double> y, Part part, std::span<double> out) {
  f(t, y, part, out);
  solve_mass(t, y, out);
  prescribe_rates(t, out);
}

void TimeSystem::linearised_f(double t, std::span<const double> y, std::span<double> out) {
  f(t, y, Part::all, out);
  if (!traits().mass_varies()) return;
  std::vector<double> rate(out.begin(), out.end());
  solve_mass(t, y, rate);
  apply_mass(rate, out);
}

}  // namespace ansatz::sdk
