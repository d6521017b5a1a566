#include "engine/compare/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "engine/certify/check.hpp"
#include "engine/compare/side.hpp"
#include "engine/compare/transfer.hpp"
#include "engine/input/solver_infos.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/results/progress.hpp"

namespace ansatz::compare {
namespace {

double median(std::vector<double> numbers) {
  if (numbers.empty()) return 0.0;
  std::ranges::sort(numbers);
  const auto half = numbers.size() / 2;
  return numbers.size() % 2 == 1 ? numbers[half] : 0.5 * (numbers[half - 1] + numbers[half]);
}

/// One contender, and what it has answered so far.
struct Contender {
  std::unique_ptr<Side> side;
  std::optional<Transfer> transfer;
  std::unique_ptr<certify::Check> check;  ///< on the case's own mesh
  Row row;
  std::vector<double> errors, effectivities, seconds;
  std::vector<std::vector<double>> quantity_errors;  ///< by quantity
};

class Comparing {
 public:
  Comparing(const solvers::CaseProblem& of_case, const std::vector<std::vector<double>>& points, double time_limit)
      : of_case_(of_case), points_(points), log_(of_case.log()) {
    const auto& parsed = of_case.parsed();
    if (parsed.time) {
      throw sdk::Error(sdk::ErrorKind::case_file, "comparisons are of steady problems so far", parsed.time->at.text(),
                       "remove the section [time]");
    }
    moves_ = !of_case.problem().map().expressions().empty();
    add_contenders(time_limit);
    const auto fine = finer(parsed);
    result_.reference = mesh_name(fine);
    reference_ = std::make_unique<Side>(of_case, fine, result_.reference);
    largest_.assign(of_case.problem().num_case_quantities(), 0.0);
  }

  Comparison run() {
    for (auto& contender : contenders_) warm_up(contender);
    results::Progress progress(log_, points_.size(), "points");
    for (std::size_t i = 0; i < points_.size(); ++i) {
      compare_at(points_[i]);
      progress.done(i + 1);
    }
    for (auto& contender : contenders_) result_.rows.push_back(finish(contender));
    result_.points = points_.size();
    judge(result_.rows);
    return std::move(result_);
  }

 private:
  void add(std::unique_ptr<Side> side) {
    auto& contender = contenders_.emplace_back();
    contender.side = std::move(side);
    contender.row.name = contender.side->name();
    contender.row.ansatz = contender.side->ansatz();
    contender.row.is_classical = contender.side->is_classical();
    contender.row.unknowns = contender.side->of_case().problem().dofs().num_global();
    contender.row.offline_seconds = contender.side->offline_seconds();
    contender.row.bytes = contender.side->bytes();
    contender.quantity_errors.resize(of_case_.problem().num_case_quantities());
  }

  /// Coarser meshes that the case cannot have, for blocks that cells would cross, are left out and said.
  void add_contenders(double time_limit) {
    const auto& parsed = of_case_.parsed();
    const auto& classical = input::finite_elements_info().name;
    auto names = parsed.compare ? parsed.compare->solvers : std::vector<std::string>{};
    if (names.empty()) names.push_back(parsed.solver.type);
    for (const auto& name : names) {
      if (name != classical) add(std::make_unique<Side>(of_case_, name, time_limit));
    }
    truth_ = contenders_.size();
    add(std::make_unique<Side>(of_case_, classical, time_limit));
    for (const auto& coarse : coarser(parsed)) {
      try {
        add(std::make_unique<Side>(of_case_, coarse, mesh_name(coarse)));
      } catch (const sdk::Error& error) {
        if (error.kind() != sdk::ErrorKind::case_file && error.kind() != sdk::ErrorKind::mesh) throw;
        log_.say(fmt::format("  {} is left out: {}", mesh_name(coarse), error.what()));
        break;
      }
    }
  }

  /// The first solve makes what later ones use.
  void warm_up(Contender& contender) {
    try {
      contender.side->solve(points_[0]);
    } catch (const sdk::Error&) {  // says so again at the point
    }
  }

