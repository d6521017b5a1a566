#include "engine/quantities/signals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/quantities/signal_period.hpp"
#include "engine/time/systems/stored_length.hpp"

namespace ansatz::quantities {
namespace {

using time::Piece;
using State = Piece::State;

constexpr double infinity = std::numeric_limits<double>::infinity();

[[noreturn]] void undefined(const std::string& reason, const std::string& hint = {}) {
  throw sdk::Error(sdk::ErrorKind::not_finite, reason, {}, hint);
}

/// Largest value of sign * function.
double largest(std::span<const Piece> pieces, std::size_t k, double sign) {
  double best = -infinity;
  for (const auto& piece : pieces) {
    const auto x = piece.samples(k);
    for (const double value : x) best = std::max(best, sign * value);
    if (piece.states[k] != State::resolved) continue;
    for (const double s : time::stationary_points(x)) best = std::max(best, sign * time::polynomial(x, s));
  }
  return best;
}

double mean(std::span<const Piece> pieces, std::size_t k) {
  double integral = 0.0;
  for (const auto& piece : pieces) {
    const auto x = piece.samples(k);
    double average = 0.0;
    if (piece.states[k] == State::resolved) {
      average = time::polynomial_mean(x);
    } else {
      for (int i = 1; i < Piece::num_nodes; ++i)
        average += 0.5 * (Piece::nodes[i] - Piece::nodes[i - 1]) * (x[i] + x[i - 1]);
    }
    integral += (piece.end - piece.begin) * average;
  }
  return integral / (pieces.back().end - pieces.front().begin);
}

/// What pieces of which only samples are known may change of an extreme, and of a mean.
std::pair<double, double> uncertainty(std::span<const Piece> pieces, std::size_t k) {
  double most = 0.0, integral = 0.0;
  for (const auto& piece : pieces) {
    if (piece.states[k] != State::open) continue;
    most = std::max(most, piece.errors[k]);
    integral += (piece.end - piece.begin) * piece.errors[k];
  }
  return {most, integral / (pieces.back().end - pieces.front().begin)};
}

}  // namespace

Signals::Signals(std::size_t count, std::vector<double> cuts, std::vector<double> stops)
    : cuts_(std::move(cuts)), stops_(std::move(stops)), sampler_(count, signal_tolerance) {
  std::ranges::sort(cuts_);
}

void Signals::add_step(double from, double to, const time::SignalFunctions& functions) {
  const std::size_t count = sampler_.num_functions();
  if (count == 0 || cuts_.empty() || to <= cuts_.front()) return;
  const bool is_stop = std::ranges::count(stops_, to) > 0;
  std::vector<double> ends{std::max(from, cuts_.front())};
  for (const double cut : cuts_) {
    if (cut > ends.back() && cut < to) ends.push_back(cut);
  }
  ends.push_back(to);
  std::vector<double> before = std::move(end_values_), now(count);
  if (before.empty() || ends[0] != from) {
    before.resize(count);
    functions(ends[0], before);
  }
  for (std::size_t i = 1; i < ends.size(); ++i) {
    functions(is_stop && i + 1 == ends.size() ? std::nextafter(to, from) : ends[i], now);
    sampler_.sample(functions, ends[i - 1], ends[i], before, now, pieces_);
    before = now;
  }
  end_values_ = is_stop ? std::vector<double>() : now;
}

Signals::Pieces Signals::pieces_after(std::size_t function, double after) const {
  const auto first = std::ranges::lower_bound(pieces_, after, {}, &Piece::begin);
  const Pieces pieces(first, pieces_.end());
  if (pieces.empty())
    undefined(fmt::format("the run ended before t = {}", after), "choose an earlier \"after\", or a later end");
  double most = -1.0, near = 0.0;  // |function| where it is unbounded
  for (const auto& piece : pieces) {
    if (piece.states[function] != State::unbounded) continue;
    for (int node = 0; node < Piece::num_nodes; ++node) {
      const double value = piece.samples(function)[node], size = std::isfinite(value) ? std::abs(value) : infinity;
      if (size <= most) continue;
      most = size;
      near = piece.time(node);
    }
  }
  if (most >= 0.0) undefined(fmt::format("it grows beyond all bounds near t = {:.9g}", near));
  return pieces;
}

Signals::Statistic Signals::statistic(const std::string& name, std::size_t function, double after) const {
  const auto pieces = pieces_after(function, after);
  const auto [of_extreme, of_mean] = uncertainty(pieces, function);
  if (name == "mean") return {mean(pieces, function), of_mean};
  const double high = largest(pieces, function, 1.0), low = -largest(pieces, function, -1.0);
  if (name == "maximum") return {high, of_extreme};
  if (name == "minimum") return {low, of_extreme};
  if (name == "peak_to_peak") return {high - low, 2.0 * of_extreme};
  if (name != "frequency") throw sdk::Error(sdk::ErrorKind::internal, "unknown statistic " + name);
  const auto period = period_of(pieces, function, mean(pieces, function), low, high);
  return {1.0 / period.length, period.spread / (period.length * period.length)};
}

void Signals::exchange(const std::string& name, sdk::StateArchive& archive) {
  const std::size_t count = sampler_.num_functions(), width = 2 + count * (Piece::num_nodes + 2);
  std::vector<double> all;
  for (const auto& piece : pieces_) {
    all.insert(all.end(), {piece.begin, piece.end});
    all.insert(all.end(), piece.values.begin(), piece.values.end());
    all.insert(all.end(), piece.errors.begin(), piece.errors.end());
    for (const auto state : piece.states) all.push_back(static_cast<double>(state));
  }
  archive.numbers(name + "_pieces", all);
  archive.numbers(name + "_end", end_values_);
  sampler_.exchange(name, archive);
  if (!archive.loading()) return;
  if (!end_values_.empty()) time::require_stored_length(name + "_end", end_values_.size(), count);
  time::require_stored_length(name + "_pieces", all.size(), all.size() / width * width);
  pieces_.clear();
  for (std::size_t i = 0; i < all.size(); i += width) {
    const double* x = all.data() + i;
    const double* errors = x + 2 + count * Piece::num_nodes;
    Piece piece{x[0], x[1], {x + 2, errors}, std::vector<State>(count), {errors, errors + count}};
    for (std::size_t k = 0; k < count; ++k) piece.states[k] = static_cast<State>(static_cast<int>(errors[count + k]));
    pieces_.push_back(std::move(piece));
  }
}

}  // namespace ansatz::quantities
