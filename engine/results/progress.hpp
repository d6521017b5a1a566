#pragma once
/// Lines on how far a piece of work is.

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/results/run_log.hpp"

namespace ansatz::results {

/// A line each five seconds, with the time that is left; if so wanted, also one each tenth of the work.
class Progress {
 public:
  enum class Lines { tenths, seconds_only };

  /// \param what is counted, for example "points"
  Progress(RunLog& log, std::size_t total, std::string what, Lines lines = Lines::tenths)
      : log_(log), total_(total), what_(std::move(what)), lines_(lines), start_(log.seconds()), last_line_(start_) {}

  /// So many are done, at least one. Not collective.
  void done(std::size_t count) {
    const auto tenth = std::max<std::size_t>(total_ / 10, 1);
    const bool is_tenth = lines_ == Lines::tenths && count % tenth == 0;
    if (!is_tenth && log_.seconds() - last_line_ < 5.0) return;
    last_line_ = log_.seconds();
    log_.say(fmt::format("  {} of {} {}  eta {:.0f} s", count, total_, what_,
                         (last_line_ - start_) / double(count) * double(total_ - count)));
  }

 private:
  RunLog& log_;
  std::size_t total_;
  std::string what_;
  Lines lines_;
  double start_, last_line_;
};

}  // namespace ansatz::results
