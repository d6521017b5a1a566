#include "engine/sampling/training_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"
#include "engine/sampling/low_discrepancy.hpp"

namespace ansatz::sampling {
namespace {

constexpr int most_corners_of = 6;  // parameters: 64 corners

using sdk::Error;
using sdk::ErrorKind;

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw Error(ErrorKind::parameter, what, "training set", hint);
}

TrainingSet grid(const ParameterBox& box, const std::vector<int>& counts) {
  const int d = box.dimension();
  if (static_cast<int>(counts.size()) != d) {
    refuse("a grid needs a number of points for each of " + std::to_string(d) + " parameters, not " +
               std::to_string(counts.size()),
           "give one number for each parameter, in the order of the parameters");
  }
  if (std::any_of(counts.begin(), counts.end(), [](int n) { return n < 1; })) {
    refuse("a grid needs at least one point for each parameter", "1 stands for the middle of the range");
  }
  TrainingSet out(d);
  std::vector<int> index(d, 0);
  std::vector<double> unit(d);
  while (true) {
    for (int k = 0; k < d; ++k) unit[k] = counts[k] == 1 ? 0.5 : static_cast<double>(index[k]) / (counts[k] - 1);
    out.append(box.at(unit));
    int k = d - 1;
    while (k >= 0 && ++index[k] == counts[k]) index[k--] = 0;
    if (k < 0) return out;
  }
}

TrainingSet random_points(const ParameterBox& box, std::size_t size, std::uint64_t seed) {
  TrainingSet out(box.dimension());
  sdk::Random random(seed);
  std::vector<double> unit(box.dimension());
  for (std::size_t i = 0; i < size; ++i) {
    for (double& value : unit) value = random.uniform();
    out.append(box.at(unit));
  }
  return out;
}

TrainingSet latin_hypercube(const ParameterBox& box, std::size_t size, std::uint64_t seed) {
  const int d = box.dimension();
  std::vector<std::vector<double>> columns(d, std::vector<double>(size));
  for (int k = 0; k < d; ++k) {
    sdk::Random random(seed, static_cast<std::uint64_t>(k) + 1);
    std::vector<std::size_t> row(size);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = size; i-- > 1;) std::swap(row[i], row[random.below(i + 1)]);
    for (std::size_t i = 0; i < size; ++i) {
      columns[k][i] = (static_cast<double>(row[i]) + random.uniform()) / static_cast<double>(size);
    }
  }
  TrainingSet out(d);
  std::vector<double> unit(d);
  for (std::size_t i = 0; i < size; ++i) {
    for (int k = 0; k < d; ++k) unit[k] = columns[k][i];
    out.append(box.at(unit));
  }
  return out;
}

Scrambling scrambling_of(const std::string& name) {
  if (name == "none") return Scrambling::none;
  if (name == "shift") return Scrambling::shift;
  if (name == "linear") return Scrambling::linear;
  if (name == "owen") return Scrambling::owen;
  refuse("there is no scrambling \"" + name + "\"", "use none, shift, linear or owen");
}

TrainingSet low_discrepancy(const ParameterBox& box, Sequence sequence, const SamplingOptions& options) {
  const LowDiscrepancy points(sequence, box.dimension(), scrambling_of(options.scrambling), options.seed);
  TrainingSet out(box.dimension());
  for (std::size_t i = 0; i < options.size; ++i) out.append(box.at(points.point(i)));
  return out;
}

}  // namespace

double distance_in_box(std::span<const ParameterRange> box, std::span<const double> a, std::span<const double> b) {
  double square = 0.0;
  for (std::size_t p = 0; p < box.size(); ++p) {
    const double part = (a[p] - b[p]) / (box[p].high - box[p].low);
    square += part * part;
  }
  return std::sqrt(square);
}

std::string parameter_text(std::span<const double> mu, std::span<const ParameterRange> box) {
  std::string out;
  for (std::size_t p = 0; p < mu.size(); ++p)
    out += fmt::format("{}{} = {:.6g}", p == 0 ? "" : ", ", box[p].name, mu[p]);
  return out;
}

ParameterBox::ParameterBox(std::vector<ParameterRange> ranges) : ranges_(std::move(ranges)) {
  if (ranges_.empty()) refuse("a training box has no parameter", "give the case at least one parameter with a range");
  std::set<std::string> names;
  for (const auto& range : ranges_) {
    const std::string parameter = "parameter \"" + range.name + "\"";
    if (!names.insert(range.name).second) refuse(parameter + " is twice in the training box", "leave one of them out");
    if (!std::isfinite(range.low) || !std::isfinite(range.high))
      refuse("the range of " + parameter + " is not finite", "");
    if (!(range.low < range.high)) {
      refuse("the range of " + parameter + " is empty or reversed: " + std::to_string(range.low) + " to " +
                 std::to_string(range.high),
             "give range = [low, high] with low < high; what does not vary is a constant, in [constants]");
    }
    if (range.logarithmic && !(range.low > 0.0)) {
      refuse("the range of " + parameter + " is logarithmic, but does not start above zero",
             "give a positive lower end");
    }
  }
}

