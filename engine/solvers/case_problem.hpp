#pragma once
/// The case as an ansatz sees it, with what the engine's own ansaetze take from it beside.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/gradients.hpp"
#include "ansatz/sdk/problem.hpp"
#include "ansatz/sdk/solver.hpp"
#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/problem/places/sites.hpp"
#include "engine/problem/problem.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::solvers {

/// What ansaetze of one case share: its problem, and the discrete problem that fields are evaluated with.
class CaseProblem final : public sdk::Problem {
 public:
  using Make = std::function<std::unique_ptr<sdk::Solver>(const CaseProblem&, const std::string& name)>;
  using MakeGradients = std::function<std::unique_ptr<sdk::Gradients>(const CaseProblem&)>;

  /// All references must outlive this.
  /// \param folder of the run
  /// \param make the table of ansaetze
  /// \param make_gradients of solvers/gradients; empty: none are asked for
  CaseProblem(problem::Problem& problem, const plugin::Registry& registry, results::RunLog& log, std::string folder,
              linear::KrylovOptions options, Make make, MakeGradients make_gradients = {});
  ~CaseProblem() override;

  problem::Problem& problem() const { return problem_; }
  const input::Case& parsed() const { return problem_.parsed(); }
  const plugin::Registry& registry() const { return registry_; }
  results::RunLog& log() const { return log_; }
  const std::string& folder() const { return folder_; }
  const linear::KrylovOptions& linear_options() const { return options_; }
  /// What fields of the run are evaluated with, and the case's own ansatz solves with: made at first use. *Collective.*
  fem::DiscreteProblem& discrete() const;
  /// The next discrete() is another one, which does not depend on what came before.
  void renew_discrete() const { discrete_.reset(); }
  /// Another one, for an ansatz that is not the case's own. *Collective.*
  std::unique_ptr<fem::DiscreteProblem> make_discrete() const;
  bool is_of_case(const std::string& ansatz) const { return parsed().solver.type == ansatz; }
  /// Solutions of other ansaetze that one has asked for so far.
  std::int64_t num_truth_solves() const { return truth_solves_; }
  void count_truth_solve() const { ++truth_solves_; }
  /// Parameters that an ansatz may have learned at since forget_learned(), (n, parameters): those of files of solutions
  /// that it opened; where it opened none, those at which it had other ansaetze solve.
  const std::vector<double>& learned_at() const { return read_at_.empty() ? solved_at_ : read_at_; }
  void forget_learned() const;
  void note_solved(std::span<const double> parameters) const;

  const sdk::Communicator& comm() const override { return problem_.mesh().comm; }
  const sdk::Physics& physics() const override { return problem_.physics(); }
  sdk::MeshView mesh() const override;
  std::span<const sdk::CaseParameter> parameters() const override { return parameters_; }
  std::vector<double> sample_parameters(const sdk::Sampling& sampling) const override;
  std::span<const double> times() const override;
  bool is_linear() const override { return problem_.form().linear(); }
  std::vector<std::string> quantities() const override;
  std::vector<std::optional<sdk::Expression>> initial() const override;
  std::span<const sdk::Site> sites() const override;
  sdk::PointSet sample(int site, const sdk::Sampling& sampling) const override;
  sdk::PointSet quadrature(int site, int degree) const override;
  sdk::PointSet locate(std::span<const double> positions, std::vector<std::int64_t>& numbers) const override;
  std::unique_ptr<sdk::SolutionFile> open_solutions(const std::string& path) const override;
  std::unique_ptr<sdk::Discretisation> make_discretisation() const override;
  std::unique_ptr<sdk::Solver> make_solver(const std::string& name) const override;
  std::unique_ptr<sdk::TimeLoop> make_time_loop(sdk::TimeSystem& system, std::vector<double> start) const override;
  std::unique_ptr<sdk::Gradients> make_gradients() const override;

 private:
  problem::Problem& problem_;
  const plugin::Registry& registry_;
  results::RunLog& log_;
  std::string folder_;
  linear::KrylovOptions options_;
  Make make_;
  MakeGradients make_gradients_;
  std::vector<sdk::CaseParameter> parameters_;
  mutable std::vector<double> times_;  ///< made at first use
  const problem::Sites& sites_of_case() const;

  mutable std::optional<fem::DiscreteProblem> discrete_;
  mutable std::unique_ptr<const problem::Sites> sites_;  ///< made at first use
  mutable std::int64_t truth_solves_ = 0;
  mutable std::vector<double> solved_at_, read_at_;
};

/// That of an ansatz which is built in. \throws sdk::Error of kind internal for another one.
const CaseProblem& case_problem(const sdk::Problem& problem);

}  // namespace ansatz::solvers
