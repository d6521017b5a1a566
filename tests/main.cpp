// Entry point of the Catch2 programs: starts MPI and PETSc, and lets all ranks agree on every test case.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include "engine/base/session.hpp"

namespace {

using ansatz::base::Communicator;

/// Time that a rank whose test failed waits for ranks that may be stuck in a collective call it never made.
constexpr std::chrono::seconds patience{20};

/// Writes `text` to standard error in one piece, each line headed by the rank.
void print_of_rank(const Communicator& comm, const std::string& text) {
  std::istringstream lines(text);
  std::string headed;
  for (std::string line; std::getline(lines, line);) {
    headed += "[rank " + std::to_string(comm.rank()) + "] " + line + '\n';
  }
  std::fputs(headed.c_str(), stderr);
  std::fflush(stderr);
}

/// Keeps what ranks other than 0 print, and shows it only for test cases that fail there.
class RankOutput {
 public:
  explicit RankOutput(const Communicator& comm) : comm_(comm) {
    if (!comm.is_root()) terminal_ = std::cout.rdbuf(kept_.rdbuf());
  }
  ~RankOutput() {
    if (terminal_) std::cout.rdbuf(terminal_);
  }
  RankOutput(const RankOutput&) = delete;
  RankOutput& operator=(const RankOutput&) = delete;

  void show() {
    std::cout.flush();
    print_of_rank(comm_, kept_.str());
    drop();
  }
  void drop() { kept_.str({}); }

 private:
  const Communicator& comm_;
  std::ostringstream kept_;
  std::streambuf* terminal_ = nullptr;
};

/// Shared by main() and the listener that Catch2 creates by itself.
struct Ranks {
  std::unique_ptr<Communicator> comm;
  std::unique_ptr<RankOutput> output;
  std::int64_t passed = 0;
  std::int64_t failed = 0;
};

Ranks& ranks() {
  static Ranks shared;
  return shared;
}

/// After each test case: it failed if it failed on any rank; ends all ranks when some do not arrive. *Collective.*
struct RankAgreement : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;

  bool assertionEnded(const Catch::AssertionStats& stats) override {
    const auto& result = stats.assertionResult;
    if (result.getResultType() == Catch::ResultWas::FatalErrorCondition) {
      // Another rank ended this one; it has said why.
      if (result.getMessage().find("SIGTERM") != std::string_view::npos) std::_Exit(1);
      crashed_ = true;
    }
    return true;
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    const bool failed_here = stats.totals.assertions.failed > 0;
    const auto& name = stats.testInfo.name;
    if (crashed_) abort_all(name, "crashed");
    const int failing_rank = agree(failed_here, name);
    const bool failed = failing_rank < ranks().comm->size();
    ++(failed ? ranks().failed : ranks().passed);
    if (failed && ranks().comm->rank() == failing_rank) {
      print_of_rank(*ranks().comm, "FAILED on " + std::to_string(ranks().comm->size()) + " ranks: " + name);
    }
    if (failed_here) ranks().output->show();
    ranks().output->drop();
  }

 private:
  /// Lowest rank on which the test failed, or the number of ranks.
  static int agree(bool failed_here, const std::string& name) {
    using namespace std::chrono;
    const auto& comm = *ranks().comm;
    const int mine = failed_here ? comm.rank() : comm.size();
    int lowest = mine;
    int arrived = 0;
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Iallreduce(&mine, &lowest, 1, MPI_INT, MPI_MIN, comm.get(), &request);
    const auto start = steady_clock::now();
    while (true) {
      MPI_Test(&request, &arrived, MPI_STATUS_IGNORE);
      if (arrived) return lowest;
      const auto waited = steady_clock::now() - start;
      if (failed_here && waited > patience) abort_all(name, "failed here, and other ranks do not finish it");
      std::this_thread::sleep_for(waited > milliseconds(1) ? microseconds(200) : microseconds(0));
    }
  }

  [[noreturn]] static void abort_all(const std::string& name, const char* why) {
    print_of_rank(*ranks().comm, "FAILED, all ranks are ended: " + name + ": " + why);
    ranks().output->show();
    MPI_Abort(ranks().comm->get(), 1);
    std::abort();
  }

  bool crashed_ = false;
};

CATCH_REGISTER_LISTENER(RankAgreement)

}  // namespace

int main(int argc, char** argv) {
  ansatz::base::Session session(&argc, &argv);
  Catch::Session catch_session;
  const int wrong = catch_session.applyCommandLine(argc, argv);
  if (wrong != 0) return wrong;
  catch_session.configData().useColour = Catch::UseColour::No;
  ranks().comm = std::make_unique<Communicator>(session.comm().get());
  ranks().output = std::make_unique<RankOutput>(*ranks().comm);
  catch_session.run();
  const auto passed = ranks().passed, failed = ranks().failed;
  const bool is_root = session.comm().is_root();
  const auto& config = catch_session.configData();
  const bool only_lists = config.listTests || config.listTags || config.showHelp || config.listTestNamesOnly;
  ranks().output.reset();
  if (is_root && !only_lists) {
    std::printf("%d rank%s: %lld passed, %lld failed\n", session.comm().size(), session.comm().size() == 1 ? "" : "s",
                static_cast<long long>(passed), static_cast<long long>(failed));
  }
  ranks().comm.reset();
  return failed == 0 ? 0 : 1;
}
