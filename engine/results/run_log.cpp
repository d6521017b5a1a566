#include "engine/results/run_log.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ansatz/sdk/terminal.hpp"

namespace ansatz::results {

RunLog::RunLog(const base::Communicator& comm, const std::string& folder, bool append) : is_root_(comm.is_root()) {
  quiet_ = folder.empty();
  if (quiet_) return;
  base::agree(comm, [&] {
    if (!is_root_) return;
    file_.open(folder + "/log.jsonl", append ? std::ios::app : std::ios::trunc);
    if (!file_) {
      throw sdk::Error(sdk::ErrorKind::output, "cannot write " + folder + "/log.jsonl", {},
                       "choose another folder with --out");
    }
  });
}

void RunLog::say(const std::string& line) {
  if (!is_root_ || quiet_) return;
  fmt::print("{}\n", sdk::printable(line));
  std::fflush(stdout);
}

void RunLog::note(const std::string& line) {
  say("  " + line);
  event("note", {{"text", line}});
}

void RunLog::warn(const std::string& line) {
  if (!is_root_) return;
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
