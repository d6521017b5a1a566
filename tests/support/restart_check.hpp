#pragma once
/// Runs that are interrupted and go on from a stored state.

#include <catch2/catch.hpp>

#include "engine/time/loop/memory_archive.hpp"
#include "tests/support/ode_support.hpp"

namespace ansatz::test {

/// Two runs of twice `steps` steps, the second of which goes on with new objects from a stored state, agree bit by bit.
/// \param h 0: with error control, 1e-6 relative and 1e-8 absolute
template <class System>
void check_restart(const std::string& method, double h, int steps = 10) {
  INFO(method << (h > 0.0 ? ", fixed steps" : ", error control"));
  const auto system = ode_system<System>();
  const auto stepper = [&](time::OdeTimeSystem& in_time) {
    time::StepperOptions options;
    options.fixed_step = h;
    const auto& info = system.info();
    if (h > 0.0) {
      return time::Stepper(in_time, time::make_time_method(method, in_time), info.start, info.initial, options);
    }
    return controlled(in_time, method, info.start, info.initial, {1e-6, {1e-8}});
  };
  time::OdeTimeSystem whole_system(system), first_system(system), second_system(system);
  auto whole = stepper(whole_system), first = stepper(first_system);
  for (int i = 0; i < steps; ++i) {
    whole.advance(system.info().end);
    first.advance(system.info().end);
  }
  time::MemoryArchive archive;
  first.exchange(archive);
  archive.load();
  auto second = stepper(second_system);
  second.exchange(archive);
  for (int i = 0; i < steps; ++i) {
    whole.advance(system.info().end);
    second.advance(system.info().end);
    REQUIRE(second.time() == whole.time());
    REQUIRE(std::ranges::equal(second.state(), whole.state()));
  }
  CHECK(whole.time() < system.info().end);  // neither run was cut short
  CHECK(second.work().iterations == whole.work().iterations);
}

}  // namespace ansatz::test
