#include "engine/time/loop/pieces.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/time/systems/stored_length.hpp"

namespace ansatz::time {
namespace {

constexpr int n = Piece::num_nodes;
constexpr std::array<int, 5> quartic{0, 2, 4, 6, 8};  // its nodes
constexpr std::array<double, 3> between{0.065, 0.435,
                                        0.905};  // nodes: where no kink of a piece is small beside its largest error
constexpr double of_kinks = 0.25;                // of the tolerance there: they are seen to a twelfth at least
constexpr double first_budget = 3000.0, budget_of_step = 24.0;  // samples
constexpr double cost_of_halves = 14.0;                         // samples, at least
constexpr double coarse_digits =
    10.0;                            // times the root of the tolerance: what the quartic meets where more nodes may do
constexpr int deepest = 28;          // halvings of a step
constexpr double round_off = 1e-13;  // of samples, relative
constexpr double growth = 0.1;       // of the hull of samples that a jump does not reach

/// The quartic at a node.
double quartic_at(std::span<const double, n> x, int node) {
  double value = 0.0;
  for (const int i : quartic) {
    double weight = 1.0;
    for (const int j : quartic) {
      if (j != i) weight *= (Piece::nodes[node] - Piece::nodes[j]) / (Piece::nodes[i] - Piece::nodes[j]);
    }
    value += weight * (x[i] - x[0]);
  }
  return x[0] + value;
}

/// c_k of u^k, u = 2 s - 1, of samples less a value.
std::array<double, n> coefficients(std::span<const double, n> samples, double less) {
  // Those of Chebyshev polynomials; at the node (1 - cos(a)) / 2 T_k is (-1)^k cos(k a).
  static const auto of_node = [] {
    std::array<std::array<double, n>, n> all;
    for (int k = 0; k < n; ++k) {
      for (int j = 0; j < n; ++j) {
        const double ends = (k % (n - 1) == 0 ? 0.5 : 1.0) * (j % (n - 1) == 0 ? 0.5 : 1.0);
        all[k][j] = 2.0 / (n - 1) * ends * (k % 2 == 0 ? 1.0 : -1.0) * std::cos(std::numbers::pi * k * j / (n - 1));
      }
    }
    return all;
  }();
  std::array<double, n> c{}, before{1.0}, here{0.0, 1.0};
  for (int k = 0; k < n; ++k) {
    double factor = 0.0;
    for (int j = 0; j < n; ++j) factor += of_node[k][j] * (samples[j] - less);
    for (int i = 0; i < n; ++i) c[i] += factor * before[i];
    std::array<double, n> next{};
    for (int i = 0; i < n; ++i) next[i] = (i > 0 ? 2.0 * here[i - 1] : 0.0) - before[i];
    before = here;
    here = next;
  }
  return c;
}

double horner(std::span<const double> c, double u) {
  double value = 0.0;
  for (std::size_t k = c.size(); k-- > 0;) value = value * u + c[k];
  return value;
}

/// Roots in [-1, 1] where the sign changes or a sample between monotone parts is zero, ascending.
std::vector<double> roots(std::span<const double> c) {
  if (c.size() < 2) return {};
  std::vector<double> derivative;
  for (std::size_t k = 1; k < c.size(); ++k) derivative.push_back(static_cast<double>(k) * c[k]);
  std::vector<double> ends{-1.0};
  for (const double u : roots(derivative)) ends.push_back(u);
  ends.push_back(1.0);
  std::vector<double> found;
  const auto add = [&](double u) {
    if (found.empty() || u > found.back()) found.push_back(u);
  };
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    double a = ends[i], b = ends[i + 1];
    const double at_a = horner(c, a), at_b = horner(c, b);
    if (at_a == 0.0) add(a);
    if ((at_a < 0.0 && at_b > 0.0) || (at_a > 0.0 && at_b < 0.0)) {
      for (int halvings = 0; halvings < 60; ++halvings) {
        const double middle = 0.5 * (a + b);
        (horner(c, middle) < 0.0) == (at_a < 0.0) ? a = middle : b = middle;
      }
      add(b);
    }
    if (at_b == 0.0) add(b);
  }
  return found;
}

/// The same in [0, 1].
std::vector<double> roots_of_length(std::span<const double> c) {
  auto found = roots(c);
  for (double& u : found) u = 0.5 * (u + 1.0);
  return found;
}

bool are_finite(std::span<const double> x) {
  return std::ranges::all_of(x, [](double value) { return std::isfinite(value); });
}

/// Extends a range by samples that are finite.
void extend(double& low, double& high, std::span<const double> x) {
  for (const double value : x) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
}

/// Extends the range of each function by samples that are bounded.
void remember(const Piece& piece, std::vector<double>& low, std::vector<double>& high) {
  for (std::size_t k = 0; k < low.size(); ++k) {
    if (piece.states[k] != Piece::State::unbounded) extend(low[k], high[k], piece.samples(k));
  }
}

}  // namespace

