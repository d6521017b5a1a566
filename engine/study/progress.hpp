#pragma once
/// Lines on how far a study is.

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/results/run_log.hpp"

namespace ansatz::study {

/// A line each tenth of the work or each five seconds, with the time that is left.
class Progress {
 public:
  /// \param what is counted, for example "points"
  Progress(results::RunLog& log, std::size_t total, std::string what)
      : log_(log), total_(total), what_(std::move(what)), start_(log.seconds()), last_line_(start_) {}

  /// So many are done, at least one. Not collective.
  void done(std::size_t count) {
    const auto tenth = std::max<std::size_t>(total_ / 10, 1);
    if (count % tenth != 0 && log_.seconds() - last_line_ < 5.0) return;
    last_line_ = log_.seconds();
    log_.say(fmt::format("  {} of {} {}  eta {:.0f} s", count, total_, what_,
                         (last_line_ - start_) / double(count) * double(total_ - count)));
  }

 private:
  results::RunLog& log_;
  std::size_t total_;
  std::string what_;
  double start_, last_line_;
};

}  // namespace ansatz::study
