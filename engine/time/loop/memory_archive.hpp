#pragma once
/// A checkpoint in memory.

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/time.hpp"

namespace ansatz::time {

/// Stores what it is given, and gives it back after load().
class MemoryArchive final : public sdk::StateArchive {
 public:
  bool loading() const override { return loading_; }
  void numbers(const std::string& name, std::vector<double>& values) override { pass(name, values); }
  void unknowns(const std::string& name, std::vector<double>& values) override { pass(name, values); }
  void rows(const std::string& name, std::span<const std::int64_t>, std::vector<std::int64_t>& cells,
            std::vector<double>& values, int) override {
    pass(name, values);
    std::vector<double> numbers(cells.begin(), cells.end());
    pass(name + "_cells", numbers);
    if (loading_) cells.assign(numbers.begin(), numbers.end());
  }
  void load() { loading_ = true; }

 private:
  /// \throws sdk::Error of kind state for a name that was not stored.
  void pass(const std::string& name, std::vector<double>& values) {
    if (!loading_) return (void)(stored_[name] = values);
    const auto found = stored_.find(name);
    if (found == stored_.end())
      throw sdk::Error(sdk::ErrorKind::state, fmt::format("\"{}\" is read but was not written", name));
    values = found->second;
  }

  std::map<std::string, std::vector<double>> stored_;
  bool loading_ = false;
};

}  // namespace ansatz::time
