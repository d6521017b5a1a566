#include "engine/results/series_file.hpp"

#include "engine/io/charts/csv.hpp"

namespace ansatz::results {

SeriesFile::SeriesFile(const base::Communicator& comm, const std::string& folder,
                       const std::vector<std::string>& columns)
    : comm_(comm), path_(folder + "/quantities.csv") {
  base::agree(comm_, [&] {
    if (!comm_.is_root()) return;
    file_.open(path_);
    std::vector<std::string> fields{io::csv_label("time", "s")};
    fields.insert(fields.end(), columns.begin(), columns.end());
    file_ << io::csv_line(fields);
    if (!file_.flush()) throw sdk::Error(sdk::ErrorKind::output, "cannot write " + path_);
  });
}

void SeriesFile::add(double time, std::span<const double> values) {
  base::agree(comm_, [&] {
    if (!comm_.is_root()) return;
    std::vector<std::string> fields{io::csv_number(time)};
    for (const double value : values) fields.push_back(io::csv_number(value));
    file_ << io::csv_line(fields);
    if (!file_.flush()) throw sdk::Error(sdk::ErrorKind::output, "cannot write " + path_);
  });
}

void SeriesFile::add(const quantities::TimeSeries& series) {
  std::vector<double> row(series.num_quantities());
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (std::size_t q = 0; q < row.size(); ++q) row[q] = series.value(i, q);
    add(series.time(i), row);
  }
}

}  // namespace ansatz::results
