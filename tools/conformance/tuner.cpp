#include <fmt/format.h>

#include <cmath>

#include "checks.hpp"
#include "engine/time/loop/memory_archive.hpp"

namespace ansatz::conformance {
namespace {

constexpr int solves = 60;

const std::vector<sdk::Knob>& one_knob() {
  static const std::vector<sdk::Knob> knobs{{.name = "omega", .low = 1.0, .high = 1.9, .initial = 1.2}};
  return knobs;
}
const std::vector<sdk::Knob>& two_knobs() {
  static const std::vector<sdk::Knob> knobs{
      {.name = "threshold", .low = 1e-4, .high = 0.5, .initial = 0.1, .logarithmic = true},
      {.name = "shift", .low = -1.0, .high = 1.0, .initial = 0.0}};
  return knobs;
}

/// Least where each knob is in the middle of its range.
std::int64_t cost(std::span<const sdk::Knob> knobs, std::span<const double> values, double context) {
  double sum = 3.0 + 20.0 * context;
  for (std::size_t k = 0; k < knobs.size(); ++k)
    sum += 50.0 * std::abs((values[k] - knobs[k].low) / (knobs[k].high - knobs[k].low) - 0.5);
  return static_cast<std::int64_t>(sum);
}

/// Some solves; every tenth fails. \returns all proposals
std::vector<double> proposals(sdk::Tuner& tuner, std::span<const sdk::Knob> knobs, int from, int to) {
  std::vector<double> all, values(knobs.size(), std::nan(""));
  for (int n = from; n < to; ++n) {
    const std::vector<double> context{0.5 + 0.5 * std::sin(0.3 * n), 0.4};
    tuner.propose(context, values);
    for (std::size_t k = 0; k < knobs.size(); ++k) {
      require(values[k] >= knobs[k].low && values[k] <= knobs[k].high,
              fmt::format("it proposes {} = {}, which is not in [{}, {}]", knobs[k].name, values[k], knobs[k].low,
                          knobs[k].high));
    }
    all.insert(all.end(), values.begin(), values.end());
    tuner.learn(n == 0 ? 0 : cost(knobs, values, context[0]), n % 10 != 9);
  }
  return all;
}

}  // namespace

void check_tuner(Report& report, const plugin::TunerOffer& offer) {
  const auto name = "tuner " + offer.name + ": ";
  const auto make = [&](std::span<const sdk::Knob> knobs) {
    return offer.create(knobs, sdk::ParameterSet(offer.options));
  };
  report.check(name + "every option has a text and an admissible default", [&] { check_options(offer.options); });
  for (const auto* knobs : {&one_knob(), &two_knobs()}) {
    const auto of = fmt::format(" ({} knob{})", knobs->size(), knobs->size() > 1 ? "s" : "");
    report.check(name + "proposals are within the ranges, without a context, too" + of, [&] {
      proposals(*make(*knobs), *knobs, 0, solves);
      std::vector<double> values(knobs->size());
      make(*knobs)->propose({}, values);
    });
    report.check(name + "another object proposes the same" + of, [&] {
      require(proposals(*make(*knobs), *knobs, 0, solves) == proposals(*make(*knobs), *knobs, 0, solves),
              "it proposes something else");
    });
    report.check(name + "from its stored state it goes on bit by bit" + of, [&] {
      const auto tuner = make(*knobs), copy = make(*knobs);
      proposals(*tuner, *knobs, 0, solves / 2);
      proposals(*copy, *knobs, 0, 7);  // what it has learned is to be forgotten
      time::MemoryArchive archive;
      tuner->exchange(archive);
      archive.load();
      copy->exchange(archive);
      require(proposals(*tuner, *knobs, solves / 2, solves) == proposals(*copy, *knobs, solves / 2, solves),
              "after the stored state was read it proposes something else");
    });
  }
}

}  // namespace ansatz::conformance
