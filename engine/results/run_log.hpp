#pragma once
/// Messages of a run: lines for people on rank 0, and log.jsonl for machines.

#include <chrono>
#include <fstream>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ansatz/sdk/monitor.hpp"
#include "engine/base/communicator.hpp"

namespace ansatz::results {

using sdk::LogValue;

/// How much a terminal shows. Files have all.
enum class Verbosity {
  quiet,   ///< warnings, errors and results
  normal,  ///< where standard output is a terminal, lines on progress take each other's place
  verbose  ///< each line on progress stays, also those of the points of sweeps
};

/// Only rank 0 writes. Not collective, except the constructor.
class RunLog {
 public:
  /// Creates folder/log.jsonl, or goes on with it.
  /// \param folder empty: quiet, and without a file. *Collective.* \throws Error of kind output.
  RunLog(const base::Communicator& comm, const std::string& folder, bool append = false,
         Verbosity verbosity = Verbosity::normal);
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  /// A line on the terminal, printable().
  void say(const std::string& line);
  /// What a run found: shown at any verbosity.
  void result(const std::string& line);
  /// How far the work is: on a terminal in place of the line of progress before, gone with the next other line; else a
  /// line like others.
  void progress(const std::string& line);
  /// Lines of progress take each other's place.
  bool is_live() const { return is_live_ && !quiet_; }
  void warn(const std::string& line);
  /// A line on the terminal and an event "note".
  void note(const std::string& line);
  /// Leaves out lines, and of warnings all but the first on the terminal; the file has all.
  /// Not where all is wanted.
  void set_quiet(bool quiet) { quiet_ = quiet && verbosity_ != Verbosity::verbose; }
  bool is_quiet() const { return quiet_; }
  /// One JSON object a line: {"seconds": since start, "event": name, ...}.
  void event(const std::string& name, std::initializer_list<std::pair<const char*, LogValue>> values);
  double seconds() const;
  /// The first warnings, at most 100, and how many there were; on rank 0.
  const std::vector<std::string>& warnings() const { return warnings_; }
  std::size_t num_warnings() const { return num_warnings_; }

 private:
  void clear_live();
  void print(const std::string& line);

  Verbosity verbosity_ = Verbosity::normal;
  bool is_live_ = false, has_live_ = false;  ///< can be, is on the terminal
  std::vector<std::string> warnings_;
  std::size_t num_warnings_ = 0;
  bool is_root_, quiet_ = false, has_warned_quietly_ = false;
  std::ofstream file_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace ansatz::results