double Piece::time(int node) const { return node == num_nodes - 1 ? end : begin + nodes[node] * (end - begin); }

double polynomial(std::span<const double, n> samples, double s) {
  // Barycentric, which is stable; of differences, so that constants stay what they are.
  double above = 0.0, below = 0.0;
  for (int i = 0; i < n; ++i) {
    if (s == Piece::nodes[i]) return samples[i];
    const double weight = (i % 2 == 0 ? 1.0 : -1.0) * (i % (n - 1) == 0 ? 0.5 : 1.0) / (s - Piece::nodes[i]);
    above += weight * (samples[i] - samples[0]);
    below += weight;
  }
  return samples[0] + above / below;
}

double polynomial_mean(std::span<const double, n> samples) {
  // Of u^k over [-1, 1], u = 2 s - 1.
  const auto c = coefficients(samples, samples[0]);
  double sum = 0.0;
  for (int k = 0; k < n; k += 2) sum += c[k] / (k + 1);
  return samples[0] + sum;
}

std::vector<double> stationary_points(std::span<const double, n> samples) {
  const auto c = coefficients(samples, samples[0]);
  std::array<double, n - 1> derivative;
  for (int k = 1; k < n; ++k) derivative[k - 1] = k * c[k];
  auto found = roots_of_length(derivative);
  std::erase_if(found, [](double s) { return s <= 0.0 || s >= 1.0; });
  return found;
}

std::vector<double> points_of_value(std::span<const double, n> samples, double value) {
  return roots_of_length(coefficients(samples, value));
}

/// A piece that may be halved, with the hull of the samples of its ancestors in the first half of the halvings.
struct PieceSampler::Part {
  Piece piece;
  int depth = 0;
  std::vector<double> low = {}, high = {};
};

PieceSampler::PieceSampler(std::size_t num_functions, double tolerance)
    : tolerance_(tolerance),
      low_(num_functions, std::numeric_limits<double>::infinity()),
      high_(num_functions, -std::numeric_limits<double>::infinity()),
      scratch_(num_functions),
      budget_(first_budget) {}

double PieceSampler::largest(std::size_t function) const {
  return std::max(std::abs(low_[function]), std::abs(high_[function]));
}

/// Difference between a function and a polynomial.
double PieceSampler::allowed(const Piece& piece, std::size_t k, double tolerance) const {
  // Samples of pieces that are halved do not count: one beside a pole would hide it.
  double low = low_[k], high = high_[k];
  extend(low, high, piece.samples(k));
  return std::max(tolerance * (high - low), round_off * std::max(std::abs(low), std::abs(high)));
}

/// Samples a piece, until it is clear whether all functions are met; their states and errors then hold.
bool PieceSampler::meets(const SignalFunctions& functions, Piece& piece) {
  const std::size_t count = scratch_.size();
  for (int node = 1; node < n - 1; ++node) {
    functions(piece.time(node), scratch_);
    for (std::size_t k = 0; k < count; ++k) piece.values[n * k + node] = scratch_[k];
  }
  budget_ -= n - 2;
  const double coarse_tolerance = coarse_digits * std::sqrt(tolerance_);
  bool is_met = true, may_do = true;
  for (std::size_t k = 0; k < count; ++k) {
    const auto x = piece.samples(k);
    piece.states[k] = Piece::State::open;
    piece.errors[k] = 0.0;
    if (!are_finite(x)) {
      is_met = may_do = false;
      continue;
    }
    for (int node = 1; node < n; node += 2)
      piece.errors[k] = std::max(piece.errors[k], std::abs(x[node] - quartic_at(x, node)));
    if (piece.errors[k] <= allowed(piece, k, tolerance_)) {
      piece.states[k] = Piece::State::resolved;
      continue;
    }
    is_met = false;
    may_do = may_do && piece.errors[k] <= allowed(piece, k, coarse_tolerance);
  }
  if (is_met || !may_do) return is_met;
  std::vector<double> fine(count);
  for (const double s : between) {
    functions(piece.begin + s * (piece.end - piece.begin), scratch_);
    for (std::size_t k = 0; k < count; ++k) {
      const double error = std::abs(scratch_[k] - polynomial(piece.samples(k), s));
      fine[k] = std::isfinite(error) ? std::max(fine[k], error) : std::numeric_limits<double>::infinity();
    }
  }
  budget_ -= static_cast<double>(between.size());
  is_met = true;
  for (std::size_t k = 0; k < count; ++k) {
    if (piece.states[k] == Piece::State::resolved) continue;
    if (fine[k] <= allowed(piece, k, of_kinks * tolerance_)) {
      piece.states[k] = Piece::State::resolved;
      piece.errors[k] = fine[k];
    } else {
      is_met = false;
      if (std::isfinite(fine[k])) piece.errors[k] = std::max(piece.errors[k], fine[k]);
    }
  }
  return is_met;
}

