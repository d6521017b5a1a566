#pragma once
/// Zeros of functions of time and of an oscillator, for tests.

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/time/loop/events.hpp"
#include "tests/support/ode_support.hpp"

namespace ansatz::test {

/// y = (cos t, -sin t).
inline void oscillator(double, std::span<const double> y, std::span<double> f) {
  f[0] = y[1];
  f[1] = -y[0];
}

/// Functions along y = (cos t, -sin t) until `end`; \returns the events and what is known at the end.
struct Watched {
  std::vector<time::Event> events;
  std::vector<time::EventSummary> summaries;
};

inline Watched watch(int count, time::EventFinder::Functions functions, double end, time::StepperOptions options = {},
                     const std::string& method = "dormand_prince54", double tolerance = 1e-10) {
  PlainSystem system(2, oscillator);
  const auto stops = options.stops;
  std::vector<std::string> names;
  for (int k = 0; k < count; ++k) names.push_back("g" + std::to_string(k));
  std::optional<time::Stepper> stepper;
  if (options.fixed_step > 0.0) {
    stepper.emplace(system, time::make_time_method(method, system), 0.0, std::vector{1.0, 0.0}, options);
  } else {
    stepper.emplace(controlled(system, method, 0.0, {1.0, 0.0}, {tolerance, {tolerance}}, "pi42", options));
  }
  time::EventFinder finder(names, std::move(functions), {30.0 * tolerance, stops});
  Watched result;
  finder.start(*stepper);
  while (stepper->time() < end) {
    stepper->advance(end);
    for (auto& event : finder.after_step(*stepper)) result.events.push_back(std::move(event));
  }
  for (auto& event : finder.finish(*stepper)) result.events.push_back(std::move(event));
  result.summaries = finder.summaries();
  return result;
}

/// "time falling", "time touching" and so on of one function, times rounded to six digits.
inline std::vector<std::string> kinds(const std::vector<time::Event>& events, int function) {
  std::vector<std::string> found;
  for (const auto& event : events) {
    if (event.function != function) continue;
    found.push_back(fmt::format("{:.6g} {}", event.time,
                                event.touching ? "touching"
                                : event.rising ? "rising"
                                               : "falling"));
  }
  return found;
}

}  // namespace ansatz::test
