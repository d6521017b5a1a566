#include "report.hpp"

#include <fmt/core.h>

namespace ansatz::conformance {
namespace {

/// What the exception in flight says; call only inside a catch block.
std::string reason() {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure.what();
  } catch (const sdk::Error& error) {
    return error.report();
  } catch (const std::exception& error) {
    return fmt::format("threw an exception that is not an ansatz::sdk::Error: {}", error.what());
  } catch (...) {
    return "threw something that is not an exception";
  }
}

}  // namespace

void require(bool good, const std::string& why) {
  if (!good) throw Failure(why);
}

void expect_error(const std::string& what, const std::function<void()>& work) {
  try {
    work();
  } catch (const sdk::Error&) {
    return;
  } catch (...) {
    throw Failure(fmt::format("{}: {}", what, reason()));
  }
  throw Failure(fmt::format("{}: throws no ansatz::sdk::Error", what));
}

void Report::check(const std::string& name, const std::function<void()>& work) {
  std::string why;
  try {
    work();
  } catch (...) {
    why = reason();
  }
  const auto mine = why.empty() ? comm_.size() : comm_.rank();
  const auto lowest = static_cast<int>(-comm_.max(static_cast<std::int64_t>(-mine)));
  if (lowest < comm_.size()) {
    ++num_failed_;
    why = comm_.broadcast(why, lowest);
  }
  if (!comm_.is_root()) return;
  fmt::print("{}\n", lowest == comm_.size() ? "  ok    " + name : fmt::format("  FAIL  {}: {}", name, why));
  std::fflush(stdout);
}

void Report::skip(const std::string& name, const std::string& why) {
  if (comm_.is_root()) fmt::print("  skip  {}: {}\n", name, why);
}

}  // namespace ansatz::conformance
