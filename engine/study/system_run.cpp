#include "engine/study/system_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/input/case_reading.hpp"
#include "engine/io/charts/csv.hpp"
#include "engine/io/hdf5/output_file.hpp"
#include "engine/problem/fingerprint.hpp"
#include "engine/report/run_report.hpp"
#include "engine/results/progress.hpp"
#include "engine/results/run_folder.hpp"
#include "engine/results/series_file.hpp"
#include "engine/solvers/stepping.hpp"
#include "engine/solvers/watched_events.hpp"
#include "engine/study/case_warnings.hpp"
#include "engine/time/systems/ode_time_system.hpp"

namespace ansatz::study {
namespace {

constexpr double seconds_between_lines = 1.0;  // steps take microseconds

class SystemRun {
 public:
  SystemRun(const input::Case& parsed, const RunOptions& options, plugin::Registry& registry,
            const base::Communicator& comm)
      : case_(parsed),
        spec_(*parsed.time),
        registry_(registry),
        comm_(comm),
        verify_(options.verify),
        folder_(results::make_run_folder(parsed, options.out, comm)),
        log_(comm, folder_, !options.restart.from.empty(), options.verbosity),
        report_(case_, registry, comm_, log_, folder_),
        system_(registry.make_ode_system(parsed.system->name, parsed.system->parameters)),
        in_time_(*system_, solvers::jacobian_choice(*parsed.time)),
        events_(
            system_->info().events, spec_,
            [this](double t, std::span<const double> y, std::span<double> g) { system_->events(t, y, g); }, log_) {
    if (verify_) references_ = results::references_of(case_, comm_);
    checkpoints_.emplace(comm_, folder_, case_.checkpoint, options.restart,
                         results::Checkpoints::Problem{fingerprint(), nullptr, spec_.end}, log_);
  }

  int execute() {
    return report::with_report(report_, [&] { return run(); });
  }

 private:
  int run() {
    log_.say(results::headline(case_, fmt::format("{}, {} rank{}", case_.path, comm_.size(),
                                                  comm_.size() > 1 ? "s, each with the whole system" : "")));
    for (const auto& warning : warnings_of(case_, registry_)) log_.warn(warning);
    const auto stepper = solvers::make_stepper(
        case_, case_.default_parameters(), registry_, comm_, in_time_, initial(),
        [&](std::size_t i) { return system_->info().components[i].name; },
        [&](std::optional<std::size_t> i) { return i ? system_->info().components[*i].name : std::string(); },
        [&](const std::string& line) { log_.say("  " + line); });
    checkpoints_->add([&](sdk::StateArchive& archive) {
      archive.integer("step", step_);
      series_.exchange("series", archive);
      events_.exchange(archive);
      archive.numbers("invariants_at_start", at_start_);
      archive.numbers("drift", drift_);
      stepper->exchange(archive);
    });
    const auto begin = log_.seconds();
    integrate(*stepper);
    timings_["solve"] = log_.seconds() - begin;
    return finish(*stepper);
  }

  std::size_t size() const { return system_->size(); }

  std::string fingerprint() const {
    input::Case relevant = problem::same_anywhere(case_);
    relevant.output = input::OutputSpec();
    relevant.checkpoint = {};
    relevant.system->initial.clear();
    relevant.policy.reset();
    input::TimeSpec time;
    time.method = spec_.method;
    time.jacobian = spec_.jacobian;
    time.relative_tolerance = spec_.relative_tolerance ? std::optional(0.0) : std::nullopt;
    relevant.time = time;
    return input::effective_toml(relevant, nullptr, registry_);
  }

  std::vector<double> initial() const {
    auto y = system_->info().initial;
    for (std::size_t i = 0; i < size(); ++i) {
      const auto found = case_.system->initial.find(system_->info().components[i].name);
      if (found != case_.system->initial.end()) y[i] = found->second;
    }
    return y;
  }

