#pragma once
/// The list of checks and how each one ended.

#include <functional>
#include <stdexcept>
#include <string>

#include "engine/base/communicator.hpp"

namespace ansatz::conformance {

/// Why a check failed, for the author of the plugin.
class Failure : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// \throws Failure with this text unless `good`.
void require(bool good, const std::string& why);

/// Runs `work`, which must throw an sdk::Error. \throws Failure where it throws nothing or something else.
void expect_error(const std::string& what, const std::function<void()>& work);

/// Prints a line for each check, on rank 0, and counts. Lines begin with "  ok", "  FAIL" or "  skip".
class Report {
 public:
  explicit Report(const base::Communicator& comm) : comm_(comm) {}

  /// Runs a check on all ranks; it fails if it throws anything on any. *Collective.*
  void check(const std::string& name, const std::function<void()>& work);
  void skip(const std::string& name, const std::string& why);
  int num_failed() const { return num_failed_; }
  const base::Communicator& comm() const { return comm_; }

 private:
  base::Communicator comm_;
  int num_failed_ = 0;
};

}  // namespace ansatz::conformance
