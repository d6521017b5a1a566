#include "engine/time/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ansatz/sdk/error.hpp"
#include "engine/time/stored_length.hpp"

namespace ansatz::time {
namespace {

constexpr double resolution = 1e-7;      // of polynomials, relative to the range of a function
constexpr double beside_step = 1e-3;     // a touch beside the largest value of its step
constexpr double no_slope = 1.5;         // a zero of higher multiplicity has none
constexpr int in_middle = 4, before_end = 6;  // nodes at 0.5 and 0.854
constexpr double pole_growth = 10.0;     // of |g| on both sides of a change of sign

double sign(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0; }

/// Of the zero at `zero` near the end of a piece, by g ~ (t - zero)^m at two samples before it; 1 where these tell nothing.
double multiplicity(const Piece& piece, std::size_t function, double zero) {
  const auto x = piece.samples(function);
  const double far = zero - piece.time(in_middle), near = zero - piece.time(before_end);
  if (!(near > 0.0) || x[before_end] == 0.0) return x[before_end] == 0.0 ? no_slope : 1.0;
  return std::log(std::abs(x[in_middle] / x[before_end])) / std::log(far / near);
}

double round_off(double a, double b) { return 4.0 * std::numeric_limits<double>::epsilon() * std::max(std::abs(a), std::abs(b)); }

}  // namespace

EventFinder::EventFinder(std::vector<std::string> names, Functions functions, Options options)
    : names_(std::move(names)),
      functions_(std::move(functions)),
      options_(std::move(options)),
      sampler_(names_.size(), std::min(resolution, 0.1 * options_.tolerance)),
      before_(names_.size()),
      scratch_(names_.size()),
      summaries_(names_.size()),
      memories_(names_.size()) {}

void EventFinder::refuse(std::size_t k, double g, double t) const {
  throw sdk::Error(sdk::ErrorKind::not_finite, fmt::format("the event function {} is {} at t = {:.15g}", names_[k], g, t));
}

void EventFinder::evaluate_state(double t, std::span<const double> y, std::span<double> g) {
  functions_(t, y, g);
  for (std::size_t k = 0; k < g.size(); ++k) {
    if (!std::isfinite(g[k])) refuse(k, g[k], t);
  }
}

void EventFinder::evaluate(Stepper& stepper, double t, std::span<double> g) {
  y_.resize(stepper.state().size());
  stepper.interpolate(t, y_);
  functions_(t, y_, g);
  allow_poles(stepper, t, g);
}

/// A sample may be infinite where the function is finite just before and after it, as far as these are in the step.
void EventFinder::allow_poles(Stepper& stepper, double t, std::span<const double> g) {
  if (std::ranges::all_of(g, [](double value) { return std::isfinite(value); })) return;
  std::vector<double> beside(g.size());
  const double small = round_off(time_, stepper.time());
  for (const double other : {std::max(t - small, time_), std::min(t + small, stepper.time())}) {
    if (other == t) continue;
    stepper.interpolate(other, y_);
    functions_(other, y_, beside);
    for (std::size_t k = 0; k < g.size(); ++k) {
      if (std::isnan(g[k]) || (std::isinf(g[k]) && !std::isfinite(beside[k]))) refuse(k, g[k], t);
    }
  }
}

double EventFinder::value(Stepper& stepper, std::size_t k, double t) {
  evaluate(stepper, t, scratch_);
  return scratch_[k];
}

void EventFinder::remember(std::size_t k, const Sample& sample) {
  auto& summary = summaries_[k];
  const double size = std::abs(sample.value);
  if (std::isfinite(size)) summary.largest = std::max(summary.largest, size);
  if (size >= summary.nearest) return;
  summary.nearest = size;
  summary.nearest_time = sample.time;
}

void EventFinder::start(Stepper& stepper) {
  time_ = stepper.time();
  evaluate_state(time_, stepper.state(), before_);
  for (std::size_t k = 0; k < before_.size(); ++k) {
    memories_[k] = {sign(before_[k]), before_[k], true};
    summaries_[k].nearest = std::numeric_limits<double>::infinity();
    remember(k, {time_, before_[k]});
  }
}

/// The samples of all pieces, with those extremes between them that may be zeros or lie behind one.
std::vector<EventFinder::Sample> EventFinder::samples_of(Stepper& stepper, std::size_t k, const std::vector<Piece>& pieces) {
  std::vector<Sample> samples{{pieces.front().begin, pieces.front().samples(k)[0]}};
  for (const auto& piece : pieces) {
    const auto x = piece.samples(k);
    const double near = std::max(options_.tolerance * sampler_.largest(k), 10.0 * sampler_.tolerance() * sampler_.range(k));
    for (int node = 1; node < Piece::num_nodes; ++node) samples.push_back({piece.time(node), x[node]});
    if (piece.states[k] != Piece::State::resolved) continue;
    for (const double s : stationary_points(x)) {
      const double extreme = polynomial(x, s), t = piece.begin + s * (piece.end - piece.begin);
      const auto next = std::ranges::lower_bound(samples, t, {}, &Sample::time);
      if (next == samples.begin() || next == samples.end() || next->time == t) continue;
      const bool hides = sign(extreme) != sign(next->value) && sign(extreme) != sign((next - 1)->value);
      if (hides || std::abs(extreme) <= near) samples.insert(next, {t, value(stepper, k, t)});
    }
  }
  return samples;
}

double EventFinder::threshold(std::size_t k, const std::vector<Sample>& samples) const {
  double largest = 0.0;
  for (const auto& sample : samples) largest = std::isfinite(sample.value) ? std::max(largest, std::abs(sample.value)) : largest;
  return std::min(options_.tolerance * summaries_[k].largest, beside_step * largest);
}

/// Where the sign at `a` ends, before or at `b`: by secants with the weight of an end that stays halved (Illinois), and by
/// halving where these are slow. Nothing where the function goes through infinity there.
std::optional<double> EventFinder::crossing(Stepper& stepper, std::size_t k, Sample a, Sample b) {
  const double small = round_off(a.time, b.time);
  double size = 0.0;  // of what is finite
  for (const double g : {a.value, b.value}) size = std::isfinite(g) ? std::max(size, std::abs(g)) : size;
  double weight_a = a.value, weight_b = b.value, length = b.time - a.time;
  if (b.value == 0.0 && length > 2.0 * small && value(stepper, k, b.time - small) != 0.0) return b.time;
  int kept = 0;  // -1: a stayed, 1: b stayed
  for (int i = 0; i < 400 && b.time - a.time > small; ++i) {
    double t = b.time - weight_b * (b.time - a.time) / (weight_b - weight_a);
    if (i % 3 == 2) {
      if (b.time - a.time > 0.5 * length || b.value == 0.0) t = 0.5 * (a.time + b.time);
      length = b.time - a.time;
    }
    if (!(t > a.time && t < b.time)) t = 0.5 * (a.time + b.time);
    if (t == a.time || t == b.time) break;
    const double g = value(stepper, k, t);
    if (sign(g) == sign(a.value)) {
      a = {t, g};
      weight_a = g;
      if (kept == 1) weight_b *= 0.5;
      kept = 1;
    } else {
      b = {t, g};
      weight_b = g;
      if (kept == -1) weight_a *= 0.5;
      kept = -1;
      if (g == 0.0 && value(stepper, k, std::max(a.time, t - small)) != 0.0) break;
    }
  }
  if (std::min(std::abs(a.value), std::abs(b.value)) > pole_growth * size) return std::nullopt;
  return b.time;
}

/// The least |g| between two times, by polynomials on shorter and shorter intervals, as long as it falls.
EventFinder::Sample EventFinder::touch(Stepper& stepper, std::size_t k, double from, double to) {
  Sample best{from, std::numeric_limits<double>::infinity()};
  const double small = round_off(from, to);
  double begin = from, end = to;
  int slow = 0;
  for (int i = 0; i < 60 && end - begin > small; ++i) {
    const double before = std::abs(best.value);
    std::array<double, Piece::num_nodes> x;
    const auto consider = [&](double s, double g) {
      if (std::abs(g) < std::abs(best.value)) best = {begin + s * (end - begin), g};
    };
    for (int node = 0; node < Piece::num_nodes; ++node) {
      x[node] = value(stepper, k, begin + Piece::nodes[node] * (end - begin));
      consider(Piece::nodes[node], x[node]);
    }
    for (const double s : stationary_points(x)) {
      if (std::abs(polynomial(x, s)) < std::abs(best.value)) consider(s, value(stepper, k, begin + s * (end - begin)));
    }
    slow = std::abs(best.value) > 0.5 * before ? slow + 1 : 0;
    if (slow == 2) break;
    const double width = 0.2 * (end - begin);
    begin = std::max(from, best.time - width);
    end = std::min(to, best.time + width);
  }
  return best;
}

/// One function through the samples of one step.
class EventFinder::Walk {
 public:
  Walk(EventFinder& finder, Stepper& stepper, std::size_t k, const std::vector<Sample>& samples)
      : finder_(finder),
        stepper_(stepper),
        k_(k),
        samples_(samples),
        memory_(finder.memories_[k]),
        near_(finder.options_.tolerance * finder.summaries_[k].largest),
        small_(finder.threshold(k, samples)),
        largest_(memory_.at_zero ? std::abs(samples[0].value) : std::numeric_limits<double>::infinity()) {}

