#include "engine/solvers/case_time_loop.hpp"

#include <fmt/format.h>

#include "engine/solvers/stepping.hpp"

namespace ansatz::solvers {
namespace {

class CaseTimeLoop final : public sdk::TimeLoop {
 public:
  explicit CaseTimeLoop(std::unique_ptr<time::Stepper> stepper) : stepper_(std::move(stepper)) {}

  double time() const override { return stepper_->time(); }
  double advance(double stop) override { return stepper_->advance(stop).time; }
  std::span<const double> state() const override { return stepper_->state(); }
  void interpolate(double t, std::span<double> state) override { stepper_->interpolate(t, state); }
  void exchange(sdk::StateArchive& archive) override { stepper_->exchange(archive); }

 private:
  std::unique_ptr<time::Stepper> stepper_;
};

}  // namespace

std::unique_ptr<sdk::TimeLoop> make_case_time_loop(const problem::Problem& problem, const plugin::Registry& registry,
                                                   results::RunLog& log, sdk::TimeSystem& system,
                                                   std::vector<double> start) {
  const auto& parsed = problem.parsed();
  if (!parsed.time) {
    throw sdk::Error(sdk::ErrorKind::case_file, "the ansatz integrates in time, and the case is steady", {},
                     "add a section [time]");
  }
  return std::make_unique<CaseTimeLoop>(make_stepper(
      parsed, problem.parameters(), registry, problem.mesh().comm, system, std::move(start),
      [](std::size_t) { return std::string(); },
      [comm = problem.mesh().comm](std::optional<std::size_t> i) {
        return fmt::format("unknown {}", comm.max(i ? static_cast<std::int64_t>(*i) : std::int64_t{0}));
      },
      [&log](const std::string& line) { log.say("  " + line); }));
}

}  // namespace ansatz::solvers
