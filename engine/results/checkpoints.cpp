#include "engine/results/checkpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/io/hdf5/disk.hpp"
#include "engine/problem/fingerprint.hpp"
#include "engine/time/loop/same_time.hpp"

namespace ansatz::results {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kept = 2;

std::string file_name(std::int64_t step) { return fmt::format("checkpoint-{:09d}.h5", step); }

/// All checkpoints of a folder, the newest first.
std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("checkpoint-") && name.ends_with(".h5")) names.push_back(name);
  }
  std::ranges::sort(names, std::ranges::greater());
  return names;
}

}  // namespace

Checkpoints::Checkpoints(const base::Communicator& comm, const std::string& run_folder,
                         const input::CheckpointSpec& spec, RestartOptions options, Problem problem, RunLog& log)
    : comm_(comm),
      folder_(run_folder + "/checkpoints"),
      earlier_(run_folder + "/checkpoints-earlier"),
      spec_(spec),
      options_(std::move(options)),
      problem_(std::move(problem)),
      log_(log),
      written_at_(log.seconds()),
      last_step_at_(log.seconds()) {
  base::agree(comm_, [&] {
    if (comm_.is_root()) set_aside();
  });
  if (!options_.from.empty()) open();
}

/// States of an earlier run in this folder are not this run's, but may be all that is left of it.
void Checkpoints::set_aside() {
  const auto names = files_in(folder_);
  std::error_code code;
  const auto is_from = [&](const std::string& folder) {
    return !options_.from.empty() && fs::equivalent(fs::absolute(options_.from).parent_path(), folder, code);
  };
  if (names.empty() || options_.from == "latest" || is_from(folder_) || is_from(earlier_)) return;
  fs::remove_all(earlier_, code);
  if (!code) fs::rename(folder_, earlier_, code);
  if (code) io::fail_output("cannot move the checkpoints of an earlier run aside", folder_, code.value());
  log_.say(fmt::format(
      "  checkpoints of an earlier run are kept until this one has written its own: --restart {}/{} goes on from there",
      earlier_, names.front()));
}

std::vector<std::string> Checkpoints::candidates() const {
  std::string text;
  base::agree(comm_, [&] {
    if (!comm_.is_root()) return;
    if (options_.from != "latest") {
      text = options_.from + "\n";
      return;
    }
    auto names = files_in(folder_);
    if (fs::exists(folder_ + "/latest")) {
      auto latest = io::read_text_file(folder_ + "/latest");
      while (!latest.empty() && latest.back() == '\n') latest.pop_back();
      // A newer file may be there that the pointer was not set to any more: it is complete, too.
      if (std::ranges::find(names, latest) == names.end()) {
        log_.warn(fmt::format("{}/latest names \"{}\", which is not there", folder_, latest));
      }
    }
    for (const auto& name : names) text += folder_ + "/" + name + "\n";
    for (const auto& name : files_in(earlier_)) text += earlier_ + "/" + name + "\n";
    if (text.empty()) {
      throw sdk::Error(sdk::ErrorKind::state, "there is no checkpoint to restart from", folder_,
                       "run without --restart, with the same --out as now, to write some; see [checkpoint]");
    }
  });
  text = comm_.broadcast(text);
  std::vector<std::string> paths;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    paths.push_back(text.substr(begin, end - begin));
  }
  return paths;
}

/// \throws sdk::Error of kind case_file.
void Checkpoints::check(const io::CheckpointInfo& info, const std::string& path) const {
  if (info.fingerprint != problem_.fingerprint) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     "the checkpoint belongs to another problem: " +
                         problem::first_difference(info.fingerprint, problem_.fingerprint),
                     path, "restart the case that wrote it; the end time, tolerances and output may be changed");
  }
  if (info.time <= problem_.end || time::same_time(info.time, problem_.end)) return;
  throw sdk::Error(
      sdk::ErrorKind::case_file,
      fmt::format("the checkpoint is of t = {:.9g} s, after the end of the run, {:.9g} s", info.time, problem_.end),
      path, "set a later time.end, or start anew");
}

