// Times that steps end at because something is written there, with every method.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/ode_support.hpp"

using namespace ansatz;

namespace {

constexpr double tolerance = 1e-6;
const std::vector<double> marks{0.31, 1.0, 1.0001, 1.75};

/// y' = -2 t y^2 with y = 1 / (1 + t^2), z' = -z + cos t + sin t with z = sin t.
struct Smooth {
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"y"}, {"z"}}, .initial = {1.0, 0.0}, .end = 2.0};
  }
  explicit Smooth(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    f[0] = -2.0 * t * y[0] * y[0];
    f[1] = -y[1];
    std::vector<S> more(2);
    nonstiff<S>(t, y, more);
    f[1] += more[1];
  }
  template <class S>
  void nonstiff(const S& t, std::span<const S>, std::span<S> f) const {
    using std::cos, std::sin;
    f[0] = 0.0;
    f[1] = cos(t) + sin(t);
  }
  static double error(double t, std::span<const double> y) {
    return std::max(std::abs(y[0] - 1.0 / (1.0 + t * t)), std::abs(y[1] - std::sin(t)));
  }
};

/// q'' = -q: q = cos t.
struct Swing {
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"q"}, {"v"}}, .initial = {1.0, 0.0}, .end = 2.0, .second_order = true};
  }
  explicit Swing(const sdk::ParameterSet&) {}

  template <class S>
  void acceleration(const S&, std::span<const S> q, std::span<const S>, std::span<S> a) const {
    a[0] = -q[0];
  }
  static double error(double t, std::span<const double> y) {
    return std::max(std::abs(y[0] - std::cos(t)), std::abs(y[1] + std::sin(t)));
  }
};

time::StepperOptions options_with(std::vector<double> times, bool are_stops, double step) {
  time::StepperOptions options;
  (are_stops ? options.stops : options.marks) = std::move(times);
  options.fixed_step = step;
  return options;
}

struct Result {
  std::vector<double> times;  ///< of the ends of steps
  double error = 0.0;         ///< the largest at all of them
  std::int64_t attempts = 0;
};

/// From 0 to 2, with error control or in steps of one length.
template <class Author>
Result run(const std::string& method, const time::StepperOptions& options) {
  const auto author = test::ode_system<Author>();
  time::OdeTimeSystem system(author);
  const auto& info = author.info();
  auto stepper =
      options.fixed_step > 0.0
          ? time::Stepper(system, time::make_time_method(method, system), info.start, info.initial, options)
          : test::controlled(system, method, info.start, info.initial, {tolerance, {tolerance}}, "h211b", options);
  Result result;
  while (stepper.time() < info.end) {
    stepper.advance(info.end);
    result.times.push_back(stepper.time());
    result.error = std::max(result.error, Author::error(stepper.time(), stepper.state()));
  }
  result.attempts = stepper.work().accepted + stepper.work().rejected + stepper.work().failed;
  return result;
}

template <class Author>
void check_every_method() {
  const auto author = test::ode_system<Author>();
  const time::OdeTimeSystem any(author);
  for (const auto& entry : time::time_methods()) {
    if (!time::suits(entry.info, any.traits())) continue;
    for (const double step : {0.0, 0.02}) {
      if (step == 0.0 ? entry.info.embedded_order == 0 : entry.info.equal_steps) continue;
      INFO(entry.info.name << ", step " << step);
      const auto without = run<Author>(entry.info.name, options_with({}, false, step));
      const auto with = run<Author>(entry.info.name, options_with(marks, false, step));
      for (const double mark : marks) CHECK(std::ranges::count(with.times, mark) == 1);
      CHECK(with.error <= std::max(2.0 * without.error, 5.0 * tolerance));
      // Two steps before each mark, and here one for the short one after it.
      CHECK(with.attempts <= without.attempts + 4 * static_cast<std::int64_t>(marks.size()));
    }
  }
}

}  // namespace

TEST_CASE("With every method steps end at marks exactly, where the solution is as good as elsewhere", "[time]") {
  check_every_method<Smooth>();
  check_every_method<Swing>();
}

TEST_CASE("Methods that look back go on at a mark, and start anew at a stop", "[time]") {
  const std::vector<double> times{0.5, 0.75, 1.0, 1.25, 1.5, 1.75};
  for (const std::string method : {"bdf", "generalised_alpha"}) {
    INFO(method);
    const auto free = run<Smooth>(method, options_with({}, false, 0.0));
    const auto marked = run<Smooth>(method, options_with(times, false, 0.0));
    const auto stopped = run<Smooth>(method, options_with(times, true, 0.0));
    CHECK(marked.attempts <= free.attempts + 3 * 6);
    if (method == "bdf") CHECK(stopped.attempts > marked.attempts + 10 * 6);
  }
}

TEST_CASE("Fixed steps that meet a mark are not changed by it, and one that does not is shortened", "[time]") {
  const auto meets = run<Smooth>("bdf2", options_with({0.5, 1.2}, false, 0.1));
  REQUIRE(meets.times.size() == 20);
  for (int k = 0; k < 20; ++k) CHECK(meets.times[k] == Approx(0.1 * (k + 1)).epsilon(1e-14));
  CHECK(std::ranges::count(meets.times, 1.2) == 1);
  const auto cut = run<Smooth>("crank_nicolson", options_with({0.25}, false, 0.1));
  CHECK(cut.times[2] == 0.25);
  CHECK(cut.times[3] == Approx(0.35).epsilon(1e-14));
  CHECK_THROWS_WITH(run<Smooth>("bdf2", options_with({0.25}, false, 0.1)), Catch::Contains("steps of equal length"));
}

TEST_CASE("A mark at a stop or at the end changes nothing", "[time]") {
  auto options = options_with({0.5}, true, 0.0);
  const auto without = run<Smooth>("dormand_prince54", options);
  options.marks = {0.0, 0.5, 2.0};
  const auto with = run<Smooth>("dormand_prince54", options);
  CHECK(with.times == without.times);
  CHECK(with.error == without.error);
}
