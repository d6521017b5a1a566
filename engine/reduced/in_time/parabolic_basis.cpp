#include "engine/reduced/in_time/parabolic_basis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/linear/solvers/symmetric_pair.hpp"
#include "engine/reduced/algebra/lift.hpp"
#include "engine/reduced/algebra/orthonormal.hpp"
#include "engine/reduced/algebra/pod.hpp"

namespace ansatz::reduced {
namespace {

constexpr double new_enough = 1e-12;  // part of a trajectory outside the basis, relative

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw sdk::Error(sdk::ErrorKind::case_file, what, "reduced basis in time", hint);
}

std::vector<const linear::SparseMatrix*> pointers(
    const std::vector<std::shared_ptr<const linear::SparseMatrix>>& matrices) {
  std::vector<const linear::SparseMatrix*> out;
  for (const auto& matrix : matrices) out.push_back(matrix.get());
  return out;
}

std::vector<double> with_time(std::span<const double> mu, double t) {
  std::vector<double> point(mu.begin(), mu.end());
  point.push_back(t);
  return point;
}

/// S := S - V V^T X S, twice.
void subtract_projection(const InnerProduct& X, const Block& basis, Block& S) {
  for (int pass = 0; pass < 2 && basis.num_columns() > 0; ++pass) {
    const Block projection = lift(basis, X.gram(basis, S));
    for (int k = 0; k < S.num_columns(); ++k) linear::add_scaled(-1.0, projection.column(k), S.column(k));
  }
}

}  // namespace

ParabolicBasis::ParabolicBasis(ReducedBasis& space, SeparatedInitial initial, TimeGrid grid)
    : space_(space),
      initial_(std::move(initial)),
      comm_(space.product().comm()),
      reference_mass_(
          std::make_shared<linear::SparseMatrix>(comm_, space.X().shared_pattern(), space.X().block_size())),
      A_(comm_, space.X().shared_pattern(), space.X().block_size()),
      M_(comm_, space.X().shared_pattern(), space.X().block_size()),
      system_(comm_, space.X().shared_pattern(), space.X().block_size()),
      solver_(space.repeated_solver(space.symmetric_terms().all_symmetric())),
      conditions_({&space.problem().rhs_thetas, &space.problem().rate_thetas, &space.problem().lifting_thetas},
                  static_cast<int>(space.model().data().box.size())) {
  time_.grid = std::move(grid);
  time_.initial_thetas = initial_.thetas;
  check();
  const auto& problem = space_.problem();
  time_.mass_reference = problem.mass_thetas(space_.model().data().reference);
  linear::combine(time_.mass_reference, pointers(problem.masses), space_.form().constrained(), 1.0, *reference_mass_);
  project_initial();
}

void ParabolicBasis::check() const {
  const auto& problem = space_.problem();
  const auto& method = time_.grid.method;
  if (method != "backward_euler" && method != "crank_nicolson") {
    refuse("the bound of a reduced basis is not proved for the method \"" + method + "\"",
           "set time.method = \"backward_euler\" or \"crank_nicolson\", or solver.type = \"fem\"");
  }
  if (problem.masses.empty()) refuse("there are no rates in the equations", "remove the section [time]");
  if (!space_.form().algebraic_fields().empty()) {
    const int f = space_.form().algebraic_fields().front();
    refuse("the field " + space_.form().dofs().fields()[f].name + " has no rate", "use solver.type = \"fem\"");
  }
  for (std::size_t q = 0; q < problem.masses.size(); ++q) {
    const auto term =
        "the mass's term with the factor " + problem.mass_thetas.text(problem.mass_thetas.terms()[q].first);
    const std::string hint = "write it with positive terms, or use solver.type = \"fem\"";
    if (!(problem.mass_thetas.range(static_cast<int>(q), space_.model().data().box).first > 0.0)) {
      refuse(term + " is not positive for all parameters of the box", hint);
    }
    const auto& facts = problem.mass_facts.at(q);
    if (!facts.symmetric) refuse(term + " is not known to be symmetric", "use solver.type = \"fem\"");
    if (facts.semidefinite == fem::Semidefinite::unknown)
      refuse(term + " is not known to be positive semidefinite", hint);
  }
}

/// Projects the initial terms orthogonally in M(reference), and keeps what is left of them.
void ParabolicBasis::project_initial() {
  const int n = space_.size(), count = initial_.terms.num_columns();
  const auto M = InnerProduct::matrix(comm_, reference_mass_);
  Block left = initial_.terms;
  time_.initial = Dense(n, count);
  time_.initial_norms.clear();
  for (int q = 0; q < count; ++q) time_.initial_norms.push_back(M.norm(initial_.terms.column(q)));
  if (n > 0) {
    const Lu mass(M.gram(space_.basis(), space_.basis()));
    for (int pass = 0; pass < 2; ++pass) {
      Dense c = M.gram(space_.basis(), left);
      for (int q = 0; q < count; ++q) {
        mass.solve(c.column(q));
        linear::add_scaled(1.0, c.column(q), time_.initial.column(q));
        add_lifted(-1.0, space_.basis(), c.column(q), left.column(q));
      }
    }
  }
  Block orthonormal(left.num_rows());
  std::vector<std::vector<double>> columns;
  for (int q = 0; q < count; ++q) {
    auto parts = orthogonalise(M, orthonormal, left.column(q));
    columns.push_back(std::move(parts.coefficients));
    if (parts.dependent) continue;
    orthonormal.append(left.column(q));
    columns.back().push_back(parts.remainder);
  }
  time_.initial_error = Dense(orthonormal.num_columns(), count);
  for (int q = 0; q < count; ++q) std::ranges::copy(columns[q], time_.initial_error.column(q).begin());
}

