#include "engine/solvers/case_problem.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/problem/parameter_samples.hpp"
#include "engine/problem/places/mesh_view.hpp"
#include "engine/problem/places/point_sets.hpp"
#include "engine/solvers/case_discretisation.hpp"
#include "engine/solvers/case_time_loop.hpp"
#include "engine/solvers/solution_file.hpp"
#include "engine/solvers/stepping.hpp"

namespace ansatz::solvers {
namespace {

/// Counts what another ansatz computes for one that learns, and keeps its lines out of the report.
class Truth final : public sdk::Solver {
 public:
  Truth(const CaseProblem& problem, std::unique_ptr<sdk::Solver> solver)
      : problem_(problem), solver_(std::move(solver)) {}

  sdk::Solution solve(const sdk::Query& query, sdk::Monitor& monitor) override {
    problem_.count_truth_solve();
    const bool was_quiet = problem_.log().is_quiet();
    problem_.log().set_quiet(true);
    try {
      auto solution = solver_->solve(query, monitor);
      problem_.log().set_quiet(was_quiet);
      problem_.note_solved(query.parameters);
      return solution;
    } catch (...) {
      problem_.log().set_quiet(was_quiet);
      throw;
    }
  }

 private:
  const CaseProblem& problem_;
  std::unique_ptr<sdk::Solver> solver_;
};

}  // namespace

CaseProblem::CaseProblem(problem::Problem& problem, const plugin::Registry& registry, results::RunLog& log,
                         std::string folder, linear::KrylovOptions options, Make make, MakeGradients make_gradients)
    : problem_(problem),
      registry_(registry),
      log_(log),
      folder_(std::move(folder)),
      options_(std::move(options)),
      make_(std::move(make)),
      make_gradients_(std::move(make_gradients)) {
  for (const auto& [name, spec] : problem.parsed().parameters)
    parameters_.push_back({name, spec.unit, spec.low, spec.high, spec.initial, spec.logarithmic});
}

CaseProblem::~CaseProblem() = default;

fem::DiscreteProblem& CaseProblem::discrete() const {
  if (!discrete_) discrete_.emplace(problem_.form(), problem_.dirichlet(), options_);
  return *discrete_;
}

std::unique_ptr<fem::DiscreteProblem> CaseProblem::make_discrete() const {
  return std::make_unique<fem::DiscreteProblem>(problem_.form(), problem_.dirichlet(), options_);
}

const problem::Sites& CaseProblem::sites_of_case() const {
  if (!sites_) sites_ = std::make_unique<const problem::Sites>(problem_);
  return *sites_;
}

std::vector<double> CaseProblem::sample_parameters(const sdk::Sampling& sampling) const {
  const sampling::ParameterBox box(problem::parameter_ranges(parsed()));
  const input::TrainingSpec spec{{}, sampling.method, static_cast<int>(sampling.size), static_cast<int>(sampling.seed)};
  return sampling::sample(box, problem::sampling_options(spec, box.dimension())).values();
}

std::span<const double> CaseProblem::times() const {
  if (times_.empty() && parsed().time) times_ = step_times(parsed());
  return times_;
}

sdk::MeshView CaseProblem::mesh() const { return problem::mesh_view(problem_); }

std::vector<std::string> CaseProblem::quantities() const {
  std::vector<std::string> names;
  for (const auto& quantity : parsed().quantities) names.push_back(quantity.name);
  return names;
}

std::vector<std::optional<sdk::Expression>> CaseProblem::initial() const {
  std::vector<std::optional<sdk::Expression>> by_component(static_cast<std::size_t>(problem_.dofs().num_components()));
  for (const auto& [field, component, value] : problem_.initial_values())
    by_component[static_cast<std::size_t>(problem_.dofs().component_offset(field) + component)] = value;
  return by_component;
}

std::span<const sdk::Site> CaseProblem::sites() const { return sites_of_case().all(); }

sdk::PointSet CaseProblem::sample(int site, const sdk::Sampling& sampling) const {
  return problem::sample(problem_, sites_of_case(), site, sampling);
}

sdk::PointSet CaseProblem::quadrature(int site, int degree) const {
  return problem::quadrature(problem_, sites_of_case(), site, degree);
}

sdk::PointSet CaseProblem::locate(std::span<const double> positions, std::vector<std::int64_t>& numbers) const {
  return problem::locate(problem_, positions, numbers);
}

std::unique_ptr<sdk::SolutionFile> CaseProblem::open_solutions(const std::string& path) const {
  auto file = solvers::open_solutions(problem_, registry_, path);
  const auto at = file->parameters();
  read_at_.insert(read_at_.end(), at.begin(), at.end());
  return file;
}

void CaseProblem::forget_learned() const {
  solved_at_.clear();
  read_at_.clear();
}

void CaseProblem::note_solved(std::span<const double> parameters) const {
  if (parameters.size() == parameters_.size())
    solved_at_.insert(solved_at_.end(), parameters.begin(), parameters.end());
}

std::unique_ptr<sdk::Discretisation> CaseProblem::make_discretisation() const {
  return make_case_discretisation(problem_, options_);
}

std::unique_ptr<sdk::Solver> CaseProblem::make_solver(const std::string& name) const {
  return std::make_unique<Truth>(*this, make_(*this, name));
}

std::unique_ptr<sdk::TimeLoop> CaseProblem::make_time_loop(sdk::TimeSystem& system, std::vector<double> start) const {
  return make_case_time_loop(problem_, registry_, log_, system, std::move(start));
}

std::unique_ptr<sdk::Gradients> CaseProblem::make_gradients() const {
  return make_gradients_ ? make_gradients_(*this) : sdk::Problem::make_gradients();
}

const CaseProblem& case_problem(const sdk::Problem& problem) {
  if (const auto* of_engine = dynamic_cast<const CaseProblem*>(&problem)) return *of_engine;
  throw sdk::Error(sdk::ErrorKind::internal, "an ansatz that is built in needs the problem of a case");
}

}  // namespace ansatz::solvers
