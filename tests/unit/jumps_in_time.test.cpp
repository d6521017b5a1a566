// What jumps in time at stops, units of time, and states that are not finite, with every method.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/time/loop/events.hpp"
#include "engine/time/loop/memory_archive.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/ode_support.hpp"

using namespace ansatz;

namespace {

constexpr double tolerance = 1e-6;

/// y' = 1 until t = 0.5, then 10; z' = -z^2 until then, then -30 z^2.
struct Switched {
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return {.components = {{"y"}, {"z"}}, .initial = {0.0, 1.0}}; }
  explicit Switched(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    const bool before = value(t) < 0.5;
    f[0] = before ? 1.0 : 10.0;
    f[1] = (before ? -1.0 : -30.0) * y[1] * y[1];
  }
  template <class S>
  void nonstiff(const S& t, std::span<const S>, std::span<S> f) const {
    f[0] = value(t) < 0.5 ? 1.0 : 10.0;
    f[1] = 0.0;
  }
  static double value(double t) { return t; }
  template <class T, int N>
  static double value(const sdk::Dual<T, N>& t) {
    return sdk::value(t);
  }
  static double exact(double t) { return 1.0 / (t < 0.5 ? 1.0 + t : 1.5 + 30.0 * (t - 0.5)); }
};

/// q'' = 2 until t = 0.5, then -4.
struct Pushed {
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"q"}, {"v"}}, .initial = {0.0, 0.0}, .second_order = true};
  }
  explicit Pushed(const sdk::ParameterSet&) {}

  template <class S>
  void acceleration(const S& t, std::span<const S>, std::span<const S>, std::span<S> a) const {
    a[0] = Switched::value(t) < 0.5 ? 2.0 : -4.0;
  }
};

/// In a unit of time of 2^exponent: y' = -2 y + z + sin(3 t), z' = y cos(t) - z^3; sin(3 t) jumps to 2 + sin(3 t) at
/// 0.75.
template <int exponent>
struct Scaled {
  static double unit() { return std::ldexp(1.0, exponent); }
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"y"}, {"z"}}, .initial = {0.0, 1.0}, .end = 2.0 * unit()};
  }
  explicit Scaled(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    using std::cos;
    nonstiff(t, y, f);
    const S s = t / unit();
    f[0] += (y[1] - 2.0 * y[0]) / unit();
    f[1] += (y[0] * cos(s) - y[1] * y[1] * y[1]) / unit();
  }
  template <class S>
  void nonstiff(const S& t, std::span<const S>, std::span<S> f) const {
    using std::sin;
    const S s = t / unit();
    f[0] = ((Switched::value(s) < 0.75 ? 0.0 : 2.0) + sin(3.0 * s)) / unit();
    f[1] = 0.0;
  }
};

/// q'' = -q + sin(3 t), in the same units.
template <int exponent>
struct ScaledOscillator {
  static double unit() { return std::ldexp(1.0, exponent); }
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"q"}, {"v"}}, .initial = {1.0, 0.0}, .end = 2.0 * unit(), .second_order = true};
  }
  explicit ScaledOscillator(const sdk::ParameterSet&) {}

  template <class S>
  void acceleration(const S& t, std::span<const S> q, std::span<const S>, std::span<S> a) const {
    using std::sin;
    a[0] = (sin(3.0 * t / unit()) - q[0]) / (unit() * unit());
  }
};

/// y' = y^2 + t, which grows without bounds before t = 2.
struct BlowsUp {
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return {.components = {{"y"}}, .initial = {1.0}, .end = 2.0}; }
  explicit BlowsUp(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    f[0] = y[0] * y[0] + t;
  }
};

/// q'' = q^3: the same of second order.
struct FliesAway {
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"q"}, {"v"}}, .initial = {1.0, 1.0}, .end = 3.0, .second_order = true};
  }
  explicit FliesAway(const sdk::ParameterSet&) {}
  template <class S>
  void acceleration(const S&, std::span<const S> q, std::span<const S>, std::span<S> a) const {
    a[0] = q[0] * q[0] * q[0];
  }
};

time::StepperOptions stopping(std::vector<double> stops, double fixed_step = 0.0) {
  time::StepperOptions options;
  options.stops = std::move(stops);
  options.fixed_step = fixed_step;
  return options;
}