  std::vector<Event> run(const Piece& last_piece) {
    touch_at_begin();
    for (std::size_t i = 1; i < samples_.size(); ++i) {
      step(samples_[i - 1], samples_[i]);
      touch_at(i);
    }
    at_end(last_piece);
    finder_.summaries_[k_].zeros += static_cast<std::int64_t>(events_.size());
    return std::move(events_);
  }

 private:
  void step(const Sample& a, const Sample& b) {
    const double before = sign(a.value), now = sign(b.value);
    if (before != 0.0 && now == 0.0) {
      if (const auto t = finder_.crossing(stepper_, k_, a, b)) zero(*t, false);
      is_open_ = !events_.empty();
    } else if (before != 0.0 && now != before) {
      const auto t = finder_.crossing(stepper_, k_, a, b);
      t ? zero(*t, false) : pole(b.time);
      if (t && !events_.empty()) set_touching(now == from_sign_);
    } else if (before == 0.0 && now != 0.0) {
      if (is_open_) set_touching(now == from_sign_);
      is_open_ = false;
    }
    if (now != 0.0) memory_.sign = now;
    largest_ = std::max(largest_, std::abs(b.value));
  }

  /// A zero at t, or another part of the one before.
  void zero(double t, bool touching) {
    if (largest_ <= small_ && !events_.empty()) {
      events_.back().time = 0.5 * (events_.back().time + t);
    } else if (largest_ <= small_) {
      finder_.summaries_[k_].zero_at_start |= finder_.summaries_[k_].zeros == 0;
    } else {
      events_.push_back({static_cast<int>(k_), t, !touching && memory_.sign < 0.0, touching});
      from_sign_ = memory_.sign;
    }
    largest_ = 0.0;
  }

