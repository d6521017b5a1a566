// Who is worth it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/compare/comparison.hpp"

namespace ansatz::compare {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double as_accurate = 1.05;  // of an error: the same

/// Of finite elements with this mean error; infinite: none is as accurate.
double seconds_of_equal_error(const std::vector<const Row*>& classical, double error) {
  // From the cheapest on; one that is slower and less accurate than another is nobody's choice.
  std::vector<const Row*> curve;
  for (const auto* row : classical) {
    if (curve.empty() || row->error.mean < curve.back()->error.mean) curve.push_back(row);
  }
  if (curve.empty() || !(error > 0.0)) return infinity;
  if (error >= curve.front()->error.mean) return curve.front()->seconds;
  for (std::size_t i = 0; i + 1 < curve.size(); ++i) {
    const auto &rough = *curve[i], &fine = *curve[i + 1];
    if (error < fine.error.mean) continue;
    if (!(fine.error.mean > 0.0)) return fine.seconds;
    const double share = std::log(rough.error.mean / error) / std::log(rough.error.mean / fine.error.mean);
    return rough.seconds * std::pow(fine.seconds / rough.seconds, share);
  }
  return error * as_accurate >= curve.back()->error.mean ? curve.back()->seconds : infinity;
}

std::string words(const Row& row, const std::vector<const Row*>& classical) {
  if (row.seconds_classical == infinity) return "more accurate than any of the finite elements compared";
  const double ratio = row.seconds_classical / row.seconds;
  if (!(ratio > 1.0)) {
    return fmt::format("loses: finite elements of equal error are {:.2g} times faster{}", 1.0 / ratio,
                       row.error.mean >= classical.front()->error.mean
                           ? fmt::format(" ({} is as accurate already)", classical.front()->name)
                           : "");
  }
  if (row.break_even == 0.0) return fmt::format("wins: {:.2g} times faster than finite elements of equal error", ratio);
  if (row.offline_seconds == infinity) {
    return fmt::format("{:.2g} times faster than finite elements of equal error; what its training took is not known",
                       ratio);
  }
  return fmt::format("{:.2g} times faster than finite elements of equal error; wins beyond {:.0f} queries", ratio,
                     std::ceil(row.break_even));
}

}  // namespace

Spread spread_of(std::vector<double> numbers) {
  if (numbers.empty()) return {};
  std::ranges::sort(numbers);
  Spread spread;
  for (const double number : numbers) spread.mean += number / static_cast<double>(numbers.size());
  const auto rank = static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(numbers.size())));
  spread.most = numbers[std::max<std::size_t>(rank, 1) - 1];
  spread.least = numbers.front();
  spread.worst = numbers.back();
  return spread;
}

void judge(std::vector<Row>& rows) {
  std::vector<const Row*> classical;
  for (const auto& row : rows) {
    if (row.is_classical) classical.push_back(&row);
  }
  std::ranges::sort(classical, {}, [](const Row* row) { return row->seconds; });
  for (auto& row : rows) {
    if (row.is_classical) continue;
    row.seconds_classical = seconds_of_equal_error(classical, row.error.mean);
    const double gained = row.seconds_classical - row.seconds;
    row.break_even = row.offline_seconds == 0.0 ? 0.0 : gained > 0.0 ? row.offline_seconds / gained : infinity;
    row.verdict = row.problems.empty() ? words(row, classical) : "fails at some parameters";
  }
}

}  // namespace ansatz::compare