/// With error control, or else fixed steps.
template <class System>
time::Stepper stepper_of(System& system, const std::string& method, time::StepperOptions options) {
  const auto& info = system.system().info();
  if (options.fixed_step > 0.0) {
    return {system, time::make_time_method(method, system), info.start, info.initial, std::move(options)};
  }
  return test::controlled(system, method, info.start, info.initial, {tolerance, {tolerance}}, "pi42",
                          std::move(options));
}

std::vector<double> run_to(time::Stepper& stepper, double end) {
  while (stepper.time() < end) stepper.advance(end);
  return {stepper.state().begin(), stepper.state().end()};
}

/// visit(name, has an estimate) for all methods that suit the system.
template <class Visit>
void for_methods(const sdk::TimeSystem& system, const Visit& visit) {
  for (const auto& entry : time::time_methods()) {
    if (time::suits(entry.info, system.traits())) visit(entry.info.name, entry.info.embedded_order > 0);
  }
}

}  // namespace

TEST_CASE("With every method what jumps at a stop is integrated as if it did not jump, in about as many steps",
          "[time]") {
  const auto author = test::ode_system<Switched>();
  time::OdeTimeSystem any(author);
  for_methods(any, [&](const std::string& method, bool has_estimate) {
    INFO(method);
    for (const bool is_controlled : {false, true}) {
      if (is_controlled && !has_estimate) continue;
      time::OdeTimeSystem system(author);
      auto stepper = stepper_of(system, method, stopping({0.5}, is_controlled ? 0.0 : 0.01));
      const auto middle = run_to(stepper, 0.5);
      const auto steps_before = stepper.work().accepted;
      const double accuracy = is_controlled ? 20.0 * tolerance : 1e-9;
      CHECK(middle[0] == Approx(0.5).margin(accuracy));
      const auto end = run_to(stepper, 1.0);
      CHECK(end[0] == Approx(5.5).margin(5.0 * accuracy));
      if (!is_controlled) continue;
      CHECK(std::abs(middle[1] - Switched::exact(0.5)) < accuracy);
      CHECK(std::abs(end[1] - Switched::exact(1.0)) < accuracy);

      // From the stop on it takes about the steps of a run that starts there.
      time::OdeTimeSystem second_half(author);
      auto from_stop = test::controlled(second_half, method, 0.5, middle, {tolerance, {tolerance}});
      run_to(from_stop, 1.0);
      CHECK(stepper.work().accepted - steps_before <= from_stop.work().accepted + 10);
    }
  });
  const auto second_order = test::ode_system<Pushed>();
  time::OdeTimeSystem of_second_order(second_order);
  for_methods(of_second_order, [&](const std::string& method, bool has_estimate) {
    INFO(method);
    for (const double step : {0.05, 0.0}) {
      if (step == 0.0 && !has_estimate) continue;
      time::OdeTimeSystem system(second_order);
      auto stepper = stepper_of(system, method, stopping({0.5}, step));
      const auto end = run_to(stepper, 1.0);
      const bool is_exact = time::find_time_method(method).info.order > 1;
      CHECK(end[0] == Approx(0.25).margin(is_exact ? (step > 0.0 ? 1e-2 : 1e-5) : 0.1));
      CHECK(end[1] == Approx(-1.0).margin(1e-10));
    }
  });
}

TEST_CASE("A run that was stored at a stop goes on bit by bit", "[time]") {
  const auto author = test::ode_system<Switched>();
  time::OdeTimeSystem any(author);
  for_methods(any, [&](const std::string& method, bool has_estimate) {
    INFO(method);
    for (const double step : {0.01, 0.0}) {
      if (step == 0.0 && !has_estimate) continue;
      time::OdeTimeSystem whole_system(author), second_system(author);
      auto whole = stepper_of(whole_system, method, stopping({0.5}, step));
      run_to(whole, 0.5);
      time::MemoryArchive archive;
      whole.exchange(archive);
      archive.load();
      auto second = stepper_of(second_system, method, stopping({0.5}, step));
      second.exchange(archive);
      CHECK(run_to(second, 1.0) == run_to(whole, 1.0));
      CHECK(second.work().accepted == whole.work().accepted);
    }
  });
}

