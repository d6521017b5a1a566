#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "ansatz/sdk/random.hpp"
#include "engine/linear/tuning/chebyshev_tuner.hpp"
#include "engine/linear/tuning/tsallis_tuner.hpp"
#include "engine/time/loop/memory_archive.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;

namespace {

const std::vector<sdk::Knob> omega{{.name = "omega", .low = 1.0, .high = 1.9, .initial = 1.0}};

template <class T>
T make(std::int64_t values = 10, std::int64_t bins = 1) {
  sdk::ParameterSet options(T::options());
  options.set("values", values);
  if (bins > 1) options.set("bins", bins);
  return {omega, options};
}

struct Played {
  double cost = 0.0, last = 0.0;  ///< mean of all rounds, of the last tenth
  std::vector<double> proposals;
};

/// Rounds with contexts that are spread over [0, 1] and costs of (context, knob) with noise.
Played play(sdk::Tuner& tuner, int from, int rounds, const std::function<double(double, double)>& cost) {
  Played played;
  for (int n = from; n < from + rounds; ++n) {
    const double context = sdk::hashed(static_cast<std::uint64_t>(n));
    double knob = 0.0;
    tuner.propose(std::span(&context, 1), std::span(&knob, 1));
    const double noise = 2.0 * sdk::hashed(static_cast<std::uint64_t>(n) + 1'000'000);
    const auto iterations = static_cast<std::int64_t>(cost(context, knob) + noise);
    tuner.learn(iterations, true);
    played.proposals.push_back(knob);
    played.cost += static_cast<double>(iterations) / rounds;
    if (n >= from + rounds - rounds / 10) played.last += static_cast<double>(iterations) / (rounds / 10);
  }
  return played;
}

/// Least, 10, at 1.5 for every context.
double one_best(double, double knob) { return 10.0 + 60.0 * std::abs(knob - 1.5); }
/// Least, 10, at 1 + 0.9 context.
double moving_best(double context, double knob) { return 10.0 + 60.0 * std::abs(knob - 1.0 - 0.9 * context); }

}  // namespace

TEST_CASE("Bandits with and without a context find one best value", "[linear][tuning]") {
  auto plain = make<linear::TsallisTuner>(), binned = make<linear::TsallisTuner>(10, 4);
  auto chebyshev = make<linear::ChebyshevTuner>();
  // At random it costs 10 + 60 * 0.25 + 0.5; noise adds 0.5 on the average.
  CHECK(play(plain, 0, 5000, one_best).last < 13.0);
  CHECK(play(binned, 0, 5000, one_best).last < 14.0);
  CHECK(play(chebyshev, 0, 5000, one_best).last < 12.0);
}

TEST_CASE("With a context the best value of each context is found", "[linear][tuning]") {
  auto plain = make<linear::TsallisTuner>(), binned = make<linear::TsallisTuner>(10, 8);
  auto chebyshev = make<linear::ChebyshevTuner>();
  // One value for all contexts costs 10 + 60 * 0.9 / 4 = 23.5 and 0.5 at best.
  CHECK(play(plain, 0, 5000, moving_best).last > 23.0);
  CHECK(play(binned, 0, 20000, moving_best).last < 19.0);
  const auto learned = play(chebyshev, 0, 5000, moving_best);
  CHECK(learned.last < 16.0);
  CHECK(learned.cost < 19.0);
}

TEMPLATE_TEST_CASE("A tuner goes on from its stored state bit by bit", "[linear][tuning]", linear::TsallisTuner,
                   linear::ChebyshevTuner) {
  auto tuner = make<TestType>(), copy = make<TestType>();
  play(tuner, 0, 500, moving_best);
  play(copy, 100, 20, one_best);
  time::MemoryArchive archive;
  tuner.exchange(archive);
  archive.load();
  copy.exchange(archive);
  CHECK(play(tuner, 500, 500, moving_best).proposals == play(copy, 500, 500, moving_best).proposals);
  auto other = make<TestType>(7);
  CHECK(test::kind_of([&] { other.exchange(archive); }) == sdk::ErrorKind::state);
}

TEMPLATE_TEST_CASE("A value with which solves fail is avoided", "[linear][tuning]", linear::TsallisTuner,
                   linear::ChebyshevTuner) {
  auto tuner = make<TestType>();
  int failed = 0;
  for (int n = 0; n < 2000; ++n) {
    double knob = 0.0;
    tuner.propose({}, std::span(&knob, 1));
    const bool fails = knob > 1.6;
    failed += n >= 1000 && fails;
    tuner.learn(fails ? 1000 : 20, !fails);
  }
  CHECK(failed < 100);
}

TEST_CASE("Grids of values reach both ends, by ratios where the knob asks for it", "[linear][tuning]") {
  const std::vector<sdk::Knob> knobs{{.name = "a", .low = -1.0, .high = 3.0, .initial = 0.0},
                                     {.name = "b", .low = 1e-4, .high = 1.0, .initial = 0.1, .logarithmic = true}};
  const linear::Arms arms(knobs, 5);
  REQUIRE(arms.count() == 25);
  double values[2];
  arms.values(0, values);
  CHECK((values[0] == -1.0 && values[1] == 1e-4));
  arms.values(24, values);
  CHECK((values[0] == 3.0 && values[1] == 1.0));
  arms.values(11, values);  // 1 of a, 2 of b
  CHECK(values[0] == Approx(0.0).margin(1e-15));
  CHECK(values[1] == Approx(1e-2));
  const std::vector<sdk::Knob> many(4, knobs[0]);
  CHECK(test::kind_of([&] { linear::Arms(many, 10); }) == sdk::ErrorKind::parameter);
}
