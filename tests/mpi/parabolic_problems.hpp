#pragma once
/// Problems in time with parameters for tests of reduced models, and their finite-element solutions.

#include <cmath>
#include <fstream>
#include <iterator>

#include "engine/reduced/in_time/parabolic_basis.hpp"
#include "tests/mpi/reduced_problems.hpp"
#include "tests/support/cases.hpp"

namespace ansatz::test {

/// The text of a case that the project ships.
inline std::string case_text(const std::string& name) {
  std::ifstream file(case_folder(name) + "/case.toml");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A case in time, its basis in space and in time.
class ParabolicFixture : public Fixture {
 public:
  explicit ParabolicFixture(const std::string& text,
                            const base::Communicator& comm = base::Communicator(MPI_COMM_WORLD))
      : Fixture(text, comm),
        space(problem.form(), separated(), box, reference, {}),
        basis(space, initial(), solvers::time_grid(parsed)),
        surrogate(basis, space.product().comm()) {}

  reduced::SeparatedProblem separated() {
    auto found = reduced::separate(problem.form(), problem.dirichlet(), box, reason, std::nullopt, true);
    if (!found) throw sdk::Error(sdk::ErrorKind::internal, reason);
    return std::move(*found);
  }
  reduced::SeparatedInitial initial() {
    return *reduced::separate_initial(problem.form(), problem.initial_values(), parsed.time->start, reason);
  }

  reduced::ReducedBasis space;
  reduced::ParabolicBasis basis;
  reduced::ParabolicGreedy surrogate;
};

/// All steps of the finite-element solution from the form itself, without any separation; with the prescribed values
/// and the initial values at these parameters. \param jump at the end of a step: this one sees what is before, the next
/// one what is behind. *Collective.*
inline reduced::Block fem_steps(ParabolicFixture& f, const std::vector<double>& mu, double jump = -1.0) {
  const auto& time = *f.parsed.time;
  const double theta = time.method == "crank_nicolson" ? 0.5 : 1.0;
  fem::DiscreteProblem discrete(f.problem.form(), f.problem.dirichlet(), {.solver = "direct"});
  f.problem.set_parameters(mu);
  std::vector<double> u(discrete.size(), 0.0), F(u.size()), old(u.size()), d(u.size()), rate(u.size());
  for (const auto& [field, component, value] : f.problem.initial_values()) {
    const auto& nodes = *f.problem.dofs().fields()[field].nodes;
    const auto nodal = fem::interpolate(f.problem.mesh(), nodes, value, time.start, mu, {});
    for (std::int32_t n = 0; n < nodes.num_owned; ++n) u[f.problem.dofs().node_dofs(field)[n] + component] = nodal[n];
  }
  discrete.prescribe(time.start, u);
  reduced::Block steps(u.size());
  steps.append(u);
  double t = time.start;
  for (std::int64_t k = 0; k < solvers::time_grid(f.parsed).steps; ++k) {
    const auto before = u;
    const bool jumps = std::abs(t + time.step - jump) < 1e-9;
    const double end = jumps ? std::nextafter(jump, time.start) : t + time.step;
    discrete.prescribe(end, u);
    for (std::size_t i = 0; i < u.size(); ++i) rate[i] = (u[i] - before[i]) / time.step;
    discrete.residual(end, u, fem::Rate(rate), F);
    if (theta < 1.0) discrete.residual(t, before, fem::Rate(rate), old);
    for (std::size_t i = 0; i < u.size(); ++i) F[i] = theta * F[i] + (1.0 - theta) * old[i];
    const auto& matrix = discrete.jacobian(t, u, fem::Rate(rate), {theta, 1.0 / time.step});
    discrete.solver(matrix).solve(F, d);
    linear::add_scaled(-1.0, d, u);
    t = jumps ? jump : t + time.step;
    if (jumps) discrete.prescribe(t, u);
    steps.append(u);
  }
  return steps;
}

/// Lifted reduced solution at all steps. Not collective.
inline reduced::Block lifted_steps(const ParabolicFixture& f, const reduced::ParabolicModel::Result& result,
                                   std::size_t size) {
  const auto num_steps = static_cast<std::size_t>(solvers::time_grid(f.parsed).steps);
  const std::size_t liftings = result.liftings.size() / (num_steps + 1);
  reduced::Block steps(f.problem.dofs().num_owned());
  for (std::size_t k = 0; k <= num_steps; ++k) {
    steps.append(
        f.space.lift(result.coefficients.subspan(k * size, size), result.liftings.subspan(k * liftings, liftings)));
  }
  return steps;
}

inline reduced::Block difference(reduced::Block a, const reduced::Block& b) {
  for (int k = 0; k < a.num_columns(); ++k) linear::add_scaled(-1.0, b.column(k), a.column(k));
  return a;
}

/// max |entry| over all ranks. *Collective.*
inline double largest(const base::Communicator& comm, const reduced::Block& block) {
  double value = 0.0;
  for (const double x : block.values()) value = std::max(value, std::abs(x));
  return comm.max(value);
}

}  // namespace ansatz::test