TEST_CASE("In any unit of time every method takes the same steps to the same bits", "[time]") {
  const auto same = [](auto plain_author, auto scaled_author, double stop, double unit) {
    time::OdeTimeSystem any(plain_author);
    for_methods(any, [&](const std::string& method, bool has_estimate) {
      INFO(method << ", unit " << unit);
      for (const double step : {0.125, 0.0}) {
        if (step == 0.0 && !has_estimate) continue;
        time::OdeTimeSystem plain(plain_author), scaled(scaled_author);
        auto a = stepper_of(plain, method, stopping({stop}, step));
        auto b = stepper_of(scaled, method, stopping({stop * unit}, step * unit));
        const auto x = run_to(a, 2.0);
        const auto y = run_to(b, 2.0 * unit);
        CHECK(a.work().accepted == b.work().accepted);
        CHECK(a.work().rejected == b.work().rejected);
        CHECK(x[0] == y[0]);
        if (!plain_author.info().second_order) CHECK(x[1] == y[1]);
      }
    });
  };
  same(test::ode_system<Scaled<0>>(), test::ode_system<Scaled<-40>>(), 0.75, std::ldexp(1.0, -40));
  same(test::ode_system<Scaled<0>>(), test::ode_system<Scaled<30>>(), 0.75, std::ldexp(1.0, 30));
}

TEST_CASE("So do methods without matrices for motions, where velocities follow the unit of time", "[time]") {
  const auto plain_author = test::ode_system<ScaledOscillator<0>>();
  const auto scaled_author = test::ode_system<ScaledOscillator<-20>>();
  const double unit = std::ldexp(1.0, -20);
  time::OdeTimeSystem any(plain_author);
  for_methods(any, [&](const std::string& method, bool has_estimate) {
    INFO(method);
    if (time::find_time_method(method).info.needs_jacobian) return;  // their pivots depend on the units of y
    for (const double step : {0.125, 0.0}) {
      if (step == 0.0 && !has_estimate) continue;
      time::OdeTimeSystem plain(plain_author), scaled(scaled_author);
      const auto stepper = [&](time::OdeTimeSystem& system, double one) {
        if (step > 0.0) return stepper_of(system, method, stopping({}, step * one));
        return test::controlled(system, method, 0.0, {1.0, 0.0}, {tolerance, {tolerance, tolerance / one}});
      };
      auto a = stepper(plain, 1.0), b = stepper(scaled, unit);
      const auto x = run_to(a, 2.0), y = run_to(b, 2.0 * unit);
      CHECK(a.work().accepted == b.work().accepted);
      CHECK(x[0] == y[0]);
      CHECK(x[1] == y[1] * unit);
    }
  });
}

TEST_CASE("No method ends well with a state that is not finite, and fixed steps say which one was not", "[time]") {
  const auto check = [](const auto& author, double step) {
    time::OdeTimeSystem any(author);
    for_methods(any, [&](const std::string& method, bool has_estimate) {
      INFO(method);
      for (const bool is_controlled : {false, true}) {
        if (is_controlled && !has_estimate) continue;
        time::OdeTimeSystem system(author);
        auto options = stopping({}, is_controlled ? 0.0 : step);
        auto stepper = stepper_of(system, method, options);
        try {
          const auto end = run_to(stepper, author.info().end);
          for (const double y : end) CHECK(std::isfinite(y));  // implicit methods may step over a pole
        } catch (const sdk::Error& error) {
          CHECK((error.kind() == sdk::ErrorKind::solver || error.kind() == sdk::ErrorKind::not_finite));
          for (const double y : stepper.state()) CHECK(std::isfinite(y));
          const std::string what = error.what();
          if (is_controlled) {
            CHECK(what.find("cannot go on") != std::string::npos);
            CHECK(stepper.time() < 2.0);
          } else {
            CHECK(what.find("step " + std::to_string(stepper.work().accepted + 1) + " of " + method) !=
                  std::string::npos);
            if (error.kind() == sdk::ErrorKind::not_finite) {
              CHECK(error.hint().find("too long") != std::string::npos);
            }
          }
        }
      }
    });
  };
  check(test::ode_system<BlowsUp>(), 0.05);
  check(test::ode_system<FliesAway>(), 0.05);
}

