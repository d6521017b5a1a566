#include "engine/time/loop/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ansatz/sdk/error.hpp"
#include "engine/time/loop/event_walk.hpp"
#include "engine/time/systems/stored_length.hpp"

namespace ansatz::time {
namespace {

constexpr double resolution = 1e-7;   // of polynomials, relative to the range of a function
constexpr double beside_step = 1e-3;  // a touch beside the largest value of its step
constexpr double noise = 8.0 * std::numeric_limits<double>::epsilon();  // of the largest value
constexpr double single_time = 1e-6;                            // of a step: what is not finite for longer is refused
constexpr double far_from_single = 8.0;                         // times the distance before
constexpr double first_behind = 1e-9, furthest_behind = 0.05;   // an end, beside the step
constexpr double above_noise = 4.0;                             // the value there, beside that at the end
constexpr double beyond_usual = 100.0;                          // times the largest value so far: may be beside a pole
constexpr double beside_pole = 1e4, nearer = 8.0, grown = 2.0;  // round-off of time; times closer; of |g| there
constexpr std::size_t followed_down = 2;  // least values of pieces that are not resolved, in each step

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
  throw sdk::Error(sdk::ErrorKind::not_finite,
                   fmt::format("the event function {} is {} at t = {:.15g}", names_[k], g, t));
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
  skip_single_times(stepper, t, g);
}

/// A function may be infinite where it is finite just before and after, as far as these are in the step, or have no
/// value: it then has the one before. At the end of a step it must have one.
void EventFinder::skip_single_times(Stepper& stepper, double t, std::span<double> g) {
  for (std::size_t k = 0; k < g.size(); ++k) {
    if (std::isfinite(g[k])) continue;
    if (std::isnan(g[k]) && (t <= time_ || t >= stepper.time())) refuse(k, g[k], t);
    const auto before = t > time_ ? finite_beside(stepper, k, t, -1.0) : g[k];
    const auto after = t < stepper.time() ? finite_beside(stepper, k, t, 1.0) : g[k];
    if (!before || !after) refuse(k, g[k], t);
    if (std::isnan(g[k])) g[k] = *before;
  }
}

/// Infinite is what an end of a step finds beside a pole: |g| grows towards it, as at no jump, above all values so far.
void EventFinder::mark_pole_at_end(Stepper& stepper, std::size_t k, double t, double& value) {
  const double size = std::abs(value), d = beside_pole * round_off_of_time(time_, t);
  if (!std::isfinite(size) || size <= beyond_usual * summaries_[k].largest || d >= t - time_) return;
  const auto g = signal(stepper, k);
  const double far = std::abs(g(t - d)), near = std::abs(g(t - d / nearer));
  if (near > grown * far && size > grown * near) value = std::copysign(std::numeric_limits<double>::infinity(), value);
}

/// A value close to a time, on one side; nothing where there is none that is finite.
std::optional<double> EventFinder::finite_beside(Stepper& stepper, std::size_t k, double t, double side) {
  std::vector<double> beside(names_.size());
  const double first = round_off_of_time(time_, stepper.time());
  for (double d = first; d <= std::max(first, single_time * (stepper.time() - time_)); d *= far_from_single) {
    const double other = std::clamp(t + side * d, time_, stepper.time());
    stepper.interpolate(other, y_);
    functions_(other, y_, beside);
    if (std::isfinite(beside[k])) return beside[k];
  }
  return std::nullopt;
}

Signal EventFinder::signal(Stepper& stepper, std::size_t k) {
  return [this, &stepper, k](double t) {
    evaluate(stepper, std::clamp(t, time_, stepper.time()), scratch_);
    return scratch_[k];
  };
}

/// Just behind the end of a step, where the state goes on with its rate; 0 where that is no more than round-off.
double EventFinder::sign_after(Stepper& stepper, std::size_t k) {
  const auto y = stepper.state();
  const auto rate = stepper.rate();
  const double end = stepper.time(), h = stepper.last_step();
  std::vector<double> g(names_.size()), behind(y.size());
  functions_(end, y, g);
  const double floor = std::max(round_off(k), above_noise * std::abs(g[k]));
  for (double d = std::max(first_behind * h, round_off_of_time(end, end)); d <= furthest_behind * h; d *= 2.0) {
    for (std::size_t i = 0; i < y.size(); ++i) behind[i] = y[i] + d * rate[i];
    try {
      stepper.system().prescribe(end + d, behind);
      functions_(end + d, behind, g);
    } catch (const sdk::Error& error) {  // on all ranks alike: data may end with the run
      if (error.kind() != sdk::ErrorKind::not_finite) throw;
      return 0.0;
    }
    if (std::isfinite(g[k]) && std::abs(g[k]) > floor) return sign_of(g[k]);
  }
  return 0.0;
}

double EventFinder::round_off(std::size_t k) const { return noise * memories_[k].scale; }

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
    memories_[k] = {sign_of(before_[k]), before_[k], std::abs(before_[k])};
    see_size(k, before_[k]);
    summaries_[k].nearest = std::numeric_limits<double>::infinity();
    remember(k, {time_, before_[k]});
  }
}

