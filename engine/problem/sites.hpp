#pragma once
#include "ansatz/sdk/sites.hpp"
#include "engine/problem/problem.hpp"
namespace ansatz::problem {
class Sites {
 public:
  explicit Sites(const Problem&) {}
  std::span<const sdk::Site> all() const { return all_; }

 private:
  std::vector<sdk::Site> all_;
};
}  // namespace ansatz::problem
