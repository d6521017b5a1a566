#pragma once
/// Lines on how far a piece of work is.

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/results/run_log.hpp"

namespace ansatz::results {

/// The time that is left, on a terminal in one line that lives, else a line each five seconds; if so wanted, also one
/// each tenth of the work. The only place that decides how often.
class Progress {
 public:
  enum class Lines { tenths, seconds_only };

  /// Of counted work.
  /// \param what is counted, for example "points"
  Progress(RunLog& log, std::size_t total, std::string what, Lines lines = Lines::tenths)
      : log_(log), total_(total), what_(std::move(what)), lines_(lines), start_(log.seconds()), last_line_(start_) {}
  /// Of work that is a share of a whole.
  explicit Progress(RunLog& log, double seconds_between = 5.0) : Progress(log, 0, {}, Lines::seconds_only) {
    between_ = seconds_between;
  }

  /// So many are done, at least one. Not collective.
  void done(std::size_t count) {
    const auto tenth = std::max<std::size_t>(total_ / 10, 1);
    const bool is_tenth = lines_ == Lines::tenths && count % tenth == 0;
    if (!is_due() && !is_tenth) return;
    last_line_ = log_.seconds();
    log_.progress(fmt::format("  {} of {} {}  eta {:.0f} s", count, total_, what_,
                              (last_line_ - start_) / double(count) * double(total_ - count)));
  }

  /// \param share of the work that is done, 0 to 1. Not collective.
  void at(double share, const std::string& line) {
    if (!(share > 0.0) || !is_due()) return;
    last_line_ = log_.seconds();
    const double left = std::max((last_line_ - start_) * (1.0 - share) / share, 0.0);
    log_.progress(fmt::format("  {}  {:.0f} %, eta {:.0f} s", line, 100.0 * share, left));
  }

  /// Whether a line is wanted now.
  bool is_due() const { return log_.seconds() - last_line_ >= (log_.is_live() ? 0.1 : between_); }
  /// A line that tells the time that is left by itself, if one is wanted now.
  template <class Line>
  void line(Line make) {
    if (!is_due()) return;
    last_line_ = log_.seconds();
    log_.progress(make());
  }

 private:
  RunLog& log_;
  std::size_t total_;
  std::string what_;
  Lines lines_;
  double start_, last_line_, between_ = 5.0;
};

}  // namespace ansatz::results
