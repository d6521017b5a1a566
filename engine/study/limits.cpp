#include "engine/study/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "engine/problem/parameter_samples.hpp"
#include "engine/results/progress.hpp"
#include "engine/study/case_limits.hpp"
#include "engine/study/point_table.hpp"
#include "engine/study/study_points.hpp"

namespace ansatz::study {
namespace {

constexpr double most_amplification = 1000.0;                    // of errors at the factorised parameters
constexpr double vanishing = 1e-12;                              // a value is round-off of the terms that it adds up
constexpr std::uint64_t held_out_seed = std::uint64_t{1} << 40;  // none that a case can give to its training

/// \throws sdk::Error of kind parameter for too large an amplification.
const std::vector<quantities::QuantityValue>& accepted(const CaseLimits::Row& row) {
  if (row.amplification <= most_amplification) return row.values;
  throw sdk::Error(sdk::ErrorKind::parameter, fmt::format("errors are amplified {:.3g} times there", row.amplification),
                   "", "give study.training more points around this one, or lower study.degree");
}

class Limits {
 public:
  Limits(problem::Problem& problem, const linear::KrylovOptions& options, results::RunLog& log,
         const std::string& folder)
      : problem_(problem),
        log_(log),
        folder_(folder),
        case_(problem.parsed()),
        varied_(varied_parameters(case_)),
        box_(problem::parameter_ranges(case_)),
        rows_(problem, log, "limits"),
        table_(rows_.table()),
        start_(log.seconds()),
        limits_(problem, options, log) {
    for (std::size_t k = 0; k < limits_.names().size(); ++k) rows_.add_column(limits_.names()[k], limits_.units()[k]);
    table_.facts = limits_.facts();
  }

  LimitsResult run() {
    if (case_.study.limits.validation > 0) {
      estimate();
    } else {
      log_.say("  no held-out parameters: nothing is known of the error");
    }
    result_.at_defaults = at_defaults();
    for (std::size_t i = 0; i < rows_.points().size(); ++i) {
      const double before = log_.seconds();
      const auto row = limits_.interpolated(rows_.points()[i]);
      rows_.add_row(i, [&](std::size_t) { return accepted(row); });
      table_.amplifications.push_back(row.amplification);
      std::ranges::copy(estimates_, std::back_inserter(table_.bounds));
      table_.seconds.push_back(problem_.mesh().comm.max(log_.seconds() - before));
    }
    result_.table = rows_.finish("limits", start_, folder_);
    return std::move(result_);
  }

 private:
  /// The largest error of each column at held-out parameters.
  void estimate() {
    const std::size_t width = limits_.names().size();
    const auto held_out = held_out_parameters();
    std::vector<double> errors, sizes(width, 0.0), terms(width, 0.0);
    results::Progress progress(log_, held_out.size(), "held-out parameters");
    for (std::size_t i = 0; i < held_out.size(); ++i) {
      const auto expected = limits_.direct(held_out[i]), found = limits_.interpolated(held_out[i]);
      for (std::size_t k = 0; k < width; ++k) {
        errors.push_back(std::abs(found.values[k].value - expected.values[k].value));
        sizes[k] = std::max(sizes[k], std::abs(expected.values[k].value));
        terms[k] = std::max(terms[k], expected.sizes[k]);
      }
      progress.done(i + 1);
    }
    estimates_.assign(width, 0.0);
    table_.held_out_values = held_out.values();
    for (std::size_t e = 0; e < errors.size(); ++e) {
      const std::size_t k = e % width;
      // What is zero but for round-off is measured by what it adds up.
      const double size = limits_.is_determinant(k)         ? static_cast<double>(limits_.num_unknowns())
                          : sizes[k] > vanishing * terms[k] ? sizes[k]
                                                            : terms[k];
      const double relative = errors[e] == 0.0 ? 0.0 : errors[e] / size;
      table_.held_out_errors.push_back(relative);
      estimates_[k] = larger(estimates_[k], errors[e]);
      if (larger(result_.largest_error, relative) == result_.largest_error) continue;
      result_.largest_error = relative;
      result_.of_largest = limits_.names()[k];
    }
    table_.bound_kind = "estimate";
    say_errors(held_out.size());
  }

  /// Not-a-number where one is.
  static double larger(double a, double b) { return std::isnan(a) || a >= b ? a : b; }