/// For what round-off is measured by.
void EventFinder::see_size(std::size_t k, double value) {
  if (std::isfinite(value)) memories_[k].scale = std::max(memories_[k].scale, std::abs(value));
}

/// The samples of all pieces, with the extremes between them where one may be a zero or lie behind one.
std::vector<EventFinder::Sample> EventFinder::samples_of(Stepper& stepper, std::size_t k,
                                                         const std::vector<Piece>& pieces) {
  const auto g = signal(stepper, k);
  std::vector<Sample> samples{{pieces.front().begin, pieces.front().samples(k)[0]}};
  for (const auto& piece : pieces) {
    const auto x = piece.samples(k);
    const double near =
        std::max(options_.tolerance * sampler_.largest(k), 10.0 * sampler_.tolerance() * sampler_.range(k));
    const bool open = piece.states[k] != Piece::State::resolved;
    for (int node = 1; node < Piece::num_nodes; ++node) samples.push_back({piece.time(node), x[node], open});
    if (open) continue;
    std::vector<double> extremes;
    bool matter = false;
    for (const double s : stationary_points(x)) {
      const double extreme = polynomial(x, s), t = piece.begin + s * (piece.end - piece.begin);
      const auto next = std::ranges::lower_bound(samples, t, {}, &Sample::time);
      if (next == samples.begin() || next == samples.end() || next->time == t) continue;
      extremes.push_back(t);
      const bool hides = sign_of(extreme) != sign_of(next->value) && sign_of(extreme) != sign_of((next - 1)->value);
      matter = matter || hides || std::abs(extreme) <= near;
    }
    for (const double t : extremes) {
      if (matter) samples.insert(std::ranges::lower_bound(samples, t, {}, &Sample::time), {t, g(t)});
    }
  }
  return samples;
}

/// What |g| is small beside: not its values beside poles.
double EventFinder::usual_size(std::size_t k) const {
  return summaries_[k].pole ? memories_[k].scale : summaries_[k].largest;
}

double EventFinder::threshold(std::size_t k, const std::vector<Sample>& samples) const {
  double largest = 0.0;
  for (const auto& sample : samples)
    largest = std::isfinite(sample.value) ? std::max(largest, std::abs(sample.value)) : largest;
  return std::min(options_.tolerance * usual_size(k), beside_step * largest);
}

