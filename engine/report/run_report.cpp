#include "engine/report/run_report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/io/hdf5/disk.hpp"
#include "engine/report/series_charts.hpp"

namespace ansatz::report {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_rows = 20, most_files = 60;

std::string error_of(const quantities::QuantityValue& q) {
  if (!q.bound || !std::isfinite(*q.bound)) return "";
  return "± " + number(*q.bound, 3);
}

std::string word_of(const quantities::QuantityValue& q) {
  if (!q.problem.empty()) return q.problem;
  if (!q.bound) return q.no_bound.empty() ? "" : "no bound: " + q.no_bound;
  if (!std::isfinite(*q.bound)) return "no bound: no positive stability constant is known here";
  return fmt::format("{}{}{}", q.bound_kind, q.bound_kind.empty() ? "" : " ", sdk::name(q.certified));
}

}  // namespace

RunReport::RunReport(const input::Case& parsed, const plugin::Registry& registry, const base::Communicator& comm,
                     const results::RunLog& log, std::string folder)
    : parsed_(parsed),
      registry_(registry),
      comm_(comm),
      log_(log),
      folder_(std::move(folder)),
      started_(fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::time(nullptr)))),
      pictures_(comm) {}

bool RunReport::wants_pictures(double time, bool is_last) {
  if (!is_wanted()) return false;
  const bool is_first = num_steps_seen_ == 0;
  bool is_between = false;
  if (parsed_.time && !is_first && num_steps_seen_ < 3) {
    const double share = (time - parsed_.time->start) / (parsed_.time->end - parsed_.time->start);
    is_between = share >= num_steps_seen_ / 3.0 * (1.0 - 1e-9);
  }
  if (!is_first && !is_between && !is_last) return false;
  ++num_steps_seen_;
  return true;
}

void RunReport::add_pictures(const sdk::VisualMesh& mesh, const std::vector<sdk::VisualField>& fields, double time) {
  pictures_.add(mesh, fields, time, parsed_.time.has_value());
}

void RunReport::set_series(const quantities::TimeSeries& series, io::Columns columns) {
  if (is_wanted() && comm_.is_root() && series.size() > 1) over_time_ = charts_over_time(series, columns);
}

void RunReport::write(const results::Summary& found, const std::vector<results::Reference>* references) {
  if (!is_wanted()) return;
  base::agree(comm_, [&] {
    if (comm_.is_root()) io::write_text_file(folder_ + "/report.html", build(found, references, nullptr));
  });
  is_written_ = true;
}

void RunReport::write_failure(const sdk::Error& error) {
  if (!is_wanted() || is_written_ || !comm_.is_root()) return;
  try {
    io::write_text_file(folder_ + "/report.html", build({}, nullptr, &error));
  } catch (const sdk::Error&) {  // the error of the run says more
  }
}

std::string RunReport::build(const results::Summary& found, const std::vector<results::Reference>* references,
                             const sdk::Error* error) {
  Report report(parsed_.title.empty() ? parsed_.name : parsed_.title);
  if (error != nullptr) {
    report.add_warning(std::string("This run failed: ") + error->what());
    if (!error->where().empty()) report.add_text("Where: " + error->where());
    if (!error->hint().empty()) report.add_text("What helps: " + error->hint());
  }
  add_quantities(report, found, references);
  add_certificate(report, found);
  if (log_.num_warnings() > 0) {
    report.begin_section("Warnings");
    for (const auto& warning : log_.warnings()) report.add_warning(warning);
    if (log_.num_warnings() > log_.warnings().size())
      report.add_text(fmt::format("{} more are in log.jsonl.", log_.num_warnings() - log_.warnings().size()));
  }
  if (!pictures_.pictures().empty() || !pictures_.charts().empty()) report.begin_section("Fields");
  for (const auto& picture : pictures_.pictures()) report.add_picture(picture);
  for (const auto& chart : pictures_.charts()) report.add_chart(chart);
  add_sweep(report);
  add_charts(report);
  add_problem(report);
  add_costs(report, found);
  add_provenance(report);
  add_files(report);
  return report.html();
}

