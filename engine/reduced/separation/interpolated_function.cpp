#include "engine/reduced/separation/interpolated_function.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"
#include "engine/reduced/interpolation/eim.hpp"
#include "engine/reduced/separation/patch_entries.hpp"

namespace ansatz::reduced {
namespace {

constexpr int fewest_further_terms = 5;
constexpr double round_off = 1e-10;  // of a problem of interpolated functions, relative to its terms

void check_finite(const sdk::Expression& c, const SamplePoints& points, std::span<const double> mu,
                  std::span<const sampling::ParameterRange> box, std::span<const double> values) {
  const auto bad = std::ranges::find_if_not(values, [](double v) { return std::isfinite(v); });
  if (bad == values.end()) return;
  const auto* x = points.positions.data() + 3 * (bad - values.begin());
  std::string at;
  for (std::size_t p = 0; p < mu.size(); ++p) at += fmt::format(", {} = {:.6g}", box[p].name, mu[p]);
  throw sdk::Error(sdk::ErrorKind::not_finite, fmt::format("\"{}\" is {}", c.text(), *bad),
                   fmt::format("position ({:.6g}, {:.6g}, {:.6g}){}", x[0], x[1], x[2], at),
                   "restrict the ranges of the parameters to where it is defined");
}

/// Rows (num_columns entries each) at points, from the ranks that hold them.
std::vector<double> rows_at(const base::Communicator& comm, std::span<const MagicPoint> points,
                            std::span<const double> rows, int num_columns) {
  std::vector<double> at(points.size() * num_columns);
  for (std::size_t l = 0; l < points.size(); ++l) {
    if (points[l].rank != comm.rank()) continue;
    std::ranges::copy(rows.subspan(points[l].index * num_columns, num_columns),
                      at.begin() + static_cast<std::ptrdiff_t>(l * num_columns));
  }
  return comm.sum(at);
}

/// c(x_l, .) of all points.
std::vector<sdk::Expression> functions_at(const sdk::Expression& c, const std::vector<double>& positions,
                                          const std::vector<double>& data, int num_data) {
  std::vector<sdk::Expression> functions;
  for (std::size_t l = 0; 3 * l < positions.size(); ++l) {
    const auto fixed = sdk::substitute(c, sdk::SymbolKind::position, std::span(positions).subspan(3 * l, 3));
    functions.push_back(sdk::substitute(fixed, sdk::SymbolKind::data, std::span(data).subspan(num_data * l, num_data)));
  }
  return functions;
}

}  // namespace

int further_terms(int terms) { return std::max(terms / 2, fewest_further_terms); }

void require_estimate(const InterpolatedFunction& function, double difference) {
  if (difference <= round_off) return;  // such functions are sums of few terms
  if (function.size() == 0 || function.size() > function.terms) return;
  if (function.num_points_of_terms() < function.terms) return;  // the points that are missing tell
  throw sdk::Error(sdk::ErrorKind::parameter,
                   fmt::format("\"{}\" is interpolated by {} terms, all that its training has, and is off by "
                               "{:.1e} at other parameters: nothing tells the error",
                               function.text, function.terms, difference),
                   "reduced.interpolation",
                   "give interpolation.training more points, or a larger interpolation.tolerance, which leaves terms "
                   "over that tell the error");
}

void InterpolatedFunction::values(std::span<const double> mu, std::span<double> out) const {
  if (entries) return entries->values(mu, out);
  for (std::size_t l = 0; l < at_points.size(); ++l) out[l] = at_points[l].evaluate<double>({.parameters = mu.data()});
}

void InterpolatedFunction::fit(Dense basis, int num_few) {
  fits.emplace();
  fits->few = PointFit(leading(basis, num_few, terms), interpolation.upper());
  fits->all = PointFit(basis, interpolation.upper());
  fits->basis = std::move(basis);
}

std::size_t InterpolatedFunction::scratch_size() const {
  return static_cast<std::size_t>(fits ? 2 * num_points() + size() + terms : size());
}

void InterpolatedFunction::weights(std::span<const double> mu, std::span<double> scratch, std::span<double> few,
                                   std::span<double> all) const {
  const auto points = static_cast<std::size_t>(num_points()), count = static_cast<std::size_t>(terms);
  const auto at_all = scratch.first(points), at_few = at_all.first(static_cast<std::size_t>(num_points_of_terms()));
  values(mu, at_all);
  std::ranges::fill(few, 0.0);
  if (!fits) {
    interpolation.weights(at_few, few.first(count));
    interpolation.weights(at_all, all);
    return;
  }
  fits->few.weights(at_few, few.first(count), scratch.subspan(points));
  fits->all.weights(at_all, all, scratch.subspan(points));
}

double InterpolatedFunction::change(std::span<const double> mu, std::span<double> scratch) const {
  const auto points = static_cast<std::size_t>(num_points());
  const auto at_all = scratch.first(points);
  values(mu, at_all);
  if (!fits) {
    interpolation.interpolate(at_all, at_all);
    return Interpolation::remainder(at_all, terms);
  }
  const auto work = scratch.subspan(points, points), all = scratch.subspan(2 * points, size()),
             few = scratch.subspan(2 * points + size(), terms);
  fits->few.coefficients(at_all.first(static_cast<std::size_t>(num_points_of_terms())), few, work);
  fits->all.coefficients(at_all, all, work);
  for (std::size_t k = 0; k < few.size(); ++k) all[k] -= few[k];
  return Interpolation::remainder(all, 0);
}

std::vector<MagicPoint> choose_points(InterpolatedFunction& function, const Eim& eim,
                                      const InterpolationOptions& options) {
  if (options.is_plain() || function.terms == 0) return eim.magic();
  const auto rows = eim.comm().sum(static_cast<std::int64_t>(eim.keys().size()));
  const auto count = [&](int terms) {
    const double points = std::ceil(terms * options.points_per_term * (1.0 - 1e-12));
    return static_cast<int>(std::min(points, static_cast<double>(rows)));
  };
  const int all = options.points_per_term < 1.0
                      ? std::min(function.size(), count(function.terms + further_terms(function.terms)))
                      : count(function.size());
  const std::array blocks{PointBlock{function.terms, count(function.terms)}, PointBlock{function.size(), all}};
  auto points = points_of(eim, options.points, blocks);
  function.fit(entries_at(eim.comm(), points, eim.basis()), blocks.front().points);
  return points;
}

InterpolatedFunction interpolated_function(const base::Communicator& comm, const sdk::Expression& c,
                                           const SamplePoints& points, std::span<const sampling::ParameterRange> box,
                                           const InterpolationOptions& options) {
  InterpolatedFunction result;
  const auto steady = sdk::substitute(c, sdk::SymbolKind::time, std::vector{0.0});
  result.text = steady.text();
  const auto training = sampling::sample_with_corners(c.parameters_used(), box, options.training);
  Block snapshots(points.size());
  base::agree(comm, [&] {
    std::vector<double> values(points.size());
    for (std::size_t j = 0; j < training.size(); ++j) {
      points.evaluate(steady, training[j], values);
      check_finite(c, points, training[j], box, values);
      snapshots.append(values);
    }
  });
  Eim eim(comm, points.keys);
  const auto trained =
      eim.extend(snapshots, {.tolerance = options.tolerance, .max_terms = options.max_terms, .pick = options.pick});
  result.terms = eim.terms();
  result.scale = trained.scale;
  result.remainder = trained.scale > 0.0 ? trained.remainders.back() / trained.scale : 0.0;
  eim.extend(snapshots, {.max_terms = result.terms + further_terms(result.terms), .pick = options.pick});
  for (int m = 0; m < eim.terms(); ++m) {
    const auto mu = training[eim.picks()[m]];
    result.parameters.insert(result.parameters.end(), mu.begin(), mu.end());
  }
  result.interpolation = eim.online();
  const auto chosen = choose_points(result, eim, options);
  if (result.fits) result.remainder = fit_remainder(eim, chosen, result.fits->few, snapshots) / trained.scale;
  for (const auto& point : chosen) result.keys.push_back(point.key);
  result.points = rows_at(comm, chosen, points.positions, 3);
  const auto data = rows_at(comm, chosen, points.data, points.num_data);
  result.at_points = functions_at(steady, result.points, data, points.num_data);
  return result;
}

double difference_elsewhere(const base::Communicator& comm, const InterpolatedFunction& function,
                            const sdk::Expression& c, const SamplePoints& points,
                            std::span<const sampling::ParameterRange> box) {
  constexpr int num_comparisons = 8;
  const auto steady = sdk::substitute(c, sdk::SymbolKind::time, std::vector{0.0});
  const auto count = static_cast<std::size_t>(function.size());
  std::vector<double> few(count), all(count), scratch(function.scratch_size()), difference(points.size()),
      term(points.size());
  double worst = 0.0;
  for (int number = 0; number < num_comparisons && count > 0; ++number) {
    std::vector<double> mu;
    for (std::size_t p = 0; p < box.size(); ++p)
      mu.push_back(box[p].low + sdk::hashed(1000 * number + p) * (box[p].high - box[p].low));
    double size = 0.0, largest = 0.0;
    const auto regard = [](std::span<const double> values, double factor, double& most) {
      for (const double v : values) most = std::max(most, std::abs(factor * v));
    };
    base::agree(comm, [&] {
      function.weights(mu, scratch, few, all);
      points.evaluate(steady, mu, difference);
      check_finite(steady, points, mu, box, difference);
      regard(difference, 1.0, size);
      for (int m = 0; m < function.terms; ++m) {
        points.evaluate(steady, std::span(function.parameters).subspan(std::size_t(m) * box.size(), box.size()), term);
        for (std::size_t i = 0; i < term.size(); ++i) difference[i] -= few[m] * term[i];
        regard(term, few[m], size);
      }
      regard(difference, 1.0, largest);
    });
    size = comm.max(size);
    largest = comm.max(largest);
    if (size > 0.0) worst = std::max(worst, largest / size);
  }
  return worst;
}

}  // namespace ansatz::reduced
