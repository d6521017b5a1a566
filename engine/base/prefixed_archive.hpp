#pragma once
/// Parts of a state with names of their own.

#include <string>
#include <utility>

#include "ansatz/sdk/time.hpp"

namespace ansatz::base {

/// Puts a text before the names of one part, so that several of a kind can be stored.
class PrefixedArchive final : public sdk::StateArchive {
 public:
  PrefixedArchive(sdk::StateArchive& archive, std::string prefix) : archive_(archive), prefix_(std::move(prefix)) {}
  bool loading() const override { return archive_.loading(); }
  void numbers(const std::string& name, std::vector<double>& values) override {
    archive_.numbers(prefix_ + name, values);
  }
  void unknowns(const std::string& name, std::vector<double>& values) override {
    archive_.unknowns(prefix_ + name, values);
  }
  void rows(const std::string& name, std::span<const std::int64_t> owned_cells, std::vector<std::int64_t>& cells,
            std::vector<double>& values, int width) override {
    archive_.rows(prefix_ + name, owned_cells, cells, values, width);
  }

 private:
  sdk::StateArchive& archive_;
  std::string prefix_;
};

}  // namespace ansatz::base