  void set_touching(bool touching) {
    events_.back().touching = touching;
    events_.back().rising = !touching && from_sign_ < 0.0;
  }

  void pole(double t) {
    finder_.summaries_[k_].pole = t;
    largest_ = std::numeric_limits<double>::infinity();
  }

  /// A least |g| at a sample that may be beside a touch, with the values before and after it.
  bool is_least(double before, double here, double after) const {
    const double s = sign(here);
    return s != 0.0 && sign(before) == s && sign(after) == s && std::abs(here) <= near_ && std::abs(here) <= std::abs(before) &&
           std::abs(here) < std::abs(after) && largest_ > small_;
  }

  /// Samples of kinks may be far above their touch beside a short step: what counts is the least |g| between two samples.
  void touch_between(std::size_t from, std::size_t to) {
    const auto least = finder_.touch(stepper_, k_, samples_[from].time, samples_[to].time);
    if (std::abs(least.value) > small_) return;
    zero(least.time, true);
    largest_ = std::max(std::abs(samples_[from].value), std::abs(samples_[to].value));
  }

  void touch_at_begin() {
    if (memory_.at_zero || samples_.size() < 2) return;
    if (is_least(memory_.before_end, samples_[0].value, samples_[1].value)) touch_between(0, 1);
  }

  void touch_at(std::size_t i) {
    if (i + 1 < samples_.size()) {
      if (is_least(samples_[i - 1].value, samples_[i].value, samples_[i + 1].value)) touch_between(i - 1, i + 1);
    }
  }

  /// A zero at the end is found now. What follows is not known, so that its multiplicity says whether it is a touch. Where g
  /// is no more than near zero, the next step says what comes of it, or finish().
  void at_end(const Piece& piece) {
    const double last = samples_.back().value;
    const std::size_t before = samples_.size() - 2;
    const bool falls = is_least(samples_[before].value, last, sign(last) * std::numeric_limits<double>::infinity());
    if (falls && std::abs(last) > small_ && piece.states[k_] != Piece::State::resolved) touch_between(before, before + 1);
    const bool ends_in_zero = !events_.empty() && largest_ <= small_;
    if (ends_in_zero && (is_open_ || sign(last) != from_sign_)) {
      const double m = multiplicity(piece, k_, events_.back().time);
      if (m >= no_slope) set_touching(std::lround(m) % 2 == 0);
    }
    memory_.turns = last != 0.0 && !ends_in_zero && sign(piece.samples(k_)[before_end]) == sign(last) && std::abs(last) <= small_ &&
                    largest_ > small_ && multiplicity(piece, k_, piece.end) >= no_slope;
    memory_.at_zero = ends_in_zero || last == 0.0;
    memory_.before_end = samples_[before].value;
  }

