#pragma once
/// What a benchmark prints: sizes, and the time of each phase on the slowest rank.

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/communicator.hpp"

namespace ansatz::bench {

/// Times of a phase on the slowest rank [s]: on the clock, and of the processor, which a busy machine disturbs less.
struct Seconds {
  double wall;
  double processor;
};

/// The ranks begin together. *Collective.*
template <class Work>
Seconds seconds_of(const base::Communicator& comm, Work&& work) {
  comm.barrier();
  const double start = MPI_Wtime();
  const auto processor_start = std::clock();
  work();
  const double processor = static_cast<double>(std::clock() - processor_start) / CLOCKS_PER_SEC;
  return {comm.max(MPI_Wtime() - start), comm.max(processor)};
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto n = values.size();
  return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

/// {"unknowns", "cells", ..., "seconds": {phase: s}, "processor_seconds": {phase: s}}.
class Record {
 public:
  Record(const base::Communicator& comm) : comm_(comm), start_(MPI_Wtime()) {}

  template <class Value>
  void set(const std::string& name, Value value) {
    json_[name] = value;
  }
  void add_seconds(const std::string& phase, double seconds) { json_["seconds"][phase] = seconds; }
  void add_seconds(const std::string& phase, const Seconds& seconds) {
    add_seconds(phase, seconds.wall);
    json_["processor_seconds"][phase] = seconds.processor;
  }
  /// Runs a phase and stores its time. *Collective.*
  template <class Work>
  void time(const std::string& phase, Work&& work) {
    add_seconds(phase, seconds_of(comm_, work));
  }
  /// Runs a phase once to warm up and then `repetitions` times; stores the median, and the first as PHASE_first.
  /// *Collective.*
  template <class Work>
  void time_repeated(const std::string& phase, int repetitions, Work&& work) {
    time(phase + "_first", work);
    std::vector<double> wall, processor;
    for (int i = 0; i < repetitions; ++i) {
      const auto seconds = seconds_of(comm_, work);
      wall.push_back(seconds.wall);
      processor.push_back(seconds.processor);
    }
    add_seconds(phase, {median(wall), median(processor)});
  }
  /// Prints the line on rank 0, with the time since construction as "total". *Collective.*
  void print() {
    add_seconds("total", comm_.max(MPI_Wtime() - start_));
    if (comm_.is_root()) std::puts(json_.dump().c_str());
  }

 private:
  base::Communicator comm_;
  double start_;
  nlohmann::json json_;
};

}  // namespace ansatz::bench
