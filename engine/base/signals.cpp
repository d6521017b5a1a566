#include "engine/base/signals.hpp"

#include <array>
#include <csignal>

namespace ansatz::base {
namespace {

// A handler reaches nothing but such a variable.
volatile std::sig_atomic_t asked = 0;

extern "C" void remember(int signal) {
  const int request = signal == SIGUSR1 ? 1 : 2;
  if (request > asked) asked = request;
}

constexpr std::array signals{SIGUSR1, SIGUSR2};
std::array<struct sigaction, signals.size()> before;

}  // namespace

SignalRequests::SignalRequests() {
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  asked = 0;
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &action, &before[i]);
}

SignalRequests::~SignalRequests() {
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before[i], nullptr);
}

SignalRequest SignalRequests::take() {
  const auto request = static_cast<SignalRequest>(asked);
  asked = 0;
  return request;
}

}  // namespace ansatz::base
