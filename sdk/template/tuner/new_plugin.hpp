#pragma once
#include <algorithm>
#include <ansatz/sdk/error.hpp>
#include <ansatz/sdk/random.hpp>
#include <ansatz/sdk/tuner.hpp>
#include <vector>

/// Epsilon-greedy: places from 0 to 1, the same for all knobs; now and then one at random, else that with the least
/// mean cost so far, untried ones first.
class NewPlugin final : public ansatz::sdk::Tuner {
 public:
  NewPlugin(std::span<const ansatz::sdk::Knob> knobs, const ansatz::sdk::ParameterSet& options)
      : knobs_(knobs.begin(), knobs.end()),
        curiosity_(options.number("curiosity")),
        places_(static_cast<std::size_t>(options.integer("places"))),
        random_(static_cast<std::uint64_t>(options.integer("seed"))) {}

  static ansatz::sdk::ParameterSchema options() {
    ansatz::sdk::ParameterSchema schema;
    schema.add({.name = "places",
                .initial = std::int64_t{8},
                .unit = "1",
                .doc = "values of a knob to choose among",
                .range = {2.0, 1000.0}});
    schema.add({.name = "curiosity",
                .initial = 0.1,
                .unit = "1",
                .doc = "share of solves with a value at random",
                .range = {0.0, 1.0}});
    schema.add(
        {.name = "seed", .initial = std::int64_t{1}, .unit = "1", .doc = "of what is random", .range = {0.0, 1e9}});
    return schema;
  }

  void propose(std::span<const double>, std::span<double> knobs) override {
    const auto mean = [](const Place& place) { return place.solves > 0.0 ? place.cost / place.solves : 0.0; };
    if (random_.uniform() < curiosity_) {
      last_ = static_cast<std::size_t>(random_.below(places_.size()));
    } else {
      last_ = static_cast<std::size_t>(std::ranges::min_element(places_, {}, mean) - places_.begin());
    }
    const double s = static_cast<double>(last_) / static_cast<double>(places_.size() - 1);
    for (std::size_t k = 0; k < knobs.size(); ++k)
      knobs[k] = std::clamp(knobs_[k].low + s * (knobs_[k].high - knobs_[k].low), knobs_[k].low, knobs_[k].high);
  }

  void learn(std::int64_t iterations, bool converged) override {
    constexpr double price_of_failure = 10.0;
    places_[last_].solves += 1.0;
    places_[last_].cost += static_cast<double>(iterations) * (converged ? 1.0 : price_of_failure);
  }

  void exchange(ansatz::sdk::StateArchive& archive) override {
    std::vector<std::uint64_t> words{random_.state(), last_};
    std::vector<double> numbers;
    for (const auto& place : places_) numbers.insert(numbers.end(), {place.solves, place.cost});
    archive.words("random", words);
    archive.numbers("places", numbers);
    if (!archive.loading()) return;
    if (words.size() != 2 || numbers.size() != 2 * places_.size() || words[1] >= places_.size())
      throw ansatz::sdk::Error(ansatz::sdk::ErrorKind::state, "the state of new_plugin has another length");
    random_.set_state(words[0]);
    last_ = words[1];
    for (std::size_t i = 0; i < places_.size(); ++i) places_[i] = {numbers[2 * i], numbers[2 * i + 1]};
  }

 private:
  struct Place {
    double solves = 0.0, cost = 0.0;
  };

  std::vector<ansatz::sdk::Knob> knobs_;
  double curiosity_;
  std::vector<Place> places_;
  std::size_t last_ = 0;
  ansatz::sdk::Random random_;
};
