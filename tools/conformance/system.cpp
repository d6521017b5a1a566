#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>

#include "checks.hpp"
#include "names.hpp"
#include "system_samples.hpp"

namespace ansatz::conformance {
namespace {

using sdk::OdeSystem;
using sdk::Part;

bool finite(const Vector& values) {
  return std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
}

void check_names(const plugin::OdeOffer& offer, const sdk::OdeInfo& info) {
  Names parameters, of_states;
  Names().add("system", offer.name);
  for (const auto& p : offer.parameters.parameters()) parameters.add("parameter", p.name);
  for (const auto& c : info.components) of_states.add("component", c.name);
  for (const auto& i : info.invariants) of_states.add("invariant", i);
  for (const auto& e : info.events) of_states.add("event", e);
}

void check_documentation(const plugin::OdeOffer& offer, const sdk::OdeInfo& info) {
  check_documented("system", offer.name, "1", offer.doc);
  for (const auto& p : offer.parameters.parameters()) check_documented("parameter", p.name, p.unit, p.doc);
  for (const auto& c : info.components) check_documented("component", c.name, c.unit, c.name);
}

/// Defaults in their ranges, choices that can be made, and lower bounds that are accepted or refused with an SDK error.
void check_parameters(const plugin::OdeOffer& offer) {
  for (const auto& p : offer.parameters.parameters()) {
    require(p.range.low < p.range.high, fmt::format("the range of \"{}\" is empty: {}", p.name, p.range.text()));
    sdk::ParameterSet(offer.parameters).set(p.name, p.initial);
    for (const auto& choice : p.choices) {
      sdk::ParameterSet values(offer.parameters);
      values.set(p.name, choice);
      offer.create(values);
    }
    if (!std::isfinite(p.range.low) || p.range.low_open) continue;
    sdk::ParameterSet values(offer.parameters);
    if (std::holds_alternative<double>(p.initial)) values.set(p.name, p.range.low);
    if (std::holds_alternative<std::int64_t>(p.initial)) values.set(p.name, static_cast<std::int64_t>(p.range.low));
    try {
      offer.create(values);
    } catch (const sdk::Error&) {
    }
  }
}

void check_memory(const plugin::OdeOffer& offer) {
  const auto create_some = [&](int count) {
    for (int i = 0; i < count; ++i) offer.create(sdk::ParameterSet(offer.parameters));
    return mallinfo2().uordblks;
  };
  const auto before = create_some(10), after = create_some(100);
  require(after <= before + 4096, fmt::format("100 objects that are gone again leave {} bytes behind", after - before));
}

/// The functions of one system with its default parameters.
class SystemSuite {
 public:
  explicit SystemSuite(const OdeSystem& system)
      : system_(system), info_(system.info()), samples_(sample_states(system)), n_(system.size()) {}

  void start() const {
    require(finite(info_.initial), "an initial value is not finite");
    require(finite(rate(system_, info_.start, info_.initial, Part::all)), "f is not finite at the initial state");
    require(finite(invariants(info_.initial)), "an invariant is not finite at the initial state");
    Vector events(info_.events.size());
    system_.events(info_.start, info_.initial, events);
    require(finite(events), "an event function is not finite at the initial state");
  }

  void repeats() const {
    for (const auto& s : samples_) {
      const auto once = rate(system_, s.time, s.y, Part::all);
      jacobian(s, Part::all);
      rate(system_, info_.start, info_.initial, Part::all);
      require(rate(system_, s.time, s.y, Part::all) == once,
              "f at the same state and time is not the same a second time");
    }
  }

  void parts() const {
    for (const auto& s : samples_) {
      const auto all = rate(system_, s.time, s.y, Part::all), stiff = rate(system_, s.time, s.y, Part::stiff),
                 nonstiff = rate(system_, s.time, s.y, Part::nonstiff);
      for (std::size_t i = 0; i < n_; ++i) {
        const double size = std::abs(stiff[i]) + std::abs(nonstiff[i]);
        require(std::abs(stiff[i] + nonstiff[i] - all[i]) <= 1e-12 * size,
                fmt::format("the parts of the rate of {} are {:.9g} and {:.9g}, but all of it is {:.9g}", name(i),
                            stiff[i], nonstiff[i], all[i]));
        require(system_.splits() || nonstiff[i] == 0.0, "it has a nonstiff part, but says that it has none");
      }
    }
  }