TEST_CASE("Stops that are close to each other, at the start, at the end, and far from the origin of time", "[time]") {
  const auto author = test::ode_system<Switched>();
  const double next = std::nextafter(0.5, 1.0);
  for (const char* method : {"dormand_prince54", "bdf", "esdirk4", "rodas4", "backward_euler"}) {
    INFO(method);
    const double step = std::string(method) == "backward_euler" ? 0.01 : 0.0;
    time::OdeTimeSystem system(author);
    auto stepper = stepper_of(system, method, stopping({0.0, 0.5, next, 0.5 + 1e-9, 0.25, 1.0}, step));
    CHECK(run_to(stepper, 1.0)[0] == Approx(5.5).epsilon(1e-8));
    CHECK(stepper.time() == 1.0);
  }
  // From 1e9 s on, where two times differ by 1.2e-7 s at least: y' = 1.
  test::PlainSystem line(1, [](double, std::span<const double>, std::span<double> f) { f[0] = 1.0; });
  for (const double step : {0.0, 1e-3}) {
    auto options = stopping({1e9 + 0.5, 1e9 + 0.75}, step);
    auto stepper = step > 0.0 ? time::Stepper(line, time::make_time_method("rk4", line), 1e9, {0.0}, options)
                              : test::controlled(line, "dormand_prince54", 1e9, {0.0}, {1e-6, {1e-6}}, "i", options);
    std::vector<double> times;
    while (stepper.time() < 1e9 + 1.0) times.push_back(stepper.advance(1e9 + 1.0).time);
    CHECK(stepper.state()[0] == Approx(1.0).epsilon(1e-6));
    CHECK(std::ranges::count(times, 1e9 + 0.5) == 1);
    CHECK(std::ranges::count(times, 1e9 + 0.75) == 1);
    if (step > 0.0) CHECK(times.size() == 1000);
  }
}

TEST_CASE("Dense output before a stop is not that of what comes after it", "[time]") {
  const auto author = test::ode_system<Switched>();
  time::OdeTimeSystem system(author);
  auto stepper = stepper_of(system, "esdirk4", stopping({0.5}));
  double before = 0.0;
  while (stepper.time() < 0.5) {
    before = stepper.time();
    stepper.advance(1.0);
  }
  CHECK(stepper.rate()[1] == Approx(-30.0 * stepper.state()[1] * stepper.state()[1]).epsilon(1e-12));
  std::vector<double> y(2);
  for (const double part : {0.25, 0.5, 0.75}) {
    const double t = before + part * (0.5 - before);
    stepper.interpolate(t, y);
    CHECK(y[0] == Approx(t).epsilon(1e-9));
    CHECK(y[1] == Approx(Switched::exact(t)).epsilon(1e-5));
  }
  // What follows begins with the rate after the stop.
  const auto step = stepper.advance(1.0);
  stepper.interpolate(0.5 + 0.5 * step.length, y);
  CHECK(y[0] == Approx(0.5 + 5.0 * step.length).epsilon(1e-9));
}

TEST_CASE("BDF2 starts anew at a stop, and refuses one that is no whole number of steps away", "[time]") {
  const auto author = test::ode_system<Switched>();
  time::OdeTimeSystem system(author);
  auto stepper = stepper_of(system, "bdf2", stopping({0.45}, 0.1));
  CHECK(test::error_of([&] { run_to(stepper, 1.0); }).report().find("whole number") != std::string::npos);
  CHECK(stepper.time() == Approx(0.4));
}

TEST_CASE("A step that starts anew may shrink further than one whose length is known", "[time]") {
  // y' = -1e9 (y - cos(t)) with y(0) = 0 by an explicit method, from a first step that is far too long.
  test::PlainSystem system(
      1, [](double t, std::span<const double> y, std::span<double> f) { f[0] = -1e12 * (y[0] - std::cos(t)); });
  time::StepperOptions options;
  options.first_step = 1.0;
  auto stepper = test::controlled(system, "dormand_prince54", 0.0, {0.0}, {1e-6, {1e-6}}, "i", options);
  const auto step = stepper.advance(1.0);
  CHECK(step.rejections > 7);
  CHECK(step.length < 1e-11);
}
