#include "engine/study/reduced_solve.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "engine/io/model_file.hpp"
#include "engine/linear/vector.hpp"
#include "engine/study/case_reading.hpp"

namespace ansatz::study {
namespace {

/// First line in which two texts differ, as "was ... , is ...".
std::string first_difference(const std::string& before, const std::string& now) {
  std::istringstream a(before), b(now);
  std::string line_a, line_b;
  while (true) {
    const bool has_a = static_cast<bool>(std::getline(a, line_a)), has_b = static_cast<bool>(std::getline(b, line_b));
    if (!has_a && !has_b) return "nothing";
    if (!has_a) line_a = "(nothing)";
    if (!has_b) line_b = "(nothing)";
    if (line_a != line_b) return fmt::format("it was trained for \"{}\", the case says \"{}\"", line_a, line_b);
  }
}

}  // namespace

reduced::ParameterBox parameter_box(const Case& parsed) {
  reduced::ParameterBox box;
  for (const auto& [name, spec] : parsed.parameters) {
    box.names.push_back(name);
    box.low.push_back(spec.low);
    box.high.push_back(spec.high);
    const auto reference = parsed.reduced.reference.find(name);
    box.reference.push_back(reference == parsed.reduced.reference.end() ? spec.initial : reference->second);
  }
  return box;
}

std::string model_fingerprint(const Case& parsed, const sdk::PhysicsInfo& physics, const plugin::Registry& registry) {
  Case problem = parsed;
  problem.title.clear();
  for (auto& [name, spec] : problem.parameters) {
    spec.initial = spec.low;
    spec.doc.clear();
  }
  problem.linear = {};
  problem.reduced = {};
  problem.reduced.reference = parsed.reduced.reference;
  problem.study = {};
  problem.initial = {};
  problem.quantities.clear();
  problem.output = {};
  return effective_toml(problem, physics, registry);
}

ReducedSolve::ReducedSolve(Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry, RunLog& log)
    : problem_(problem), discrete_(discrete), log_(log), case_(problem.parsed()),
      fingerprint_(model_fingerprint(case_, problem.physics().info(), registry)) {
  if (case_.time) {
    throw sdk::Error(sdk::ErrorKind::case_file, "reduced bases are for steady problems so far", case_.solver.at.text(),
                     "remove the section [time], or set solver.type = \"fem\"");
  }
}

Solution ReducedSolve::run() {
  bool is_there = false;
  base::agree(discrete_.comm(), [&] { is_there = std::filesystem::exists(case_.reduced.model); });
  is_there = discrete_.comm().max(std::int64_t{is_there}) != 0;
  if (case_.study.type == "train" || !is_there) {
    if (!is_there && case_.study.type != "train") log_.say("  no model yet in " + case_.reduced.model + ": training");
    train();
  } else {
    load();
  }
  return solve();
}

void ReducedSolve::train() {
  const auto box = parameter_box(case_);
  std::string reason;
  auto separated = reduced::separate(problem_.form(), problem_.dirichlet(), box, reason);
  discrete_.set_parameters(problem_.parameters());
  if (!separated) {
    throw sdk::Error(sdk::ErrorKind::case_file, "the problem has no separated form: " + reason, case_.solver.at.text(),
                     "write coefficients as sums of products of functions of parameters and of space, or use solver.type = \"fem\"");
  }
  reduced::ReducedBasis basis(problem_.form(), std::move(*separated), box,
                              {case_.linear.solver, case_.linear.preconditioner, 1e-13, case_.linear.absolute_tolerance,
                               case_.linear.max_iterations, case_.linear.petsc});
  log_.say(fmt::format("  separated form: {} operator terms, {} of the right-hand side, {} liftings; remainder {:.1e}",
                       basis.problem().operators.size(), basis.problem().rhs.num_columns(),
                       basis.problem().liftings.num_columns(), basis.problem().remainder));
  // greedy
  model_.emplace(basis.model());
  vectors_ = basis.basis();
  for (int k = 0; k < basis.problem().liftings.num_columns(); ++k) vectors_.append(basis.problem().liftings.column(k));
  io::write_model(case_.reduced.model, {fingerprint_, model_->data()}, problem_.dofs(), basis.basis(), basis.problem().liftings);
  log_.say("  model: " + std::filesystem::absolute(case_.reduced.model).string());
}

void ReducedSolve::load() {
  auto stored = io::read_model(discrete_.comm(), case_.reduced.model);
  if (stored.fingerprint != fingerprint_) {
    throw sdk::Error(sdk::ErrorKind::state,
                     "the model belongs to another problem: " + first_difference(stored.fingerprint, fingerprint_),
                     case_.reduced.model, "train again with --set study.type=train, or name another file in reduced.model");
  }
  vectors_ = io::read_model_vectors(case_.reduced.model, problem_.dofs());
  model_.emplace(std::move(stored.data));
  log_.say(fmt::format("  model: {} ({} basis functions)", case_.reduced.model, model_->size()));
}

Solution ReducedSolve::solve() {
  reduced::ReducedModel::Workspace work(*model_);
  const double start = MPI_Wtime();
  const auto result = model_->solve(problem_.parameters(), work);
  const double seconds = MPI_Wtime() - start;
  Solution solution{0.0, std::vector<double>(problem_.dofs().num_owned(), 0.0), std::nullopt};
  int j = 0;
  for (const double c : result.coefficients) linear::add_scaled(c, vectors_.column(j++), solution.values);
  for (const double l : result.liftings) linear::add_scaled(l, vectors_.column(j++), solution.values);
  std::vector<double> F(discrete_.size());
  discrete_.residual(0.0, solution.values, std::nullopt, F);
  residual_ = linear::norm(discrete_.comm(), F);
  log_.say(fmt::format("  reduced basis: {} functions, solved in {:.1f} us; error to the finite-element solution on this mesh in the "
                       "energy norm at the reference: at most {:.3e} (round-off {:.1e}, coercivity {:.3g})",
                       model_->size(), 1e6 * seconds, result.bound, result.round_off / result.stability, result.stability));
  log_.event("certificate", {{"size", std::int64_t{model_->size()}},
                             {"bound", result.bound},
                             {"residual_norm", result.residual_norm},
                             {"round_off", result.round_off},
                             {"stability", result.stability},
                             {"seconds_taken", seconds}});
  return solution;
}

}  // namespace ansatz::study
