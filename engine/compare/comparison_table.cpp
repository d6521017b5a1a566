#include "engine/compare/comparison_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/io/charts/chart.hpp"
#include "engine/io/charts/csv.hpp"
#include "engine/io/hdf5/disk.hpp"

namespace ansatz::compare {
namespace {

using Json = nlohmann::ordered_json;

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json json_of(const Spread& spread) {
  return {{"least", number(spread.least)},
          {"mean", number(spread.mean)},
          {"percent_95", number(spread.most)},
          {"worst", number(spread.worst)}};
}

Json json_of(const Row& row) {
  Json json{{"name", row.name}, {"ansatz", row.ansatz}, {"classical", row.is_classical}, {"unknowns", row.unknowns}};
  json["error"] = json_of(row.error);
  json["quantity_error"] = json_of(row.quantity_error);
  json["worst_quantity"] = row.worst_quantity;
  if (!row.is_classical) {
    json["certificate"] = row.certificate;
    json["effectivity"] = json_of(row.effectivity);
  }
  json["seconds"] = number(row.seconds);
  json["offline_seconds"] = number(row.offline_seconds);
  json["bytes"] = row.bytes;
  if (!row.is_classical) {
    json["seconds_of_equal_error"] = number(row.seconds_classical);
    json["break_even"] = number(row.break_even);
    json["verdict"] = row.verdict;
  }
  json["failed_points"] = row.problems;
  return json;
}

std::string seconds_text(double seconds) {
  if (!std::isfinite(seconds)) return "unknown";
  return seconds < 1e-3  ? fmt::format("{:.3g} us", 1e6 * seconds)
         : seconds < 1.0 ? fmt::format("{:.3g} ms", 1e3 * seconds)
                         : fmt::format("{:.3g} s", seconds);
}

std::string queries_text(const Row& row) {
  if (row.is_classical) return "";
  return std::isfinite(row.break_even) ? fmt::format("{:.0f}", std::ceil(row.break_even)) : "never";
}

std::string certificate_text(const Row& row) {
  if (row.certificate.empty()) return row.is_classical ? "" : "nothing known";
  return fmt::format("{} {:.3g} .. {:.3g}", row.certificate, row.effectivity.least, row.effectivity.worst);
}

void write_chart(const base::Communicator& comm, const std::string& folder, const Comparison& comparison) {
  io::Chart chart{"Error and time of a query", {"time of a query", "s"}, {"error, relative", ""}, true, {}};
  io::ChartSeries classical{"finite elements", {}, {}};
  for (const auto& row : comparison.rows) {
    if (row.is_classical) {
      classical.x.push_back(row.seconds);
      classical.y.push_back(row.error.mean);
    } else if (chart.series.size() < 7) {
      chart.series.push_back({row.name, {row.seconds}, {row.error.mean}});
    }
  }
  chart.series.push_back(std::move(classical));
  io::write_chart(comm, folder + "/work_precision.svg", chart);
}

}  // namespace

std::string text(const Comparison& comparison) {
  std::string out = fmt::format(
      "  errors of fields (L2, relative) at {} parameters against {}\n\n"
      "  {:<32} {:>9} {:>9} {:>9}  {:>9}  {:>10} {:>10} {:>10} {:>9}  {}\n",
      comparison.points, comparison.reference, "", "mean", "95 %", "worst", "quantity", "a query", "offline",
      "even after", "memory", "certificate / true error");
  for (const auto& row : comparison.rows) {
    out += fmt::format("  {:<32} {:>9.2e} {:>9.2e} {:>9.2e}  {:>9.2e}  {:>10} {:>10} {:>10} {:>6.3g} MB  {}\n",
                       row.name, row.error.mean, row.error.most, row.error.worst, row.quantity_error.worst,
                       seconds_text(row.seconds), row.is_classical ? "" : seconds_text(row.offline_seconds),
                       queries_text(row), 1e-6 * row.bytes, certificate_text(row));
  }
  out += "\n";
  for (const auto& row : comparison.rows) {
    if (!row.is_classical) out += fmt::format("  {}: {}\n", row.name, row.verdict);
    if (!row.problems.empty())
      out += fmt::format("  {}: no answer at {} parameters, the first: {}\n", row.name, row.problems.size(),
                         row.problems.front());
  }
  return out;
}

void write(const base::Communicator& comm, const std::string& folder, const Comparison& comparison) {
  Json json{{"reference", comparison.reference}, {"points", comparison.points}, {"ranks", comm.size()}};
  json["rows"] = Json::array();
  std::string csv =
      "name,ansatz,error mean,error 95 %,error worst,quantity error worst,seconds [s],offline [s],break-even,bytes\n";
  for (const auto& row : comparison.rows) {
    json["rows"].push_back(json_of(row));
    csv += fmt::format("\"{}\",{},{},{},{},{},{},{},{},{}\n", row.name, row.ansatz, row.error.mean, row.error.most,
                       row.error.worst, row.quantity_error.worst, row.seconds, row.offline_seconds, row.break_even,
                       row.bytes);
  }
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    io::write_text_file(folder + "/compare.json",
                        json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    io::write_text_file(folder + "/compare.csv", csv);
  });
  write_chart(comm, folder, comparison);
}

}  // namespace ansatz::compare
