#pragma once
/// Messages of a run: lines for people on rank 0, and log.jsonl for machines.

#include <chrono>
#include <fstream>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

#include "ansatz/sdk/monitor.hpp"
#include "engine/base/communicator.hpp"

namespace ansatz::results {

using sdk::LogValue;

/// Only rank 0 writes. Not collective, except the constructor.
class RunLog {
 public:
  /// Creates folder/log.jsonl, or goes on with it.
  /// \param folder empty: quiet, and without a file. *Collective.* \throws Error of kind output.
  RunLog(const base::Communicator& comm, const std::string& folder, bool append = false);

  /// A line on the terminal, printable().
  void say(const std::string& line);
  void warn(const std::string& line);
  /// A line on the terminal and an event "note".
  void note(const std::string& line);
  /// Leaves out lines, and of warnings all but the first on the terminal; the file has all.
  void set_quiet(bool quiet) { quiet_ = quiet; }
  bool is_quiet() const { return quiet_; }
  /// One JSON object a line: {"seconds": since start, "event": name, ...}.
  void event(const std::string& name, std::initializer_list<std::pair<const char*, LogValue>> values);
  double seconds() const;

 private:
  bool is_root_, quiet_ = false, has_warned_quietly_ = false;
  std::ofstream file_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace ansatz::results
