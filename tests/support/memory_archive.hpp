#pragma once
/// A state archive in memory, and runs that are interrupted by it.

#include <catch2/catch.hpp>
#include <map>

#include "ansatz/sdk/error.hpp"
#include "tests/support/ode_support.hpp"

namespace ansatz::test {

/// Stores by name; loading of a name that is missing throws.
class MemoryArchive final : public sdk::StateArchive {
 public:
  bool loading() const override { return is_loading_; }
  void numbers(const std::string& name, std::vector<double>& values) override { exchange(name, values); }
  void unknowns(const std::string& name, std::vector<double>& values) override { exchange(name, values); }
  void start_loading() { is_loading_ = true; }

 private:
  void exchange(const std::string& name, std::vector<double>& values) {
    const auto found = stored_.find(name);
    if (is_loading_) {
      if (found == stored_.end()) throw sdk::Error(sdk::ErrorKind::state, "the archive holds no " + name);
      values = found->second;
    } else {
      if (found != stored_.end()) throw sdk::Error(sdk::ErrorKind::internal, name + " is stored twice");
      stored_[name] = values;
    }
  }

  bool is_loading_ = false;
  std::map<std::string, std::vector<double>> stored_;
};

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
  MemoryArchive archive;
  first.exchange(archive);
  archive.start_loading();
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
