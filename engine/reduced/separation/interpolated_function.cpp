#include "engine/reduced/separation/interpolated_function.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/interpolation/eim.hpp"
#include "engine/reduced/separation/patch_entries.hpp"

namespace ansatz::reduced {
namespace {

constexpr int fewest_further_terms = 5;

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

/// Rows (num_columns entries each) at the magic points, from the ranks that hold them.
std::vector<double> rows_at(const Eim& eim, std::span<const double> rows, int num_columns) {
  std::vector<double> at(std::size_t(eim.size()) * num_columns);
  for (int l = 0; l < eim.size(); ++l) {
    const auto& point = eim.magic()[l];
    if (point.rank != eim.comm().rank()) continue;
    std::ranges::copy(rows.subspan(point.index * num_columns, num_columns),
                      at.begin() + std::ptrdiff_t(l) * num_columns);
  }
  return eim.comm().sum(at);
}

/// c(x_l, .) of all magic points.
std::vector<sdk::Expression> at_magic_points(const sdk::Expression& c, const std::vector<double>& positions,
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

void InterpolatedFunction::values(std::span<const double> mu, std::span<double> out) const {
  if (entries) return entries->values(mu, out);
  for (std::size_t l = 0; l < at_points.size(); ++l) out[l] = at_points[l].evaluate<double>({.parameters = mu.data()});
}

void InterpolatedFunction::weights(std::span<const double> mu, std::span<double> few, std::span<double> all) const {
  values(mu, all);
  std::ranges::fill(few, 0.0);
  const auto count = static_cast<std::size_t>(terms);
  interpolation.weights(all.first(count), few.first(count));
  interpolation.weights(all, all);
}

double InterpolatedFunction::change(std::span<const double> mu, std::span<double> scratch) const {
  values(mu, scratch);
  interpolation.interpolate(scratch, scratch);
  return Interpolation::remainder(scratch, terms);
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
  const auto trained = eim.extend(snapshots, {.tolerance = options.tolerance, .max_terms = options.max_terms});
  result.terms = eim.terms();
  result.scale = trained.scale;
  result.remainder = trained.scale > 0.0 ? trained.remainders.back() / trained.scale : 0.0;
  eim.extend(std::move(snapshots), {.max_terms = result.terms + further_terms(result.terms)});
  for (int m = 0; m < eim.terms(); ++m) {
    const auto mu = training[eim.picks()[m]];
    result.parameters.insert(result.parameters.end(), mu.begin(), mu.end());
    result.keys.push_back(eim.magic()[m].key);
  }
  result.points = rows_at(eim, points.positions, 3);
  const auto data = rows_at(eim, points.data, points.num_data);
  result.at_points = at_magic_points(steady, result.points, data, points.num_data);
  result.interpolation = eim.online();
  return result;
}

}  // namespace ansatz::reduced