void ParabolicBasis::set_matrices(std::span<const double> mu) {
  const auto& problem = space_.problem();
  const auto& constrained = space_.form().constrained();
  linear::combine(problem.operator_thetas(mu), pointers(problem.operators), constrained, 0.0, A_);
  linear::combine(problem.mass_thetas(mu), pointers(problem.masses), constrained, 0.0, M_);
}

std::vector<double> ParabolicBasis::step_rhs(std::span<const double> mu, double before, double now,
                                             std::span<const double> v) const {
  const auto& problem = space_.problem();
  const double theta = time_.grid.implicitness(), shift = 1.0 / time_.grid.step;
  std::vector<double> rhs(v.size()), term(v.size());
  M_.multiply(v, rhs);
  for (double& x : rhs) x *= shift;
  if (theta < 1.0) {
    A_.multiply(v, term);
    linear::add_scaled(theta - 1.0, term, rhs);
  }
  const auto first = with_time(mu, before), second = with_time(mu, now);
  const auto b = problem.rhs_thetas(first), c = problem.rhs_thetas(second);
  for (std::size_t q = 0; q < b.size(); ++q) {
    linear::add_scaled((1.0 - theta) * b[q] + theta * c[q], problem.rhs.column(static_cast<int>(q)), rhs);
  }
  const auto g = problem.rate_thetas(first), h = problem.rate_thetas(second);
  for (std::size_t q = 0; q < g.size(); ++q)
    linear::add_scaled(shift * (h[q] - g[q]), problem.rate_rhs.column(static_cast<int>(q)), rhs);
  return rhs;
}

Block ParabolicBasis::trajectory(std::span<const double> mu) {
  const auto& grid = time_.grid;
  set_matrices(mu);
  linear::combine(std::vector{1.0 / grid.step, grid.implicitness()}, std::vector<const linear::SparseMatrix*>{&M_, &A_},
                  space_.form().constrained(), 1.0, system_);
  solver_.set_operator(system_);
  std::vector<double> v(space_.form().dofs().num_owned(), 0.0);
  add_lifted(1.0, initial_.terms, initial_.thetas(with_time(mu, grid.start)), v);
  Block steps(v.size());
  steps.append(v);
  StepTimes times;
  set_step_times(grid, conditions_.changes(mu, grid.start, grid.end), times);
  for (std::int64_t k = 0; k < grid.steps; ++k) {
    const auto rhs = step_rhs(mu, times.after[k], times.before[k + 1], v);
    const auto solved = solver_.solve(rhs, v, true);
    const double size = linear::norm(comm_, rhs);
    if (size > 0.0) space_.note_solver_level(solved.final_norm / size);
    steps.append(v);
  }
  return steps;
}

double ParabolicBasis::norm(std::span<const double> mu, const Block& errors) {
  set_matrices(mu);
  const double theta = time_.grid.implicitness();
  const auto last = errors.column(errors.num_columns() - 1);
  std::vector<double> product(last.size()), mean(last.size());
  M_.multiply(last, product);
  double sum = linear::dot(comm_, last, product);
  for (int k = 1; k < errors.num_columns(); ++k) {
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] = theta * errors.column(k)[i] + (1.0 - theta) * errors.column(k - 1)[i];
    A_.multiply(mean, product);
    sum += time_.grid.step * linear::dot(comm_, mean, product);
  }
  return std::sqrt(std::max(0.0, sum));
}

double ParabolicBasis::true_error(std::span<const double> mu, const Block& solution) {
  const auto present = model();
  ParabolicModel::Workspace work(present);
  const auto result = present.solve(mu, work);
  Block errors = solution;
  const auto n = static_cast<std::size_t>(space_.size());
  for (int k = 0; k < errors.num_columns(); ++k)
    add_lifted(-1.0, space_.basis(), result.coefficients.subspan(k * n, n), errors.column(k));
  return norm(mu, errors);
}

bool ParabolicBasis::extend(std::span<const double> mu) {
  const auto& X = space_.product();
  Block left = trajectory(mu);
  const double error = true_error(mu, left);
  double size = 0.0;
  for (int k = 0; k < left.num_columns(); ++k) size = std::hypot(size, X.norm(left.column(k)));
  subtract_projection(X, space_.basis(), left);
  auto found = pod(X, std::move(left), {.num_modes = 1});
  if (found.modes.num_columns() == 0 || found.singular_values[0] <= new_enough * size) return false;
  const auto mode = found.modes.column(0);
  if (!space_.extend_by({mode.begin(), mode.end()})) return false;
  project_initial();
  errors_.push_back(error);
  return true;
}

std::vector<double> ParabolicGreedy::evaluate(const sampling::TrainingSet& points) {
  const auto model = basis_.model();
  ParabolicModel::Workspace work(model);
  return sampling::shared_values(comm_, points,
                                 [&](std::span<const double> mu) { return model.solve(mu, work).bound; });
}

}  // namespace ansatz::reduced