  void integrate(time::Stepper& stepper) {
    if (!spec_.adaptive()) solvers::number_of_steps(case_);
    if (checkpoints_->restart()) {
      checkpoints_->restore();
    } else {
      at_start_ = invariants(stepper.state());
      drift_.assign(at_start_.size(), 0.0);
      events_.start(stepper);
      record(stepper);
    }
    file_.emplace(comm_, folder_, with_units());
    file_->add(series_);
    results::Progress progress(log_, seconds_between_lines);
    const double wall = log_.seconds(), from = stepper.time();
    while (stepper.time() < spec_.end && !ended_) {
      const auto step = stepper.advance(spec_.end);
      ++step_;
      if (const auto end = events_.after_step(stepper)) {
        stepper.set_state(end->time, end->state);
        ended_ = true;
      }
      const bool is_last = ended_ || stepper.time() >= spec_.end;
      watch_invariants(stepper);
      if (solvers::is_written(case_, step_, stepper.time(), is_last)) {
        record(stepper);
        file_->add(stepper.time(), last_row_);
      }
      progress.line([&] {
        const double eta = (log_.seconds() - wall) / (stepper.time() - from) * (spec_.end - stepper.time());
        return fmt::format("  step {}  t = {:.6g} of {:.6g}  dt = {:.3e}  error {:.2f}  eta {:.0f} s", step_,
                           stepper.time(), spec_.end, step.length, step.error, eta);
      });
      if (!is_last) checkpoints_->after_step(step_, stepper.time());
    }
    if (!ended_) checkpoints_->at_end(step_, stepper.time());
  }

  std::vector<double> invariants(std::span<const double> y) const {
    std::vector<double> values(system_->info().invariants.size());
    system_->invariants(y, values);
    return values;
  }

  void watch_invariants(const time::Stepper& stepper) {
    const auto now = invariants(stepper.state());
    for (std::size_t k = 0; k < now.size(); ++k) {
      if (!std::isfinite(now[k])) {
        throw sdk::Error(sdk::ErrorKind::not_finite,
                         fmt::format("{} is {} at t = {:.9g}", system_->info().invariants[k], now[k], stepper.time()));
      }
      const double scale = at_start_[k] != 0.0 ? std::abs(at_start_[k]) : 1.0;
      drift_[k] = std::max(drift_[k], std::abs(now[k] - at_start_[k]) / scale);
    }
  }

  void record(time::Stepper& stepper) {
    last_row_.assign(stepper.state().begin(), stepper.state().end());
    const auto more = invariants(stepper.state());
    last_row_.insert(last_row_.end(), more.begin(), more.end());
    require_finite(stepper.time());
    series_.add(stepper.time(), last_row_);
  }

  /// \throws sdk::Error of kind not_finite that names the component or invariant.
  void require_finite(double t) const {
    for (std::size_t i = 0; i < last_row_.size(); ++i) {
      if (std::isfinite(last_row_[i])) continue;
      const auto name = i < size() ? system_->info().components[i].name : system_->info().invariants[i - size()];
      throw sdk::Error(sdk::ErrorKind::not_finite, fmt::format("{} is {} at t = {:.9g}", name, last_row_[i], t), {},
                       "look at the initial values and parameters; fixed steps may be too long");
    }
  }

  std::vector<std::string> with_units() const {
    std::vector<std::string> columns;
    for (const auto& component : system_->info().components)
      columns.push_back(io::csv_label(component.name, component.unit));
    for (const auto& name : system_->info().invariants) columns.push_back(io::csv_field(name));
    return columns;
  }