  void say_errors(std::size_t num_held_out) {
    const std::size_t width = limits_.names().size();
    log_.say(fmt::format("  largest errors at {} held-out parameters: estimates, no bounds", num_held_out));
    for (std::size_t k = 0; k < width; ++k) {
      double largest = 0.0;
      for (std::size_t e = k; e < table_.held_out_errors.size(); e += width)
        largest = larger(largest, table_.held_out_errors[e]);
      const auto& name = limits_.names()[k];
      const auto& unit = limits_.units()[k];
      log_.say(fmt::format("    {}: {:.3e}{}, {} {:.3e}", name, estimates_[k], unit.empty() ? "" : " " + unit,
                           limits_.is_determinant(k) ? "for each unknown" : "relative", largest));
      log_.event("estimate", {{"quantity", name}, {"error", estimates_[k]}, {"relative", largest}});
    }
  }

  sampling::TrainingSet held_out_parameters() const {
    const auto& [varied, fixed] = varied_;
    std::vector<sampling::ParameterRange> ranges;
    for (const int p : varied) ranges.push_back(box_[p]);
    const auto count = static_cast<std::size_t>(case_.study.limits.validation);
    const auto sample =
        sampling::sample(sampling::ParameterBox(ranges), {.method = "random", .size = count, .seed = held_out_seed});
    sampling::TrainingSet held_out(static_cast<int>(fixed.size()));
    for (std::size_t i = 0; i < sample.size(); ++i) {
      auto mu = fixed;
      for (std::size_t k = 0; k < varied.size(); ++k) mu[varied[k]] = sample[i][k];
      held_out.append(mu);
    }
    return held_out;
  }

  /// None where the defaults are not among the parameters that the limits are of.
  std::vector<quantities::QuantityValue> at_defaults() {
    const auto mu = case_.default_parameters();
    const auto& [varied, fixed] = varied_;
    bool is_inside = true;
    for (std::size_t p = 0; p < mu.size(); ++p) {
      const bool varies = std::ranges::count(varied, static_cast<int>(p)) > 0;
      is_inside = is_inside && (varies ? mu[p] >= box_[p].low && mu[p] <= box_[p].high : mu[p] == fixed[p]);
    }
    if (!is_inside) {
      log_.say("  the defaults are not among the parameters of these limits: no values are given at them");
      return {};
    }
    const auto row = limits_.interpolated(mu);
    if (!(row.amplification <= most_amplification)) {
      log_.say("  errors are amplified too much at the defaults: no values are given there");
      return {};
    }
    auto values = row.values;
    for (std::size_t k = 0; k < values.size(); ++k) {
      values[k].unit = limits_.units()[k];
      if (estimates_.empty()) continue;
      values[k].bound = estimates_[k];
      values[k].certified = sdk::Certificate::Kind::estimate;
      values[k].bound_kind = "held-out";
    }
    return values;
  }

  problem::Problem& problem_;
  results::RunLog& log_;
  const std::string& folder_;
  const input::Case& case_;
  VariedParameters varied_;
  std::vector<sampling::ParameterRange> box_;
  PointTable rows_;
  io::SweepTable& table_;
  double start_;
  CaseLimits limits_;
  std::vector<double> estimates_;  ///< (columns) largest error seen; empty: nothing is known
  LimitsResult result_;
};

}  // namespace

void check_limits(problem::Problem& problem) {
  const auto& parsed = problem.parsed();
  const auto where = parsed.study.sweep.at.text();
  const auto refuse = [&](const std::string& what, const std::string& where_of, const std::string& hint) {
    throw sdk::Error(sdk::ErrorKind::case_file, what, where_of, hint);
  };
  if (!problem.form().linear())
    refuse("limits are for linear equations, and these are not", where, "set study.type = \"sweep\"");
  if (!problem.map().parameters_used().empty()) {
    refuse("limits need a matrix that is a sum of products, and mesh.map depends on parameters", where,
           "set study.type = \"sweep\", or bring the map into the coefficients");
  }
  for (const auto& quantity : parsed.quantities) {
    if (quantity.name == CaseLimits::log_determinant && parsed.study.limits.has(CaseLimits::log_determinant))
      refuse("the table of limits has a column log_determinant of its own", quantity.at.text(), "rename the quantity");
  }
}

LimitsResult limits(problem::Problem& problem, const linear::KrylovOptions& options, results::RunLog& log,
                    const std::string& folder) {
  check_limits(problem);
  return Limits(problem, options, log, folder).run();
}

void require_tolerance(const input::Case& parsed, const LimitsResult& result) {
  const auto& tolerance = parsed.study.limits.tolerance;
  if (!tolerance || result.largest_error <= *tolerance) return;
  throw sdk::Error(
      sdk::ErrorKind::verification,
      fmt::format("the largest relative error at held-out parameters, {:.3e} of {}, is above the tolerance "
                  "{:.3e}",
                  result.largest_error, result.of_largest, *tolerance),
      parsed.study.sweep.at.text(), "raise study.degree, or give the parameters narrower ranges");
}

}  // namespace ansatz::study
