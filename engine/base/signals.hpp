#pragma once
/// Signals as requests that a loop asks for.

#include <cstdint>

namespace ansatz::base {

/// What signals ask for, the stronger one last.
enum class SignalRequest : std::int64_t {
  none,
  save,  ///< SIGUSR1
  stop,  ///< SIGUSR2, SIGTERM, SIGINT
};

/// Catches the signals while it lives; a second SIGTERM or SIGINT ends the process as without it.
class SignalRequests {
 public:
  SignalRequests();
  ~SignalRequests();
  SignalRequests(const SignalRequests&) = delete;
  SignalRequests& operator=(const SignalRequests&) = delete;

  /// What this process was asked for since the last call. Not collective.
  SignalRequest take();
};

}  // namespace ansatz::base