void RunReport::add_quantities(Report& report, const results::Summary& found,
                               const std::vector<results::Reference>* references) const {
  if (found.quantities.empty()) return;
  report.begin_section("Quantities");
  bool has_error = false, has_word = false;
  for (const auto& q : found.quantities) {
    has_error |= !error_of(q).empty();
    has_word |= !word_of(q).empty();
  }
  Table table{{"quantity", "unit", "value"}, {}, 2};
  if (has_error) table.head.push_back("error");
  if (has_word) table.head.push_back("which is");
  for (const auto& q : found.quantities) {
    std::vector<std::string> row{q.name, q.unit, number(q.value, 10)};
    if (has_error) row.push_back(error_of(q));
    if (has_word) row.push_back(word_of(q));
    table.rows.push_back(row);
  }
  report.add_table(table);
  if (references == nullptr) return;
  report.add_text("Compared with the references of the case:");
  Table compared{{"quantity", "within", "source", "value", "reference", "difference", "tolerance"}, {}, 3};
  for (const auto& reference : *references) {
    const auto q = std::ranges::find(found.quantities, reference.quantity, &quantities::QuantityValue::name);
    if (q == found.quantities.end()) continue;
    const double scale = reference.relative ? std::abs(reference.value) : 1.0;
    const double difference = std::abs(q->value - reference.value) / scale;
    compared.rows.push_back({reference.quantity, difference <= reference.tolerance ? "yes" : "NO", reference.source,
                             number(q->value, 9), number(reference.value, 9), number(difference, 3),
                             number(reference.tolerance, 3)});
  }
  report.add_table(compared);
}

void RunReport::add_certificate(Report& report, const results::Summary& found) const {
  if (!found.certificate) return;
  const auto& c = *found.certificate;
  report.begin_section("Certificate");
  Table table{{}, {{std::string("the error is at most"), number(c.value, 4)}}, 1};
  if (c.kind != sdk::Certificate::Kind::bound) table.rows[0][0] = sdk::name(c.kind) + std::string(" of the error");
  for (const auto& [name, value] : c.parts) table.rows.push_back({"part: " + name, number(value, 4)});
  report.add_table(table);
  report.add_text(
      fmt::format("A {}, in the {}, of the difference to the solution of the {}.", sdk::name(c.kind), c.norm,
                  c.against == sdk::Certificate::Against::equation ? "equations" : "finite elements on this mesh"));
}

void RunReport::add_sweep(Report& report) const {
  if (!sweep_) return;
  const auto& t = *sweep_;
  report.begin_section("Points");
  const std::size_t np = t.parameters.names.size(), nq = t.quantities.names.size();
  Table table{{"point"}, {}, 0};
  const auto add_head = [&](const io::Columns& columns) {
    for (std::size_t k = 0; k < columns.names.size(); ++k)
      table.head.push_back(columns.units[k].empty() || columns.units[k] == "1"
                               ? columns.names[k]
                               : fmt::format("{} [{}]", columns.names[k], columns.units[k]));
  };
  add_head(t.parameters);
  add_head(t.quantities);
  const bool has_bounds = t.solution_bounds.size() == t.num_points();
  if (has_bounds) table.head.push_back((t.bound_kind.empty() ? "bound" : t.bound_kind) + " of the field's error");
  for (std::size_t i = 0; i < std::min(t.num_points(), most_rows); ++i) {
    std::vector<std::string> row{std::to_string(i + 1)};
    for (std::size_t p = 0; p < np; ++p) row.push_back(number(t.parameter_values[i * np + p]));
    for (std::size_t k = 0; k < nq; ++k) row.push_back(number(t.quantity_values[i * nq + k], 9));
    if (has_bounds) row.push_back(number(t.solution_bounds[i], 3));
    table.rows.push_back(row);
  }
  report.add_table(table);
  const auto csv = fs::path(parsed_.study.sweep.file).replace_extension(".csv").string();
  report.add_text(fmt::format("{} points{}, by {}; all of them:", t.num_points(),
                              t.num_problems() > 0 ? fmt::format(", {} without a result", t.num_problems()) : "",
                              t.ansatz));
  report.add_link(csv);
  for (const auto& chart : charts_over_parameters(t)) report.add_chart(chart);
}