void Checkpoints::open() {
  const auto paths = candidates();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    try {
      reader_.emplace(comm_, problem_.dofs, paths[i]);
    } catch (const sdk::Error& error) {
      if (error.kind() != sdk::ErrorKind::state || i + 1 == paths.size()) throw;
      log_.warn(fmt::format("{}: {}; going back to the checkpoint before", paths[i], error.what()));
      continue;
    }
    const auto& info = reader_->info();
    check(info, paths[i]);
    log_.say(fmt::format(
        "  restart from {}: step {}, t = {:.6g} s, written by {} rank{}{}{}", paths[i], info.step, info.time,
        info.ranks, info.ranks > 1 ? "s" : "",
        info.ranks == comm_.size() ? "" : " (equal to round-off, not bit by bit)",
        time::same_time(info.time, problem_.end) ? "; that is the end: set a later time.end to go on" : ""));
    log_.event("restart", {{"file", paths[i]}, {"step", info.step}, {"time", info.time}});
    path_ = paths[i];
    return;
  }
}

void Checkpoints::restore() {
  try {
    for (const auto& part : parts_) part(*reader_);
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::state || error.where().starts_with(path_)) throw;
    throw sdk::Error(error.kind(), error.what(), path_, error.hint());
  }
  written_step_ = reader_->info().step;
}

Checkpoints::Action Checkpoints::wanted(std::int64_t step) {
  auto action = Action::none;
  const auto request = signals_.take();
  if (request == base::SignalRequest::save) action = Action::write;
  if (request == base::SignalRequest::stop) action = Action::stop;
  if (comm_.is_root()) {
    const double now = log_.seconds();
    longest_step_ = std::max(longest_step_, now - last_step_at_);
    last_step_at_ = now;
    const bool steps_are_over = spec_.every > 0 && step % spec_.every == 0;
    const bool minutes_are_over = spec_.minutes > 0.0 && now - written_at_ >= 60.0 * spec_.minutes;
    if (action == Action::none && (steps_are_over || minutes_are_over)) action = Action::write;
    // One more step, and the time to write, must fit.
    const bool is_late = options_.time_limit > 0.0 && now + 2.0 * longest_step_ + 1.0 > options_.time_limit;
    if (is_late && action != Action::stop) action = Action::out_of_time;
  }
  if (comm_.size() == 1) return action;
  return static_cast<Action>(comm_.max(static_cast<std::int64_t>(action)));
}

void Checkpoints::after_step(std::int64_t step, double time) {
  const auto action = wanted(step);
  if (action == Action::none) return;
  write(step, time);
  const auto hint = fmt::format("go on with --restart latest; the state is in {}", folder_);
  const auto at = fmt::format("at t = {:.6g} s, step {}", time, step);
  if (action == Action::stop) throw sdk::Error(sdk::ErrorKind::stopped, "stopped on request " + at, {}, hint);
  if (action == Action::out_of_time) {
    throw sdk::Error(sdk::ErrorKind::out_of_time,
                     fmt::format("the time limit of {:.6g} s is near {}", options_.time_limit, at), {}, hint);
  }
}

void Checkpoints::at_end(std::int64_t step, double time) {
  if (spec_.every > 0 || spec_.minutes > 0.0) write(step, time);
}

/// The files that this one replaces: of an earlier run, all but the last before it, and what a restart went back
/// behind.
void Checkpoints::remove_older(std::int64_t step) const {
  std::error_code ignored;  // an old file that stays does no harm
  fs::remove_all(earlier_, ignored);
  std::size_t count = 0;
  for (const auto& name : files_in(folder_)) {
    if (name > file_name(step) || ++count > kept) fs::remove(folder_ + "/" + name, ignored);
  }
}

void Checkpoints::write(std::int64_t step, double time) {
  if (step != written_step_) {
    base::agree(comm_, [&] {
      if (comm_.is_root()) io::make_folder(folder_);
    });
    io::CheckpointWriter writer(comm_, problem_.dofs);
    for (const auto& part : parts_) part(writer);
    writer.commit(folder_ + "/" + file_name(step), {problem_.fingerprint, time, step, comm_.size()});
    base::agree(comm_, [&] {
      if (!comm_.is_root()) return;
      io::write_text_file(folder_ + "/latest", file_name(step) + "\n");
      remove_older(step);
    });
    log_.event("checkpoint", {{"step", step}, {"time", time}});
  }
  written_step_ = step;
  written_at_ = log_.seconds();
  last_step_at_ = written_at_;
}

}  // namespace ansatz::results
