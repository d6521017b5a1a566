#include "engine/base/signals.hpp"

#include <array>
#include <atomic>
#include <csignal>

namespace ansatz::base {
namespace {

// A handler reaches nothing but such a variable.
std::atomic<int> asked = 0;
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void remember(int signal) {
  const int request = signal == SIGUSR1 ? 1 : 2;
  int before = asked;
  while (request > before && !asked.compare_exchange_weak(before, request)) {
  }
}

constexpr std::array signals{SIGUSR1, SIGUSR2};
std::array<struct sigaction, signals.size()> actions_before;

}  // namespace

SignalRequests::SignalRequests() {
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  asked = 0;
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &action, &actions_before[i]);
}

SignalRequests::~SignalRequests() {
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &actions_before[i], nullptr);
}

SignalRequest SignalRequests::take() { return static_cast<SignalRequest>(asked.exchange(0)); }

}  // namespace ansatz::base