  void jacobians() const {
    for (const auto& s : samples_) {
      for (const Part part : {Part::all, Part::stiff, Part::nonstiff}) {
        const auto J = jacobian(s, part);
        const auto f = rate(system_, s.time, s.y, part);
        Vector row(n_, 0.0);
        for (std::size_t j = 0; j < n_; ++j) {
          for (std::size_t i = 0; i < n_; ++i) row[i] = std::max(row[i], std::abs(J[j * n_ + i]) * s.scale[j]);
        }
        for (std::size_t j = 0; j < n_; ++j)
          check_column(s, part, j, {J.begin() + j * n_, J.begin() + (j + 1) * n_}, row, f);
      }
    }
  }

  /// Rates that the band denies must not change by a bit.
  void band() const {
    for (const auto& s : samples_) {
      const auto f = rate(system_, s.time, s.y, Part::all);
      for (std::size_t j = 0; j < n_; ++j) {
        const auto moved = rate(system_, s.time, with(s.y, j, 0.01 * s.scale[j]), Part::all);
        for (std::size_t i = 0; i < n_; ++i) {
          require(
              inside(i, j) || moved[i] == f[i],
              fmt::format("the rate of {} depends on {}, which is outside of the band: {} below, {} above the diagonal",
                          name(i), name(j), info_.band->lower, info_.band->upper));
        }
      }
    }
  }

  void by_time() const {
    for (const auto& s : samples_) {
      Vector derivative(n_);
      system_.time_derivative(s.time, s.y, derivative);
      const auto f = rate(system_, s.time, s.y, Part::all);
      const auto d = compare(
          derivative, [&](double h) { return rate(system_, s.time + h, s.y, Part::all); }, span(), over_span(f));
      require(d.excess <= 1.0, fmt::format("the derivative by time of the rate of {} is {:.9g}, by differences {:.9g}",
                                           name(d.entry), d.value, d.expected));
    }
  }

  void linear() const {
    Vector L(n_ * n_);
    system_.linear(L);
    require(finite(L), "the linear part is not finite");
    for (std::size_t j = 0; j < n_; ++j) {
      for (std::size_t i = 0; i < n_; ++i) {
        require(inside(i, j) || L[j * n_ + i] == 0.0,
                fmt::format("the linear part couples {} to {}, which is outside of the band", name(i), name(j)));
      }
    }
  }

  void second_order() const {
    const std::size_t half = n_ / 2;
    for (const auto& s : samples_) {
      const Vector q(s.y.begin(), s.y.begin() + half), v(s.y.begin() + half, s.y.end());
      Vector a(half), again(half), jerk(half);
      system_.acceleration(s.time, q, v, a);
      system_.jerk(s.time, q, v, again, jerk);
      Vector expected = v;
      expected.insert(expected.end(), a.begin(), a.end());
      require(rate(system_, s.time, s.y, Part::all) == expected,
              "f is not made of the velocities and the accelerations");
      for (std::size_t i = 0; i < half; ++i) {
        require(std::abs(again[i] - a[i]) <= 1e-13 * std::abs(a[i]),
                "the acceleration with the jerk is another than without");
      }
      Vector faster = v;
      for (std::size_t i = 0; i < half; ++i) faster[i] += 0.1 * s.scale[half + i];
      system_.acceleration(s.time, q, faster, again);
      require(info_.velocity_dependent || again == a,
              "accelerations depend on velocities: it must say velocity_dependent");
      const auto along = [&](double h) {
        Vector there(half), moved = q, speed = v;
        for (std::size_t i = 0; i < half; ++i) {
          moved[i] += h * v[i];
          speed[i] += h * a[i];
        }
        system_.acceleration(s.time + h, moved, speed, there);
        return there;
      };
      const auto d = compare(jerk, along, span(), over_span(a));
      require(d.excess <= 1.0, fmt::format("the jerk of {} is {:.9g}, by differences along the motion {:.9g}",
                                           name(d.entry), d.value, d.expected));
    }
  }

  /// grad I . f = 0.
  void invariance() const {
    for (const auto& s : samples_) {
      const auto f = rate(system_, s.time, s.y, Part::all);
      for (std::size_t k = 0; k < info_.invariants.size(); ++k) {
        double best = INFINITY;
        for (const double step : {1e-2, 1e-3, 1e-4, 1e-5}) best = std::min(best, drift(s, f, k, step));
        require(best <= 1e-8,
                fmt::format("\"{}\" is not an invariant: it changes along the motion, by {:.2e} of what its terms do",
                            info_.invariants[k], best));
      }
    }
  }

 private:
  /// |grad I . f| beside the sum of the sizes of its terms, the gradient by differences.
  double drift(const SystemSample& s, const Vector& f, std::size_t k, double step) const {
    double sum = 0.0, size = 0.0;
    for (std::size_t j = 0; j < n_; ++j) {
      const double h = step * s.scale[j];
      const auto value = [&](double by) { return invariants(with(s.y, j, by))[k]; };
      const double term = (value(-2.0 * h) - value(2.0 * h) + 8.0 * (value(h) - value(-h))) / (12.0 * h) * f[j];
      sum += term;
      size += std::abs(term);
    }
    return size == 0.0 ? 0.0 : std::abs(sum) / size;
  }