  EventFinder& finder_;
  Stepper& stepper_;
  std::size_t k_;
  const std::vector<Sample>& samples_;
  Memory& memory_;
  double near_;     ///< |g| beside the run that may be zero
  double small_;    ///< |g| that is zero beside the step
  double largest_;  ///< |g| since the last zero; infinite where that was before the step
  double from_sign_ = 0.0;  ///< before the last event
  bool is_open_ = false;    ///< g has been zero since the last event
  std::vector<Event> events_;
};

std::vector<Event> EventFinder::after_step(Stepper& stepper) {
  const double end = stepper.time();
  const bool is_stop = std::ranges::count(options_.stops, end) > 0;
  std::vector<double> now(names_.size()), after(names_.size());
  const double seen = is_stop ? std::nextafter(end, time_) : end;
  functions_(seen, stepper.state(), now);
  allow_poles(stepper, seen, now);
  after = now;
  if (is_stop) {
    y_.assign(stepper.state().begin(), stepper.state().end());
    stepper.system().prescribe(end, y_);
    evaluate_state(end, y_, after);
  }
  std::vector<Piece> pieces;
  sampler_.sample([&](double t, std::span<double> g) { evaluate(stepper, t, g); }, time_, end, before_, now, pieces);
  std::vector<Event> events;
  for (std::size_t k = 0; k < names_.size(); ++k) {
    auto samples = samples_of(stepper, k, pieces);
    if (is_stop) samples.push_back({end, after[k]});
    for (const auto& sample : samples) remember(k, sample);
    auto found = Walk(*this, stepper, k, samples).run(pieces.back());
    std::ranges::move(found, std::back_inserter(events));
    if (before_[k] == 0.0 && summaries_[k].zeros == 0 && memories_[k].sign != 0.0) summaries_[k].zero_at_start = true;
  }
  std::ranges::stable_sort(events, {}, &Event::time);
  for (auto& event : events) {
    event.state.resize(stepper.state().size());
    stepper.interpolate(event.time, event.state);
  }
  before_ = after;
  time_ = end;
  return events;
}

std::vector<Event> EventFinder::finish(Stepper& stepper) {
  std::vector<Event> events;
  for (std::size_t k = 0; k < memories_.size(); ++k) {
    if (!std::exchange(memories_[k].turns, false)) continue;
    ++summaries_[k].zeros;
    const auto y = stepper.state();
    events.push_back({static_cast<int>(k), time_, false, true, {y.begin(), y.end()}});
  }
  return events;
}

void EventFinder::exchange(sdk::StateArchive& archive) {
  constexpr std::size_t width = 10;
  std::vector<double> all;
  for (std::size_t k = 0; k < names_.size(); ++k) {
    const auto& s = summaries_[k];
    const auto& m = memories_[k];
    all.insert(all.end(), {static_cast<double>(s.zeros), s.zero_at_start ? 1.0 : 0.0, s.largest, s.nearest, s.nearest_time,
                           s.pole.value_or(std::numeric_limits<double>::infinity()), m.sign, m.before_end, m.at_zero ? 1.0 : 0.0, m.turns ? 1.0 : 0.0});
  }
  archive.numbers("events", all);
  archive.numbers("event_values", before_);
  require_stored_length("events", all.size(), width * names_.size());
  require_stored_length("event_values", before_.size(), names_.size());
  archive.number("event_time", time_);
  sampler_.exchange("events", archive);
  for (std::size_t k = 0; k < names_.size() && archive.loading(); ++k) {
    const double* x = all.data() + width * k;
    summaries_[k] = {static_cast<std::int64_t>(x[0]), x[1] != 0.0, x[2], x[3], x[4], std::nullopt};
    if (std::isfinite(x[5])) summaries_[k].pole = x[5];
    memories_[k] = {x[6], x[7], x[8] != 0.0, x[9] != 0.0};
  }
}

}  // namespace ansatz::time