/// Adds the places to which |g| falls beside samples that are less than those before and after them, and near zero, or
/// the least of a piece that is not resolved: samples beside kinks and cusps may be far above them.
void EventFinder::follow_down(Stepper& stepper, std::size_t k, std::vector<Sample>& samples) {
  const auto g = signal(stepper, k);
  const auto& memory = memories_[k];
  const double near = options_.tolerance * usual_size(k), infinity = std::numeric_limits<double>::infinity();
  const std::size_t last = samples.size() - 1;
  std::vector<std::size_t> places, open;
  for (std::size_t i = 0; i <= last; ++i) {
    const double s = sign_of(samples[i].value), here = std::abs(samples[i].value);
    const double before = i > 0 ? samples[i - 1].value : memory.at_zero ? 0.0 : memory.before_end;
    const double after = i < last ? samples[i + 1].value : s * infinity;
    if (s == 0.0 || sign_of(before) != s || sign_of(after) != s || here > std::abs(before) || here >= std::abs(after))
      continue;
    if (i == last && !samples[i].open) continue;
    if (here <= near)
      places.push_back(i);
    else if (samples[i].open)
      open.push_back(i);
  }
  std::ranges::sort(open, {}, [&](std::size_t i) { return std::abs(samples[i].value); });
  open.resize(std::min(open.size(), followed_down));
  places.insert(places.end(), open.begin(), open.end());
  std::vector<Sample> found;
  for (const std::size_t i : places) {
    const double from = samples[i > 0 ? i - 1 : 0].time, to = samples[std::min(i + 1, last)].time;
    const auto least = least_value(g, from, to, sign_of(samples[i].value), {samples[i].time, samples[i].value});
    if (i == last && least.time == samples[i].time) continue;
    if (least.time == samples[i].time)
      samples[i].least = true;
    else
      found.push_back({least.time, least.value, samples[i].open, sign_of(least.value) == sign_of(samples[i].value)});
  }
  for (const auto& sample : found)
    samples.insert(std::ranges::upper_bound(samples, sample.time, {}, &Sample::time), sample);
}

std::vector<Event> EventFinder::after_step(Stepper& stepper) {
  ++steps_;
  const double end = stepper.time();
  const bool is_stop = std::ranges::count(options_.stops, end) > 0;
  std::vector<double> now(names_.size()), after(names_.size());
  const double seen = is_stop ? std::nextafter(end, time_) : end;
  functions_(seen, stepper.state(), now);
  skip_single_times(stepper, seen, now);
  for (std::size_t k = 0; k < now.size(); ++k) mark_pole_at_end(stepper, k, seen, now[k]);
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
    const double within = time_ + Piece::nodes[3] * (end - time_);
    see_size(k, std::ranges::lower_bound(samples, within, {}, &Sample::time)->value);
    see_size(k, now[k]);
    follow_down(stepper, k, samples);
    for (const auto& sample : samples) remember(k, sample);
    auto found = Walk(*this, stepper, k, samples).run();
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
    const bool touching = sign_after(stepper, k) != -memories_[k].sign;
    events.push_back(
        {static_cast<int>(k), time_, !touching && memories_[k].sign < 0.0, touching, {y.begin(), y.end()}});
  }
  return events;
}

void EventFinder::exchange(sdk::StateArchive& archive) {
  constexpr std::size_t width = 13;
  std::vector<double> all;
  for (std::size_t k = 0; k < names_.size(); ++k) {
    const auto& s = summaries_[k];
    const auto& m = memories_[k];
    all.insert(all.end(),
               {static_cast<double>(s.zeros), s.zero_at_start ? 1.0 : 0.0, s.largest, s.nearest, s.nearest_time,
                s.pole.value_or(std::numeric_limits<double>::infinity()), m.sign, m.before_end, m.largest,
                m.at_start ? 1.0 : 0.0, m.at_zero ? 1.0 : 0.0, m.scale, m.turns ? 1.0 : 0.0});
  }
  archive.numbers("events", all);
  archive.numbers("event_values", before_);
  require_stored_length("events", all.size(), width * names_.size());
  require_stored_length("event_values", before_.size(), names_.size());
  archive.number("event_time", time_);
  archive.number("event_steps", steps_);
  sampler_.exchange("events", archive);
  for (std::size_t k = 0; k < names_.size() && archive.loading(); ++k) {
    const double* x = all.data() + width * k;
    summaries_[k] = {static_cast<std::int64_t>(x[0]), x[1] != 0.0, x[2], x[3], x[4], std::nullopt};
    if (std::isfinite(x[5])) summaries_[k].pole = x[5];
    memories_[k] = {x[6], x[7], x[8], x[9] != 0.0, x[10] != 0.0, x[11], x[12] != 0.0};
  }
}

}  // namespace ansatz::time
