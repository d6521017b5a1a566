#include "engine/time/pieces.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ansatz::time {
namespace {

constexpr int n = Piece::num_nodes;
constexpr double first_budget = 1000.0, budget_of_step = 8.0;  // pieces
constexpr int deepest = 28;             // halvings of a step
constexpr int compared = 14;            // halvings between the two lengths that tell a jump from a pole
constexpr double round_off = 1e-13;     // of samples, relative
constexpr double growth = 0.1;          // of the hull of samples that a jump does not reach

using Coefficients = std::array<double, n>;

/// c_k of s^k, by divided differences.
Coefficients coefficients(std::span<const double, n> samples) {
  const auto& s = Piece::nodes;
  Coefficients d;
  for (int i = 0; i < n; ++i) d[i] = samples[i] - samples[0];
  for (int k = 1; k < n; ++k) {
    for (int i = n - 1; i >= k; --i) d[i] = (d[i] - d[i - 1]) / (s[i] - s[i - k]);
  }
  Coefficients c{};
  for (int k = n - 1; k >= 0; --k) {  // c := c (s - s_k) + d_k
    for (int i = n - 1; i >= 1; --i) c[i] = c[i - 1] - s[k] * c[i];
    c[0] = d[k] - s[k] * c[0];
  }
  c[0] += samples[0];
  return c;
}

double horner(std::span<const double> c, double s) {
  double value = 0.0;
  for (std::size_t k = c.size(); k-- > 0;) value = value * s + c[k];
  return value;
}

/// Roots in [0, 1] where the sign changes or a sample between monotone parts is zero, ascending.
std::vector<double> roots(std::span<const double> c) {
  if (c.size() < 2) return {};
  std::vector<double> derivative;
  for (std::size_t k = 1; k < c.size(); ++k) derivative.push_back(static_cast<double>(k) * c[k]);
  std::vector<double> ends{0.0};
  for (const double s : roots(derivative)) ends.push_back(s);
  ends.push_back(1.0);
  std::vector<double> found;
  const auto add = [&](double s) {
    if (found.empty() || s > found.back()) found.push_back(s);
  };
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    double a = ends[i], b = ends[i + 1];
    const double at_a = horner(c, a), at_b = horner(c, b);
    if (at_a == 0.0) add(a);
    if (at_a * at_b < 0.0) {
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

/// The cubic through all nodes but the middle one, at the middle one.
double cubic_at_middle(std::span<const double, n> x) {
  const auto& s = Piece::nodes;
  double value = 0.0;
  for (const int i : {0, 1, 3, 4}) {
    double weight = 1.0;
    for (const int j : {0, 1, 3, 4}) {
      if (j != i) weight *= (s[2] - s[j]) / (s[i] - s[j]);
    }
    value += weight * x[i];
  }
  return value;
}

}  // namespace

double Piece::time(int node) const { return node == num_nodes - 1 ? end : begin + nodes[node] * (end - begin); }

double polynomial(std::span<const double, n> samples, double s) { return horner(coefficients(samples), s); }

double polynomial_mean(std::span<const double, n> samples) {
  const auto c = coefficients(samples);
  double sum = 0.0;
  for (int k = 0; k < n; ++k) sum += c[k] / (k + 1);
  return sum;
}

std::vector<double> stationary_points(std::span<const double, n> samples) {
  const auto c = coefficients(samples);
  std::array<double, n - 1> derivative;
  for (int k = 1; k < n; ++k) derivative[k - 1] = k * c[k];
  auto found = roots(derivative);
  std::erase_if(found, [](double s) { return s <= 0.0 || s >= 1.0; });
  return found;
}

std::vector<double> points_of_value(std::span<const double, n> samples, double value) {
  std::array<double, n> shifted;
  std::ranges::transform(samples, shifted.begin(), [&](double x) { return x - value; });
  return roots(coefficients(shifted));
}

/// A piece that may be halved, with the hull of its ancestor's samples `compared` halvings before.
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

double PieceSampler::largest(std::size_t function) const { return std::max(std::abs(low_[function]), std::abs(high_[function])); }

/// Samples the inner nodes.
void PieceSampler::fill(const SignalFunctions& functions, Piece& piece) {
  for (int node = 1; node < n - 1; ++node) {
    functions(piece.time(node), scratch_);
    for (std::size_t k = 0; k < scratch_.size(); ++k) piece.values[n * k + node] = scratch_[k];
  }
  for (std::size_t k = 0; k < scratch_.size(); ++k) {
    for (const double x : piece.samples(k)) {
      low_[k] = std::min(low_[k], x);
      high_[k] = std::max(high_[k], x);
    }
  }
}

/// Whether the piece need not or cannot be halved; its states then hold.
bool PieceSampler::judge(Part& part, double shortest) {
  auto& piece = part.piece;
  const bool is_short = piece.end - piece.begin <= shortest;
  bool done = true;
  for (std::size_t k = 0; k < scratch_.size(); ++k) {
    const auto x = piece.samples(k);
    piece.errors[k] = std::abs(x[2] - cubic_at_middle(x));
    piece.states[k] = Piece::State::resolved;
    if (piece.errors[k] <= std::max(tolerance_ * range(k), round_off * largest(k))) continue;
    done = false;
    piece.states[k] = Piece::State::open;
    if (!is_short || part.low.empty()) continue;
    const auto [low, high] = std::ranges::minmax(x);
    const double margin = growth * (part.high[k] - part.low[k]);
    const bool grows = low < part.low[k] - margin || high > part.high[k] + margin;
    piece.states[k] = grows ? Piece::State::unbounded : Piece::State::jump;
  }
  return done || is_short;
}

void PieceSampler::sample(const SignalFunctions& functions, double from, double to, std::span<const double> at_from,
                          std::span<const double> at_to, std::vector<Piece>& pieces) {
  const std::size_t count = scratch_.size();
  const double resolution = 32.0 * std::numeric_limits<double>::epsilon() * std::max(std::abs(from), std::abs(to));
  const double shortest = std::max(std::ldexp(to - from, -deepest), resolution);
  budget_ = std::min(budget_ + budget_of_step, first_budget);
  const auto blank = [&](double begin, double end) {
    return Piece{begin, end, std::vector<double>(n * count), std::vector<Piece::State>(count), std::vector<double>(count)};
  };
  std::vector<Part> waiting{{blank(from, to)}};
  for (std::size_t k = 0; k < count; ++k) {
    waiting[0].piece.values[n * k] = at_from[k];
    waiting[0].piece.values[n * k + n - 1] = at_to[k];
  }
  while (!waiting.empty()) {
    auto part = std::move(waiting.back());
    waiting.pop_back();
    fill(functions, part.piece);
    budget_ -= 1.0;
    if (judge(part, shortest) || budget_ < 2.0) {
      pieces.push_back(std::move(part.piece));
      continue;
    }
    if (part.depth == deepest - compared) {
      for (std::size_t k = 0; k < count; ++k) {
        const auto [low, high] = std::ranges::minmax(part.piece.samples(k));
        part.low.push_back(low);
        part.high.push_back(high);
      }
    }
    const double middle = part.piece.time(2);
    Part left{blank(part.piece.begin, middle), part.depth + 1, part.low, part.high},
        right{blank(middle, part.piece.end), part.depth + 1, part.low, part.high};
    for (std::size_t k = 0; k < count; ++k) {
      const auto x = part.piece.samples(k);
      left.piece.values[n * k] = x[0];
      left.piece.values[n * k + n - 1] = right.piece.values[n * k] = x[2];
      right.piece.values[n * k + n - 1] = x[n - 1];
    }
    waiting.push_back(std::move(right));
    waiting.push_back(std::move(left));
  }
}

void PieceSampler::exchange(const std::string& name, sdk::StateArchive& archive) {
  archive.numbers(name + "_low", low_);
  archive.numbers(name + "_high", high_);
  archive.number(name + "_budget", budget_);
}

}  // namespace ansatz::time
