#pragma once
/// The picks of a training that is under way, on disk, so that an interrupted training goes on.

#include <optional>
#include <string>

#include "engine/base/communicator.hpp"
#include "engine/sampling/greedy.hpp"

namespace ansatz::solvers {

/// A text file beside the model: picks, rounds of validation, and the parameters that these added to the training set.
/// The basis itself is not in it: its solutions are computed again, in the same order, which gives the same basis.
class TrainingRecord {
 public:
  /// \param model its path
  /// \param initial the training set at the start
  /// \param key what the training depends on: a record with another one is not read
  TrainingRecord(const base::Communicator& comm, const std::string& model, sampling::TrainingSet initial,
                 std::string key);

  const std::string& path() const { return path_; }

  /// Where an earlier training of the same key was interrupted; nothing where there is no record of it. A record that
  /// is damaged or of another key is none. *Collective.*
  std::optional<sampling::AdaptiveState> read() const;
  /// There is a file, readable or not. *Collective.*
  bool exists() const;
  /// Completely or not at all. *Collective.* \throws sdk::Error of kind output.
  void write(const sampling::AdaptiveState& state) const;
  /// At the end of a training. *Collective.*
  void remove() const;

 private:
  const base::Communicator& comm_;
  std::string path_;
  sampling::TrainingSet initial_;
  std::string key_;
};

}  // namespace ansatz::solvers
