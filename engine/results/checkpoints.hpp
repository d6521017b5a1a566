#pragma once
/// When a run writes its state, which files it keeps, and from which it goes on.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/signals.hpp"
#include "engine/input/case.hpp"
#include "engine/io/state/checkpoint_file.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::results {

/// `ansatz run --restart, --time-limit`.
struct RestartOptions {
  std::string from;         ///< "latest" or the path of a checkpoint; empty: from the start
  double time_limit = 0.0;  ///< wall time [s]; 0: none
};

/// The checkpoints of one run, in RUN/checkpoints: checkpoint-000120.h5 and the file "latest" with the name of the last
/// one, written after it. Writing one never changes the run. Those of an earlier run are in RUN/checkpoints-earlier
/// until this one has written one of its own.
class Checkpoints {
 public:
  /// What a run and its checkpoints have in common.
  struct Problem {
    std::string fingerprint;            ///< see restart_fingerprint()
    const fem::DofMap* dofs = nullptr;  ///< null where every rank holds all unknowns
    double end = 0.0;                   ///< of the run [s]
  };

  /// Finds the checkpoint that a restart asks for: of "latest", where it is damaged, the one before, with a warning.
  /// *Collective.* \throws sdk::Error of kind state, or case_file where the checkpoint is of another problem or beyond
  /// the end.
  Checkpoints(const base::Communicator& comm, const std::string& run_folder, const input::CheckpointSpec& spec,
              RestartOptions options, Problem problem, RunLog& log);

  /// A further part of the state. All parts are exchanged in the order of these calls.
  void add(std::function<void(sdk::StateArchive&)> part) { parts_.push_back(std::move(part)); }

  /// The checkpoint that the run goes on from, if it does.
  std::optional<io::CheckpointInfo> restart() const { return reader_ ? std::optional(reader_->info()) : std::nullopt; }
  /// Sets all parts to the state of that checkpoint. *Collective.* \throws sdk::Error of kind state.
  void restore();

  /// After a step is complete: writes where the case, a signal or the time limit asks for it. *Collective.*
  /// \throws sdk::Error of kind stopped (SIGUSR2) or out_of_time after writing; output.
  void after_step(std::int64_t step, double time);
  /// After the last step: writes, unless the case wants no checkpoints, so that a later end can be reached from there.
  /// *Collective.* \throws sdk::Error of kind output.
  void at_end(std::int64_t step, double time);

 private:
  enum class Action : std::int64_t { none, write, out_of_time, stop };
  Action wanted(std::int64_t step);
  void write(std::int64_t step, double time);
  void set_aside();
  void remove_older(std::int64_t step) const;
  std::vector<std::string> candidates() const;
  void open();
  void check(const io::CheckpointInfo& info, const std::string& path) const;

  base::Communicator comm_;
  std::string folder_, earlier_;
  input::CheckpointSpec spec_;
  RestartOptions options_;
  Problem problem_;
  RunLog& log_;
  base::SignalRequests signals_;
  std::vector<std::function<void(sdk::StateArchive&)>> parts_;
  std::optional<io::CheckpointReader> reader_;
  std::string path_;  ///< of what it reads
  std::int64_t written_step_ = -1;
  double written_at_ = 0.0, last_step_at_ = 0.0, longest_step_ = 0.0;  ///< [s] of the log's clock
};

}  // namespace ansatz::results
