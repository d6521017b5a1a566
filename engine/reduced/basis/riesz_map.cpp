#include "engine/reduced/basis/riesz_map.hpp"

#include <algorithm>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::reduced {
namespace {

constexpr std::int64_t largest_factorised = 100'000;

/// A matrix that is solved with many times is worth a factorisation where it fits; on one rank CHOLMOD's takes 4 ms to
/// solve with at 20,000 unknowns, MUMPS's 12 ms.
linear::KrylovOptions for_repetition(const base::Communicator& comm, linear::KrylovOptions options,
                                     std::int64_t num_unknowns, bool symmetric) {
  if (!options.solver.empty() || !options.preconditioner.empty() || num_unknowns >= largest_factorised) return options;
  options.solver = "direct";
  // CHOLMOD is for symmetric matrices.
  if (symmetric && comm.size() == 1) options.petsc = "-pc_factor_mat_solver_type cholmod " + options.petsc;
  return options;
}

}  // namespace

linear::KrylovSolver repeated_solver(const fem::Form& form, const linear::KrylovOptions& options, bool symmetric) {
  const auto& comm = form.dofs().mesh().comm;
  linear::KrylovSolver solver(comm, for_repetition(comm, options, form.dofs().num_global(), symmetric), symmetric);
  auto modes = fem::near_null_modes(form.dofs(), form.definition().physics->info());
  if (!modes.empty()) solver.set_near_null_space(std::move(modes));
  return solver;
}

RieszMap::RieszMap(const fem::Form& form, const linear::KrylovOptions& options)
    : comm_(form.dofs().mesh().comm), solver_(repeated_solver(form, options, true)) {}

std::vector<double> RieszMap::operator()(std::span<const double> functional) {
  std::vector<double> g(functional.size());
  const double size = linear::norm(comm_, functional);
  const auto solved = solver_.solve(functional, g);
  if (size > 0.0) level_ = std::max(level_, solved.final_norm / size);
  return g;
}

}  // namespace ansatz::reduced