/// Files of this run in its folder: those that are not older than effective.toml, its first.
std::vector<std::string> RunReport::new_files() const {
  std::vector<std::string> files;
  std::error_code code;
  const auto begin = fs::last_write_time(folder_ + "/effective.toml", code);
  for (const auto& entry : fs::directory_iterator(folder_, code)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(".") || name == "report.html") continue;
    if (entry.last_write_time(code) >= begin) files.push_back(name);
  }
  std::ranges::sort(files);
  return files;
}

void RunReport::add_charts(Report& report) const {
  std::vector<std::string> pictures;
  for (const auto& name : new_files()) {
    if (name.ends_with(".svg")) pictures.push_back(name);
  }
  if (over_time_.empty() && pictures.empty()) return;
  report.begin_section("Charts");
  for (const auto& chart : over_time_) report.add_chart(chart);
  for (const auto& name : pictures) report.add_svg(io::read_text_file(folder_ + "/" + name));
}

void RunReport::add_problem(Report& report) const {
  report.begin_section("Problem");
  Table table{{}, {}, 2};
  if (parsed_.system) {
    table.rows.push_back({"system", parsed_.system->name});
  } else {
    table.rows.push_back({"physics", parsed_.physics.name});
    table.rows.push_back({"ansatz", parsed_.solver.type});
  }
  table.rows.push_back({"study", parsed_.study.type});
  if (parsed_.time)
    table.rows.push_back({"time", fmt::format("{} to {} s by {}", number(parsed_.time->start),
                                              number(parsed_.time->end), parsed_.time->method)});
  table.rows.insert(table.rows.end(), facts_.begin(), facts_.end());
  report.add_table(table);
  if (parsed_.parameters.empty()) return;
  Table parameters{{"parameter", "unit", "what it is", "value", "least", "largest"}, {}, 3};
  for (const auto& [name, p] : parsed_.parameters)
    parameters.rows.push_back({name, p.unit, p.doc, number(p.initial), number(p.low), number(p.high)});
  report.add_table(parameters);
}

void RunReport::add_costs(Report& report, const results::Summary& found) const {
  if (found.work.empty() && found.timings.empty()) return;
  report.begin_section("Work and time");
  if (!found.work.empty()) {
    Table work{{"counted", "number"}, {}, 1};
    for (const auto& [name, value] : found.work) work.rows.push_back({name, number(value)});
    report.add_table(work);
  }
  if (found.timings.empty()) return;
  Table timings{{"part", "time [s]"}, {}, 1};
  for (const auto& [name, seconds] : found.timings) timings.rows.push_back({name, fmt::format("{:.3f}", seconds)});
  report.add_table(timings);
}

void RunReport::add_provenance(Report& report) const {
  report.begin_section("Provenance");
  Table table{{}, {{"engine", "ansatz " + results::version_text()}, {"case", parsed_.path}}, 2};
  table.rows.push_back({"folder", fs::absolute(folder_).lexically_normal().string()});
  table.rows.push_back({"ranks", std::to_string(comm_.size())});
  table.rows.push_back({"started", started_});
  for (const auto& plugin : registry_.plugins())
    table.rows.push_back(
        {"plugin " + plugin.name, fmt::format("{}, checksum {:016x}", plugin.version, plugin.checksum)});
  report.add_table(table);
}

void RunReport::add_files(Report& report) const {
  report.begin_section("Files");
  const auto files = new_files();
  for (std::size_t i = 0; i < std::min(files.size(), most_files); ++i) report.add_link(files[i]);
  if (files.size() > most_files) report.add_text(fmt::format("{} more are in the folder.", files.size() - most_files));
}

int with_report(RunReport& report, const std::function<int()>& body) {
  try {
    return body();
  } catch (const sdk::Error& error) {
    report.write_failure(error);
    throw;
  }
}

}  // namespace ansatz::report
