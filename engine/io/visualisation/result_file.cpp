#include "engine/io/visualisation/result_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/io/visualisation/visual_data.hpp"

namespace ansatz::io {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& where, const std::string& hint) {
  throw sdk::Error(sdk::ErrorKind::state, what, where, hint);
}

/// The step file of a series.
std::string step_file(const std::string& path, const SeriesEntry& entry) {
  return (std::filesystem::path(path).parent_path() / entry.file).string();
}

}  // namespace

std::size_t pick_step(const std::vector<double>& times, std::optional<double> time, const std::string& path) {
  if (times.empty()) refuse("the file holds no steps", path, "the run may have ended before its first output");
  if (!time) return times.size() - 1;
  const auto distance = [&](double t) { return std::abs(t - *time); };
  const auto nearest = std::ranges::min_element(times, {}, distance);
  const double scale = std::max(std::abs(*time), std::abs(times.back() - times.front()));
  if (!(distance(*nearest) <= 1e-9 * scale)) {
    refuse(fmt::format("there is no step at time {}", *time), path,
           fmt::format("the {} steps go from {} to {}; the nearest is {}", times.size(), times.front(), times.back(),
                       *nearest));
  }
  return static_cast<std::size_t>(nearest - times.begin());
}

ResultStep::ResultStep(const std::string& path, std::optional<double> time) {
  std::string file_path = path;
  if (path.ends_with(".series")) {
    const auto entries = parse_series(read_text_file(path), path);
    for (const auto& entry : entries) times_.push_back(entry.time);
    step_ = pick_step(times_, time, path);
    file_path = step_file(path, entries[step_]);
    layout_ = "series";
  }
  file_ = std::make_shared<const InputFile>(file_path);
  if (!file_->has("/VTKHDF/NumberOfPoints")) {
    refuse("is not a result file", file_path, "give a .hdf.series, .hdf or .vtkhdf file written by Ansatz");
  }
  if (file_->has("/VTKHDF/Steps")) {
    layout_ = "single";
    const auto count = file_->integer_attribute("/VTKHDF/Steps", "NSteps");
    times_ = file_->rows<double>("/VTKHDF/Steps/Values", 0, count.size() == 1 ? count[0] : -1);
    step_ = pick_step(times_, time, path);
    first_part_ = offset_entry("/VTKHDF/Steps/PartOffsets");
    num_parts_ = offset_entry("/VTKHDF/Steps/NumberOfParts");
    first_point_ = offset_entry("/VTKHDF/Steps/PointOffsets");
  } else {
    num_parts_ = file_->shape("/VTKHDF/NumberOfPoints").at(0);
    if (layout_.empty()) {
      layout_ = "step";
      // A file of another program is one step without a time.
      times_ = {file_->has("/ansatz") ? file_->number_attribute("/ansatz", "time") : time.value_or(0.0)};
      pick_step(times_, time, path);
      step_ = 0;
    }
  }
  num_points_ = sum("/VTKHDF/NumberOfPoints", first_part_, num_parts_);
  num_cells_ = sum("/VTKHDF/NumberOfCells", first_part_, num_parts_);
}

std::vector<PartPlace> ResultStep::parts() const {
  const auto sizes = [&](const char* dataset) { return file_->rows<std::int64_t>(dataset, first_part_, num_parts_); };
  const auto points = sizes("/VTKHDF/NumberOfPoints"), cells = sizes("/VTKHDF/NumberOfCells"),
             ids = sizes("/VTKHDF/NumberOfConnectivityIds");
  PartPlace next;
  next.first_point = first_point_;
  if (layout_ == "single") {
    next.first_cell = offset_entry("/VTKHDF/Steps/CellOffsets");
    next.first_id = offset_entry("/VTKHDF/Steps/ConnectivityIdOffsets");
  }
  std::vector<PartPlace> places;
  for (std::size_t p = 0; p < points.size(); ++p) {
    next.num_points = points[p];
    next.num_cells = cells[p];
    next.num_ids = ids[p];
    if (std::min({points[p], cells[p], ids[p]}) < 0)
      refuse("holds impossible sizes", file_->path(), "the file may be damaged");
    places.push_back(next);
    next.first_point += points[p];
    next.first_cell += cells[p];
    next.first_id += ids[p];
  }
  return places;
}

std::int64_t ResultStep::offset_entry(const std::string& dataset) const {
  return file_->rows<std::int64_t>(dataset, static_cast<std::int64_t>(step_), 1).at(0);
}

std::int64_t ResultStep::sum(const std::string& dataset, std::int64_t first, std::int64_t count) const {
  constexpr std::int64_t most = std::int64_t{1} << 48;
  std::int64_t total = 0;
  for (const auto value : file_->rows<std::int64_t>(dataset, first, count)) {
    if (value < 0 || value > most - total) refuse("holds impossible sizes", file_->path(), "the file may be damaged");
    total += value;
  }
  return total;
}

std::int64_t ResultStep::first_row(const std::string& group, const std::string& field) const {
  const std::string offsets = "/VTKHDF/Steps/" + group + "Offsets/" + field;
  return layout_ == "single" ? offset_entry(offsets) : 0;
}

int ResultStep::components(const std::string& group, const std::string& field, std::int64_t rows) const {
  const std::string dataset = "/VTKHDF/" + group + "/" + field;
  if (!file_->has(dataset)) {
    const auto known = file_->names("/VTKHDF/" + group);
    refuse(fmt::format("there is no {} field \"{}\"", group == "PointData" ? "point" : "cell", field), file_->path(),
           known.empty() ? "the file has no such fields" : fmt::format("it has: {}", fmt::join(known, ", ")));
  }
  const auto shape = file_->shape(dataset);
  const bool fits = !shape.empty() && shape.size() <= 2 && first_row(group, field) <= shape[0] - rows;
  if (!fits || (shape.size() == 2 && (shape[1] < 1 || shape[1] > 1000))) {
    refuse("the field does not fit the mesh", file_->path() + ":" + dataset, "the file may be damaged");
  }
  return shape.size() == 2 ? static_cast<int>(shape[1]) : 1;
}

}  // namespace ansatz::io
