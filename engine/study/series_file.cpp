#include "engine/study/series_file.hpp"

#include <fmt/format.h>

namespace ansatz::study {

SeriesFile::SeriesFile(const base::Communicator& comm, const std::string& folder, const std::vector<std::string>& columns)
    : comm_(comm), path_(folder + "/quantities.csv") {
  base::agree(comm_, [&] {
    if (!comm_.is_root()) return;
    file_.open(path_);
    file_ << "time [s]";
    for (const auto& column : columns) file_ << ',' << column;
    file_ << '\n';
    if (!file_.flush()) throw sdk::Error(sdk::ErrorKind::output, "cannot write " + path_);
  });
}

void SeriesFile::add(double time, std::span<const double> values) {
  base::agree(comm_, [&] {
    if (!comm_.is_root()) return;
    file_ << fmt::format("{:.17g}", time);
    for (const double value : values) file_ << fmt::format(",{:.17g}", value);
    file_ << '\n';
    if (!file_.flush()) throw sdk::Error(sdk::ErrorKind::output, "cannot write " + path_);
  });
}

void SeriesFile::add(const TimeSeries& series, std::span<const std::size_t> quantities) {
  std::vector<double> row(quantities.size());
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (std::size_t q = 0; q < quantities.size(); ++q) row[q] = series.value(i, quantities[q]);
    add(series.time(i), row);
  }
}

}  // namespace ansatz::study