/// What functions do that are not met in a piece that is not halved.
void PieceSampler::finish(Part& part, bool is_short) {
  auto& piece = part.piece;
  for (std::size_t k = 0; k < scratch_.size(); ++k) {
    if (piece.states[k] == Piece::State::resolved) continue;
    const auto x = piece.samples(k);
    if (!are_finite(x)) {
      piece.states[k] = Piece::State::unbounded;
    } else if (is_short) {
      piece.states[k] = Piece::State::jump;
      if (part.low.empty()) continue;
      const auto [least, most] = std::ranges::minmax(x);
      const double margin = growth * (part.high[k] - part.low[k]);
      if (least < part.low[k] - margin || most > part.high[k] + margin) piece.states[k] = Piece::State::unbounded;
    }
  }
}

void PieceSampler::sample(const SignalFunctions& functions, double from, double to, std::span<const double> at_from,
                          std::span<const double> at_to, std::vector<Piece>& pieces) {
  const std::size_t count = scratch_.size();
  const double resolution = 32.0 * std::numeric_limits<double>::epsilon() * std::max(std::abs(from), std::abs(to));
  const double shortest = std::max(std::ldexp(to - from, -deepest), resolution);
  const int halvings = std::clamp(static_cast<int>(std::ceil(std::log2((to - from) / shortest))), 0, deepest);
  budget_ = std::min(budget_ + budget_of_step, first_budget);
  const auto blank = [&](double begin, double end) {
    return Piece{begin, end, std::vector<double>(n * count), std::vector<Piece::State>(count),
                 std::vector<double>(count)};
  };
  std::vector<Part> waiting{{blank(from, to)}};
  for (std::size_t k = 0; k < count; ++k) {
    waiting[0].piece.values[n * k] = at_from[k];
    waiting[0].piece.values[n * k + n - 1] = at_to[k];
  }
  while (!waiting.empty()) {
    auto part = std::move(waiting.back());
    waiting.pop_back();
    const bool is_short = part.piece.end - part.piece.begin <= shortest;
    if (meets(functions, part.piece) || is_short || budget_ < cost_of_halves) {
      finish(part, is_short);
      remember(part.piece, low_, high_);
      pieces.push_back(std::move(part.piece));
      continue;
    }
    if (part.depth <= halvings / 2) {
      if (part.low.empty()) {
        part.low.assign(count, std::numeric_limits<double>::infinity());
        part.high.assign(count, -std::numeric_limits<double>::infinity());
      }
      for (std::size_t k = 0; k < count; ++k) extend(part.low[k], part.high[k], part.piece.samples(k));
    }
    const double middle = part.piece.time(n / 2);
    Part left{blank(part.piece.begin, middle), part.depth + 1, part.low, part.high},
        right{blank(middle, part.piece.end), part.depth + 1, part.low, part.high};
    for (std::size_t k = 0; k < count; ++k) {
      const auto x = part.piece.samples(k);
      left.piece.values[n * k] = x[0];
      left.piece.values[n * k + n - 1] = right.piece.values[n * k] = x[n / 2];
      right.piece.values[n * k + n - 1] = x[n - 1];
    }
    waiting.push_back(std::move(right));
    waiting.push_back(std::move(left));
  }
}

void PieceSampler::exchange(const std::string& name, sdk::StateArchive& archive) {
  const auto count = num_functions();
  for (auto* bounds : {&low_, &high_}) {
    const auto entry = name + (bounds == &low_ ? "_low" : "_high");
    archive.numbers(entry, *bounds);
    require_stored_length(entry, bounds->size(), count);
  }
  archive.number(name + "_budget", budget_);
}

}  // namespace ansatz::time
