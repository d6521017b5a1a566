#include "engine/results/run_log.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "ansatz/sdk/terminal.hpp"

namespace ansatz::results {

RunLog::RunLog(const base::Communicator& comm, const std::string& folder, bool append, Verbosity verbosity)
    : is_root_(comm.is_root()), verbosity_(verbosity) {
  quiet_ = folder.empty();
  if (quiet_) return;
  is_live_ = is_root_ && verbosity == Verbosity::normal && ::isatty(STDOUT_FILENO) == 1;
  base::agree(comm, [&] {
    if (!is_root_) return;
    file_.open(folder + "/log.jsonl", append ? std::ios::app : std::ios::trunc);
    if (!file_) {
      throw sdk::Error(sdk::ErrorKind::output, "cannot write " + folder + "/log.jsonl", {},
                       "choose another folder with --out");
    }
  });
}

RunLog::~RunLog() { clear_live(); }

/// Takes the live line away.
void RunLog::clear_live() {
  if (!has_live_) return;
  has_live_ = false;
  fmt::print("\r\x1b[K");
  std::fflush(stdout);
}

void RunLog::print(const std::string& line) {
  clear_live();
  fmt::print("{}\n", sdk::printable(line));
  std::fflush(stdout);
}

void RunLog::say(const std::string& line) {
  if (is_root_ && !quiet_ && verbosity_ != Verbosity::quiet) print(line);
}

void RunLog::result(const std::string& line) {
  if (is_root_ && !quiet_) print(line);
}

void RunLog::progress(const std::string& line) {
  if (!is_live()) return say(line);
  winsize size{};
  const bool is_known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  auto shown = sdk::printable_line(line);
  // A line that wraps could not be taken away.
  if (is_known && shown.size() >= size.ws_col) shown.resize(size.ws_col - 1u);
  fmt::print("\r{}\x1b[K", shown);
  std::fflush(stdout);
  has_live_ = true;
}

void RunLog::note(const std::string& line) {
  say("  " + line);
  event("note", {{"text", line}});
}

void RunLog::warn(const std::string& line) {
  if (!is_root_) return;
  clear_live();
  constexpr std::size_t most = 100;
  if (++num_warnings_ <= most) warnings_.push_back(line);
  if (!quiet_ || !has_warned_quietly_) fmt::print(stderr, "warning: {}\n", sdk::printable(line));
  has_warned_quietly_ |= quiet_;
  event("warning", {{"text", line}});
}

void RunLog::event(const std::string& name, std::initializer_list<std::pair<const char*, LogValue>> values) {
  if (!is_root_) return;
  nlohmann::ordered_json entry{{"seconds", seconds()}, {"event", name}};
  for (const auto& [key, value] : values) {
    std::visit([&, k = key](const auto& x) { entry[k] = x; }, value);
  }
  file_ << entry.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  file_.flush();
}

double RunLog::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

}  // namespace ansatz::results
