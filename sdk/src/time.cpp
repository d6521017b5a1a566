#include "ansatz/sdk/time.hpp"

#include <algorithm>

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

void StateArchive::words(const std::string& name, std::vector<std::uint64_t>& values) {
  std::vector<double> halves;  // a double holds 32 bits exactly
  for (const auto word : values) {
    halves.push_back(static_cast<double>(word >> 32));
    halves.push_back(static_cast<double>(word & 0xffffffffU));
  }
  numbers(name, halves);
  const auto is_half = [](double x) { return x >= 0.0 && x <= 0xffffffffU && x == std::floor(x); };
  if (halves.size() % 2 != 0 || !std::ranges::all_of(halves, is_half))
    throw Error(ErrorKind::state, "the state of " + name + " is not a list of words of 64 bits");
  values.resize(halves.size() / 2);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<std::uint64_t>(halves[2 * i]) << 32 | static_cast<std::uint64_t>(halves[2 * i + 1]);
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
