#include "engine/quantities/time_series.hpp"

#include <fmt/format.h>

#include "engine/time/systems/stored_length.hpp"

namespace ansatz::quantities {
void TimeSeries::add(double time, std::span<const double> values) {
  times_.push_back(time);
  values_.resize(values.size());
  for (std::size_t q = 0; q < values.size(); ++q) values_[q].push_back(values[q]);
}

void TimeSeries::exchange(const std::string& name, sdk::StateArchive& archive) {
  archive.numbers(name + "_times", times_);
  auto count = static_cast<std::int64_t>(values_.size());
  archive.integer(name + "_quantities", count);
  values_.resize(count);
  for (std::size_t q = 0; q < values_.size(); ++q) {
    const auto entry = fmt::format("{}_{}", name, q);
    archive.numbers(entry, values_[q]);
    time::require_stored_length(entry, values_[q].size(), times_.size());
  }
}

}  // namespace ansatz::quantities
