#include "engine/quantities/signal_period.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "ansatz/sdk/error.hpp"

namespace ansatz::quantities {
namespace {

using time::Piece;

constexpr double constant = 1e-9;  // range of a signal beside its size
constexpr double beyond = 1e-3;    // of the range, that a signal goes beyond its mean between crossings
constexpr double alike = 0.05;     // times beside their mean, extremes beside the range, that repeat

struct Sample {
  double time, value;
};

/// Between which a function is monotone.
std::vector<Sample> samples_of(const Piece& piece, std::size_t function) {
  const auto x = piece.samples(function);
  std::vector<Sample> samples;
  for (int node = 0; node < Piece::num_nodes; ++node) samples.push_back({piece.time(node), x[node]});
  if (piece.states[function] != Piece::State::resolved) return samples;
  for (const double s : time::stationary_points(x)) {
    samples.push_back({piece.begin + s * (piece.end - piece.begin), time::polynomial(x, s)});
  }
  std::ranges::stable_sort(samples, {}, &Sample::time);
  return samples;
}

double crossing(const Piece& piece, std::size_t function, double middle, const Sample& a, const Sample& b) {
  const double line = a.time + (b.time - a.time) * (middle - a.value) / (b.value - a.value);
  if (piece.states[function] != Piece::State::resolved) return line;
  for (const double s : time::points_of_value(piece.samples(function), middle)) {
    const double t = piece.begin + s * (piece.end - piece.begin);
    if (t >= a.time && t <= b.time) return t;
  }
  return line;
}

/// Between two crossings.
struct Cycle {
  double length, low, high;
};

/// Collects the upward crossings of a signal.
class Crossings {
 public:
  Crossings(double middle, double margin) : middle_(middle), margin_(margin) {}

  void add(const Piece& piece, std::size_t function) {
    const auto samples = samples_of(piece, function);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      // A jump between two pieces is a crossing at its time.
      const Sample before = i > 0 ? samples[i - 1] : last_.value_or(samples[0]);
      const Sample here = samples[i];
      if (is_low_ && !has_candidate_ && before.value < middle_ && here.value >= middle_) {
        has_candidate_ = true;
        candidate_ = before.time < here.time && i > 0 ? crossing(piece, function, middle_, before, here) : here.time;
      }
      if (here.value < middle_ - margin_) {
        is_low_ = true;
        has_candidate_ = false;
      } else if (here.value > middle_ + margin_) {
        if (has_candidate_) confirm();
        is_low_ = false;
      }
      low_ = std::min(low_, here.value);
      high_ = std::max(high_, here.value);
    }
    last_ = samples.back();
  }

  const std::vector<double>& times() const { return times_; }
  const std::vector<Cycle>& cycles() const { return cycles_; }

 private:
  void confirm() {
    if (!times_.empty()) cycles_.push_back({candidate_ - times_.back(), low_, high_});
    times_.push_back(candidate_);
    has_candidate_ = false;
    low_ = std::numeric_limits<double>::infinity();
    high_ = -low_;
  }

  double middle_, margin_;
  bool is_low_ = false;
  std::optional<Sample> last_;
  double candidate_ = 0.0;
  bool has_candidate_ = false;  ///< an upward crossing that is one when the signal has gone far enough
  double low_ = std::numeric_limits<double>::infinity(), high_ = -std::numeric_limits<double>::infinity();
  std::vector<double> times_;
  std::vector<Cycle> cycles_;
};

/// Whether cycles repeat after k of them.
bool repeats(const std::vector<Cycle>& cycles, std::size_t k, double range) {
  double mean = 0.0;
  for (const auto& cycle : cycles) mean += cycle.length / static_cast<double>(cycles.size());
  for (std::size_t i = 0; i + k < cycles.size(); ++i) {
    const auto &first = cycles[(i + k) % k], &a = cycles[i], &b = cycles[i + k];
    if (std::abs(first.length - b.length) > alike * mean || std::abs(a.low - b.low) > alike * range ||
        std::abs(a.high - b.high) > alike * range) {
      return false;
    }
  }
  return true;
}

/// Cycles of equal lengths whose extremes all grow or all decay.
bool grows_or_decays(const std::vector<Cycle>& cycles) {
  const auto alike_lengths = [&](const Cycle& a, const Cycle& b) {
    return std::abs(a.length - b.length) <= alike * a.length;
  };
  bool grows = true, decays = true;
  for (std::size_t i = 1; i < cycles.size(); ++i) {
    const auto &a = cycles[i - 1], &b = cycles[i];
    if (!alike_lengths(cycles[0], b)) return false;
    grows &= b.high >= a.high && b.low <= a.low;
    decays &= b.high <= a.high && b.low >= a.low;
  }
  return grows || decays;
}

}  // namespace

Period period_of(std::span<const Piece> pieces, std::size_t function, double middle, double low, double high) {
  const auto undefined = [](const std::string& reason, const std::string& hint = {}) {
    throw sdk::Error(sdk::ErrorKind::not_finite, reason, {}, hint);
  };
  const double from = pieces.front().begin, to = pieces.back().end;
  if (high - low <= constant * std::max(std::abs(high), std::abs(low))) {
    undefined(fmt::format("no frequency: the signal is constant from t = {} to {}", from, to));
  }
  Crossings crossings(middle, beyond * (high - low));
  for (const auto& piece : pieces) crossings.add(piece, function);
  const auto& cycles = crossings.cycles();
  if (cycles.size() < 2) {
    const auto count = crossings.times().size();
    undefined(
        fmt::format(
            "no frequency: the signal crosses its mean upwards {} time{} from t = {} to {}, and a period needs three",
            count, count == 1 ? "" : "s", from, to),
        "choose a later end or an earlier \"after\"");
  }
  std::size_t k = 1;
  while (2 * k <= cycles.size() && !repeats(cycles, k, high - low)) ++k;
  if (2 * k > cycles.size()) {
    k = 1;
    if (!grows_or_decays(cycles)) {
      const auto [shortest, longest] = std::ranges::minmax_element(cycles, {}, &Cycle::length);
      undefined(fmt::format("no frequency: the signal does not repeat from t = {} to {}; between upward crossings of "
                            "its mean it takes "
                            "{:.4g} to {:.4g}",
                            from, to, shortest->length, longest->length),
                "choose a later \"after\", when the motion is periodic, or a later end");
    }
  }
  const std::size_t periods = cycles.size() / k;
  double shortest = std::numeric_limits<double>::infinity(), longest = 0.0;
  for (std::size_t i = 0; i < periods; ++i) {
    const double length = crossings.times()[(i + 1) * k] - crossings.times()[i * k];
    shortest = std::min(shortest, length);
    longest = std::max(longest, length);
  }
  return {(crossings.times()[periods * k] - crossings.times()[0]) / static_cast<double>(periods),
          0.5 * (longest - shortest)};
}

}  // namespace ansatz::quantities
