#pragma once
// A checkpoint in memory.

#include <map>

#include "ansatz/sdk/time.hpp"

namespace ansatz::test {

class MemoryArchive final : public sdk::StateArchive {
 public:
  bool loading() const override { return loading_; }
  void numbers(const std::string& name, std::vector<double>& values) override { pass(name, values); }
  void unknowns(const std::string& name, std::vector<double>& values) override { pass(name, values); }
  void load() { loading_ = true; }

 private:
  void pass(const std::string& name, std::vector<double>& values) {
    if (loading_) {
      values = stored_.at(name);
    } else {
      stored_[name] = values;
    }
  }

  std::map<std::string, std::vector<double>> stored_;
  bool loading_ = false;
};

}  // namespace ansatz::test