  void check_column(const SystemSample& s, Part part, std::size_t j, const Vector& column, const Vector& row,
                    const Vector& f) const {
    Vector floor(n_);
    for (std::size_t i = 0; i < n_; ++i) floor[i] = (1e-9 * row[i] + 1e-11 * std::abs(f[i])) / s.scale[j];
    const auto d = compare(
        column, [&](double h) { return rate(system_, s.time, with(s.y, j, h), part); }, s.scale[j], floor);
    const char* words[] = {"", "stiff part of the ", "nonstiff part of the "};
    require(d.excess <= 1.0, fmt::format("the derivative of the {}rate of {} by {} is {:.9g}, by differences {:.9g}",
                                         words[static_cast<int>(part)], name(d.entry), name(j), d.value, d.expected));
  }

  /// Column after column, whatever the storage.
  Vector jacobian(const SystemSample& s, Part part) const {
    Vector full(n_ * n_, 0.0);
    if (!system_.banded()) {
      system_.jacobian(s.time, s.y, part, full);
      return full;
    }
    const std::size_t upper = info_.band->upper, height = upper + info_.band->lower + 1;
    Vector packed(n_ * height);
    system_.jacobian(s.time, s.y, part, packed);
    for (std::size_t j = 0; j < n_; ++j) {
      for (std::size_t i = 0; i < n_; ++i) {
        if (inside(i, j)) full[j * n_ + i] = packed[j * height + upper + i - j];
      }
    }
    return full;
  }

  bool inside(std::size_t i, std::size_t j) const {
    const auto below = static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(j);
    return !info_.band || (below <= info_.band->lower && -below <= info_.band->upper);
  }
  Vector invariants(const Vector& y) const {
    Vector out(info_.invariants.size());
    system_.invariants(y, out);
    return out;
  }
  static Vector with(Vector y, std::size_t j, double change) {
    y[j] += change;
    return y;
  }
  double span() const { return info_.end - info_.start; }
  /// What differences over a part of the span leave of round-off.
  Vector over_span(const Vector& values) const {
    Vector out;
    for (const double v : values) out.push_back(1e-8 * std::abs(v) / span());
    return out;
  }
  const std::string& name(std::size_t i) const { return info_.components[i].name; }

  const OdeSystem& system_;
  const sdk::OdeInfo& info_;
  std::vector<SystemSample> samples_;
  std::size_t n_;
};

}  // namespace

void check_system(Report& report, const plugin::OdeOffer& offer) {
  const auto title = "system " + offer.name + ": ";
  const auto needed = std::ranges::find_if(offer.parameters.parameters(), [](const auto& p) { return p.required; });
  if (needed != offer.parameters.parameters().end()) {
    return report.skip(title + "its equations", fmt::format("parameter \"{}\" has no default", needed->name));
  }
  std::unique_ptr<OdeSystem> system;
  report.check(title + "it is made with the defaults of its parameters",
               [&] { system = offer.create(sdk::ParameterSet(offer.parameters)); });
  if (!system) return;
  const auto& info = system->info();
  report.check(title + "names are valid and used once", [&] { check_names(offer, info); });
  report.check(title + "everything has a text and a unit", [&] { check_documentation(offer, info); });
  report.check(title + "ranges, defaults and choices are valid", [&] { check_parameters(offer); });
  report.check(title + "objects are destroyed without a trace", [&] { check_memory(offer); });
  std::optional<SystemSuite> suite;
  report.check(title + "f is finite near the initial state", [&] { suite.emplace(*system); });
  if (!suite) return;
  report.check(title + "initial state", [&] { suite->start(); });
  report.check(title + "f has no memory", [&] { suite->repeats(); });
  report.check(title + "stiff and nonstiff parts add up", [&] { suite->parts(); });
  report.check(title + "Jacobian against differences", [&] { suite->jacobians(); });
  report.check(title + "derivative by time against differences", [&] { suite->by_time(); });
  if (system->banded()) report.check(title + "band of the Jacobian", [&] { suite->band(); });
  if (system->has_linear_part()) report.check(title + "linear part", [&] { suite->linear(); });
  if (info.second_order) report.check(title + "accelerations and jerk", [&] { suite->second_order(); });
  if (!info.invariants.empty())
    report.check(title + "invariants are constant along the motion", [&] { suite->invariance(); });
}

}  // namespace ansatz::conformance