  std::vector<double> quantities_of(const Side& side, const sdk::Solution& solution) {
    auto& problem = side.of_case().problem();
    std::vector<double> values;
    for (const auto& value : quantities::evaluate_quantities(problem, side.of_case().discrete(), solution, nullptr))
      values.push_back(value.value);
    values.resize(of_case_.problem().num_case_quantities());
    return values;
  }

  void compare_at(std::span<const double> mu) {
    const auto reference = reference_->solve(mu);
    if (!space_ || moves_) space_.emplace(reference_->of_case());
    const auto quantities = quantities_of(*reference_, reference.solution);
    for (std::size_t k = 0; k < quantities.size(); ++k) largest_[k] = std::max(largest_[k], std::abs(quantities[k]));
    std::vector<double> truth;
    // Finite elements first: others are certified against them.
    std::vector<std::size_t> order{truth_};
    for (std::size_t c = 0; c < contenders_.size(); ++c) {
      if (c != truth_) order.push_back(c);
    }
    for (const auto c : order) {
      auto& contender = contenders_[c];
      std::optional<Side::Answer> answer;
      try {
        answer = contender.side->solve(mu);
      } catch (const sdk::Error& error) {
        contender.row.problems.emplace_back(error.what());
        continue;
      }
      if (!contender.transfer || moves_) contender.transfer.emplace(contender.side->of_case(), *space_);
      const auto& u = answer->solution.values;
      contender.seconds.push_back(answer->seconds);
      contender.errors.push_back(space_->relative_distance((*contender.transfer)(u), reference.solution.values));
      const auto found = quantities_of(*contender.side, answer->solution);
      for (std::size_t k = 0; k < found.size(); ++k)
        contender.quantity_errors[k].push_back(std::abs(found[k] - quantities[k]));
      if (c == truth_) truth = u;
      if (!contender.row.is_classical && !truth.empty()) certify(contender, u, truth);
    }
  }

  void certify(Contender& contender, const std::vector<double>& u, const std::vector<double>& truth) {
    if (!contender.check) contender.check = std::make_unique<certify::Check>(of_case_);
    const auto verdict = contender.check->of(u);
    if (!verdict.is_known()) return;
    auto difference = u;
    linear::add_scaled(-1.0, truth, difference);
    const double error = contender.check->norm(difference, truth);
    const bool is_bound = verdict.certificate.kind == sdk::Certificate::Kind::bound;
    if (contender.row.certificate != "estimate") contender.row.certificate = is_bound ? "bound" : "estimate";
    if (error > 0.0) contender.effectivities.push_back(verdict.certificate.value / error);
  }

  Row finish(Contender& contender) {
    auto& row = contender.row;
    row.error = spread_of(contender.errors);
    row.effectivity = spread_of(contender.effectivities);
    row.seconds = median(contender.seconds);
    for (std::size_t k = 0; k < largest_.size(); ++k) {
      auto& errors = contender.quantity_errors[k];
      for (double& error : errors) error = largest_[k] > 0.0 ? error / largest_[k] : error;
      const auto spread = spread_of(errors);
      if (k > 0 && !(spread.worst > row.quantity_error.worst)) continue;
      row.quantity_error = spread;
      row.worst_quantity = of_case_.parsed().quantities[k].name;
    }
    return std::move(row);
  }

  const solvers::CaseProblem& of_case_;
  const std::vector<std::vector<double>>& points_;
  results::RunLog& log_;
  bool moves_ = false;
  std::vector<Contender> contenders_;
  std::size_t truth_ = 0;
  std::unique_ptr<Side> reference_;
  std::optional<Reference> space_;
  std::vector<double> largest_;  ///< of each quantity, in the reference
  Comparison result_;
};

}  // namespace

Comparison compare(const solvers::CaseProblem& of_case, const std::vector<std::vector<double>>& points,
                   double time_limit) {
  return Comparing(of_case, points, time_limit).run();
}

}  // namespace ansatz::compare
