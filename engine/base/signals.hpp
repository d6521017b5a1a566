#pragma once
/// Signals as requests that a loop asks for.

#include <cstdint>

namespace ansatz::base {

/// What signals ask for, the stronger one last.
enum class SignalRequest : std::int64_t {
  none,
  save,  ///< SIGUSR1
  stop,  ///< SIGUSR2
};

/// Catches the signals while it lives. SIGTERM is left alone: mpirun ends the other ranks by it when one has died.
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
