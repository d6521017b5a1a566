#include "engine/study/study_run.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "engine/io/charts/csv.hpp"
#include "engine/io/hdf5/disk.hpp"
#include "engine/io/hdf5/output_file.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/solvers/table/prepare.hpp"
#include "engine/solvers/table/table.hpp"

namespace ansatz::study {
namespace {

/// An ansatz whose solutions are looked at before the study sees them.
class Checked final : public sdk::Solver {
 public:
  Checked(const solvers::CaseProblem& of_case, std::string name, std::unique_ptr<sdk::Solver> ansatz,
          certify::Ledger& ledger, certify::Calibration* calibration)
      : of_case_(of_case),
        name_(std::move(name)),
        ansatz_(std::move(ansatz)),
        ledger_(ledger),
        calibration_(calibration) {
    if (of_case.parsed().certify && certify::is_checked(of_case, name_)) certified_.emplace(of_case, name_, *ansatz_);
  }

  sdk::Solution solve(const sdk::Query& query, sdk::Monitor& monitor) override {
    solvers::RunMonitor own(of_case_.problem(), of_case_.log(), of_case_.folder(),
                            [&](const sdk::Solution& at, std::int64_t step, bool is_last, const sdk::StepTaken* taken) {
                              monitor.observe(at, step, is_last, taken);
                            });
    const auto repaired = ledger_.polished + ledger_.fell_back;
    auto solution = certified_ ? certified_->solve(query, own) : solvers::solve(of_case_, name_, *ansatz_, query, own);
    if (certified_) ledger_ = certified_->ledger();
    if (calibration_ != nullptr) calibration_->judge(solution, ledger_.polished + ledger_.fell_back > repaired);
    return solution;
  }
  std::optional<sdk::Tabulation> tabulate(std::span<const double> points, sdk::Monitor& monitor) override {
    if (certified_) return std::nullopt;  // each answer is looked at
    return ansatz_->tabulate(points, monitor);
  }

 private:
  const solvers::CaseProblem& of_case_;
  std::string name_;
  std::unique_ptr<sdk::Solver> ansatz_;
  std::optional<certify::Certified> certified_;
  certify::Ledger& ledger_;
  certify::Calibration* calibration_;  ///< null: none
};

}  // namespace

StudyRun::StudyRun(const solvers::CaseProblem& of_case, double time_limit)
    : of_case_(of_case), time_limit_(time_limit), monitor_(of_case.problem(), of_case.log(), of_case.folder()) {}

sdk::Solver& StudyRun::ansatz(const std::string& name) {
  const auto& wanted = name.empty() ? of_case_.parsed().solver.type : name;
  auto& made = ansaetze_[wanted];
  if (!made) {
    auto ansatz = solvers::make_ansatz(of_case_, wanted);
    const double start = of_case_.log().seconds();
    solvers::prepare(of_case_, wanted, *ansatz, time_limit_);
    auto& calibration = calibrations_[wanted] = certify::Calibration::make(of_case_, wanted, *ansatz);
    training_seconds_ += of_case_.log().seconds() - start;
    made = std::make_unique<Checked>(of_case_, wanted, std::move(ansatz), ledgers_[wanted], calibration.get());
  }
  return *made;
}

std::map<std::string, double> StudyRun::calibration_numbers() const {
  const auto found = calibrations_.find(of_case_.parsed().solver.type);
  return found != calibrations_.end() && found->second ? found->second->numbers() : std::map<std::string, double>();
}

std::vector<sdk::QuantityResult> StudyRun::quantities(const sdk::Solution& solution) {
  std::vector<sdk::QuantityResult> results;
  auto& problem = of_case_.problem();
  if (problem.parameters() != solution.parameters) problem.set_parameters(solution.parameters);
  for (const auto& value : quantities::evaluate_quantities(problem, of_case_.discrete(), solution, nullptr)) {
    results.push_back({value.name, value.unit, value.value, {}, value.problem});
    if (value.bound)
      results.back().certificate =
          sdk::Certificate{.kind = value.certified, .value = *value.bound, .norm = value.bound_kind};
  }
  return results;
}

void StudyRun::write(const std::string& name, const sdk::ResultTable& table) {
  const auto& comm = of_case_.comm();
  const auto width = table.names.size();
  base::agree(comm, [&] {
    const bool is_plain = !name.empty() && name.find_first_of("/\\") == std::string::npos && name[0] != '.';
    if (!is_plain || width == 0 || table.units.size() != width || table.values.size() % width != 0) {
      throw sdk::Error(sdk::ErrorKind::plugin, fmt::format("the table \"{}\" of the study cannot be written", name), {},
                       "it needs a plain name, a unit for each column, and rows of equal lengths");
    }
  });
  const auto path = of_case_.folder() + "/" + name;
  io::OutputFile file(comm, path + ".h5");
  file.rows<double>("/table", comm.is_root() ? std::span<const double>(table.values) : std::span<const double>(),
                    static_cast<int>(width));
  const auto lines = [](const std::vector<std::string>& texts) { return fmt::format("{}\n", fmt::join(texts, "\n")); };
  file.attribute("/table", "names", lines(table.names));
  file.attribute("/table", "units", lines(table.units));
  file.commit();
  std::string text;
  for (std::size_t k = 0; k < width; ++k) text += (k == 0 ? "" : ",") + io::csv_label(table.names[k], table.units[k]);
  text += "\n";
  for (std::size_t i = 0; i < table.values.size(); ++i)
    text += fmt::format("{}{}", table.values[i], (i + 1) % width == 0 ? "\n" : ",");
  base::agree(comm, [&] {
    if (comm.is_root()) io::write_text_file(path + ".csv", text);
  });
  of_case_.log().say("  table: " + std::filesystem::absolute(path + ".csv").string());
}

void StudyRun::report(const std::vector<sdk::QuantityResult>& results) {
  for (const auto& result : results) {
    auto& value = found_.quantities.emplace_back();
    value.name = result.name;
    value.unit = result.unit;
    value.value = result.value + 0.0;  // zero has no sign
    value.problem = result.problem;
    if (!std::isfinite(result.value) && value.problem.empty()) value.problem = fmt::format("it is {}", result.value);
    if (!result.certificate) continue;
    value.bound = result.certificate->value;
    value.certified = result.certificate->kind;
    value.bound_kind = result.certificate->norm;
  }
}

}  // namespace ansatz::study