std::vector<double> ParameterBox::at(std::span<const double> unit) const {
  std::vector<double> mu;
  for (std::size_t k = 0; k < ranges_.size(); ++k) {
    const auto& [name, low, high, logarithmic] = ranges_[k];
    const double inside =
        logarithmic ? low * std::exp(unit[k] * std::log(high / low)) : std::fma(unit[k], high - low, low);
    // The ends exactly, also where rounding would miss them.
    mu.push_back(unit[k] <= 0.0 ? low : unit[k] >= 1.0 ? high : std::clamp(inside, low, high));
  }
  return mu;
}

std::vector<double> ParameterBox::unit(std::span<const double> mu) const {
  std::vector<double> out;
  for (std::size_t k = 0; k < ranges_.size(); ++k) {
    const auto& [name, low, high, logarithmic] = ranges_[k];
    const double inside = logarithmic ? std::log(mu[k] / low) / std::log(high / low) : (mu[k] - low) / (high - low);
    out.push_back(std::clamp(inside, 0.0, 1.0));
  }
  return out;
}

bool ParameterBox::contains(std::span<const double> mu) const {
  if (mu.size() != ranges_.size()) return false;
  for (std::size_t k = 0; k < ranges_.size(); ++k) {
    const double slack = 1e-12 * (ranges_[k].high - ranges_[k].low);
    if (!(mu[k] >= ranges_[k].low - slack && mu[k] <= ranges_[k].high + slack)) return false;
  }
  return true;
}

TrainingSet sample(const ParameterBox& box, const SamplingOptions& options) {
  const auto& method = options.method;
  const bool is_sequence = method == "sobol" || method == "halton" || method == "lattice";
  if (!is_sequence && options.scrambling != "none") {
    refuse("a training set of method \"" + method + "\" is not scrambled",
           "leave scrambling out, or use sobol or halton");
  }
  if (method == "grid") {
    if (options.size != 0) refuse("a grid has no size", "give the points of each parameter in grid = [...]");
    return grid(box, options.grid);
  }
  if (!options.grid.empty())
    refuse("a training set of method \"" + method + "\" has no grid", "give its size, or use method grid");
  if (options.size == 0) refuse("a training set has no points", "give its size");
  if (method == "random") return random_points(box, options.size, options.seed);
  if (method == "latin_hypercube") return latin_hypercube(box, options.size, options.seed);
  if (method == "sobol") return low_discrepancy(box, Sequence::sobol, options);
  if (method == "halton") return low_discrepancy(box, Sequence::halton, options);
  if (method == "lattice") return low_discrepancy(box, Sequence::lattice, options);
  refuse("there is no training set of method \"" + method + "\"",
         "use grid, random, latin_hypercube, sobol, halton or lattice");
}

void require_inside(std::span<const ParameterRange> box, std::span<const double> mu,
                    std::span<const std::uint8_t> may_leave) {
  if (mu.size() != box.size()) {
    throw sdk::Error(sdk::ErrorKind::internal, "a reduced model got the wrong number of parameters", "reduced model");
  }
  for (std::size_t p = 0; p < mu.size(); ++p) {
    const auto& [name, low, high, logarithmic] = box[p];
    const double slack = 1e-12 * (high - low);
    if (may_leave[p] != 0 || (mu[p] >= low - slack && mu[p] <= high + slack)) continue;
    throw sdk::Error(
        sdk::ErrorKind::parameter,
        fmt::format("{} = {} is outside of [{}, {}], for which the reduced model was trained", name, mu[p], low, high),
        "parameters." + name,
        fmt::format(
            "choose a value inside, train a model for a wider range, or allow it: parameters.{}.extrapolate = true",
            name));
  }
}

TrainingSet sample_with_corners(const std::vector<int>& used, std::span<const ParameterRange> box,
                                const SamplingOptions& options) {
  std::vector<ParameterRange> ranges;
  std::vector<double> mu;
  for (const auto& range : box) mu.push_back(range.low);
  for (const int p : used) ranges.push_back(box[p]);
  const ParameterBox own(ranges);
  const TrainingSet inside = sample(own, options);
  TrainingSet training(static_cast<int>(box.size()));
  const auto append = [&](std::span<const double> values) {
    for (std::size_t k = 0; k < used.size(); ++k) mu[used[k]] = values[k];
    training.append(mu);
  };
  if (own.dimension() <= most_corners_of) {
    const TrainingSet corners = sample(own, {.method = "grid", .grid = std::vector<int>(used.size(), 2)});
    for (std::size_t i = 0; i < corners.size(); ++i) append(corners[i]);
  }
  for (std::size_t i = 0; i < inside.size(); ++i) append(inside[i]);
  return training;
}

std::vector<double> shared_values(const base::Communicator& comm, const TrainingSet& points,
                                  const std::function<double(std::span<const double> mu)>& f) {
  const std::size_t first = points.size() * comm.rank() / comm.size(),
                    end = points.size() * (comm.rank() + 1) / comm.size();
  std::vector<double> mine;
  base::agree(comm, [&] {
    for (std::size_t i = first; i < end; ++i) mine.push_back(f(points[i]));
  });
  return comm.gather_all(std::span<const double>(mine));
}

}  // namespace ansatz::sampling