  int finish(time::Stepper& stepper) {
    write_trajectory();
    std::vector<quantities::QuantityValue> quantities;
    for (std::size_t i = 0; i < size(); ++i) {
      const auto& component = system_->info().components[i];
      quantities.push_back({component.name, stepper.state()[i] + 0.0, component.unit});  // zero has no sign
    }
    for (std::size_t k = 0; k < drift_.size(); ++k) {
      quantities.push_back({"drift_" + system_->info().invariants[k], drift_[k], "1"});
    }
    events_.finish(stepper, spec_.start, stepper.time());
    if (ended_) {
      events_.start(stepper);
      checkpoints_->at_end(step_, stepper.time());
    }
    timings_["total"] = log_.seconds();
    results::write_summary(folder_, case_, registry_, comm_, {.quantities = quantities, .timings = timings_});
    write_report(stepper.work(), quantities);
    const bool all_within = results::report_quantities(log_, comm_, quantities, verify_ ? &references_ : nullptr);
    const auto& work = stepper.work();
    const auto& calls = in_time_.work();
    log_.say(fmt::format(
        "  {} steps, {} rejected, {} not solved; {} evaluations of f, {} Jacobians, {} factorisations, {} solves",
        work.accepted, work.rejected, work.failed, calls.evaluations, calls.jacobians, calls.factorisations,
        calls.solves));
    log_.say(
        fmt::format("  time: {:.3f} s\n  results: {}", timings_["solve"], std::filesystem::absolute(folder_).string()));
    log_.event("end", {{"accepted", work.accepted},
                       {"rejected", work.rejected},
                       {"failed", work.failed},
                       {"evaluations", calls.evaluations},
                       {"jacobians", calls.jacobians},
                       {"verified", std::string(!verify_ ? "not asked" : (all_within ? "yes" : "no"))}});
    if (!all_within) results::fail_verification();
    return 0;
  }

  void write_report(const time::WorkCount& work, const std::vector<quantities::QuantityValue>& quantities) {
    io::Columns columns;
    for (const auto& component : system_->info().components) {
      columns.names.push_back(component.name);
      columns.units.push_back(component.unit);
    }
    for (const auto& name : system_->info().invariants) {
      columns.names.push_back(name);
      columns.units.emplace_back();
    }
    report_.set_series(series_, columns);
    report_.write({.quantities = quantities,
                   .work = {{"steps", work.accepted}, {"rejected_steps", work.rejected}, {"failed_steps", work.failed}},
                   .timings = timings_},
                  verify_ ? &references_ : nullptr);
  }

  void write_trajectory() {
    std::vector<double> times, states;
    std::string names;
    for (std::size_t i = 0; i < series_.size() && comm_.is_root(); ++i) {
      times.push_back(series_.time(i));
      for (std::size_t k = 0; k < size(); ++k) states.push_back(series_.value(i, k));
    }
    for (const auto& component : system_->info().components) names += component.name + "\n";
    io::OutputFile file(comm_, folder_ + "/trajectory.h5");
    file.group("/trajectory");
    file.attribute("/trajectory", "system", case_.system->name);
    file.attribute("/trajectory", "engine", results::version_text());
    file.text("/trajectory/names", names);
    file.text("/trajectory/case", case_.effective_toml);
    file.rows<double>("/trajectory/time", times);
    file.rows<double>("/trajectory/state", states, static_cast<int>(size()));
    file.commit();
  }

  const input::Case& case_;
  const input::TimeSpec& spec_;
  plugin::Registry& registry_;
  base::Communicator comm_;
  bool verify_;
  std::string folder_;
  results::RunLog log_;
  report::RunReport report_;
  std::unique_ptr<sdk::OdeSystem> system_;
  time::OdeTimeSystem in_time_;
  solvers::WatchedEvents events_;
  std::optional<results::Checkpoints> checkpoints_;
  std::vector<results::Reference> references_;
  std::optional<results::SeriesFile> file_;
  quantities::TimeSeries series_;
  std::vector<double> at_start_, drift_, last_row_;
  std::map<std::string, double> timings_;
  std::int64_t step_ = 0;
  bool ended_ = false;  ///< by an event
};

}  // namespace

int run_system(const input::Case& parsed, const RunOptions& options, plugin::Registry& registry,
               const base::Communicator& comm) {
  return SystemRun(parsed, options, registry, comm).execute();
}

void check_system(const input::Case& parsed, plugin::Registry& registry, const base::Communicator& comm) {
  const auto system = registry.make_ode_system(parsed.system->name, parsed.system->parameters);
  if (parsed.study.type == "train") return;  // its steps are those of the training
  if (parsed.time)
    solvers::check_stepping(parsed, registry, comm,
                            time::OdeTimeSystem(*system, solvers::jacobian_choice(*parsed.time)).traits());
}

}  // namespace ansatz::study
