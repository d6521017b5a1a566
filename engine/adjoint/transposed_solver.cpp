#include "engine/adjoint/transposed_solver.hpp"

#include <algorithm>

#include "engine/fem/forms/constraint_operators.hpp"
#include "engine/linear/matrices/transposed_product.hpp"

namespace ansatz::adjoint {

linear::KrylovOptions exact_options(linear::KrylovOptions options) {
  constexpr double tolerance = 1e-12;
  options.relative_tolerance = std::min(options.relative_tolerance, tolerance);
  options.absolute_tolerance = 0.0;
  return options;
}

void TransposedSolver::solve(const linear::SparseMatrix& J, std::span<const double> b, std::span<double> x) {
  if (discrete_.form().symmetric()) return (void)discrete_.solver(J).solve(b, x);
  if (of_ != &J || version_ != J.version()) {
    auto next = linear::transposed(J);
    if (!solver_) {
      auto options = discrete_.linear_options();
      const bool has_multipliers = fem::has_constraints(discrete_.form());
      if (has_multipliers && (options.preconditioner.empty() || options.preconditioner == "pcd")) {
        options.solver = "direct";
        options.preconditioner.clear();
      }
      solver_.emplace(discrete_.comm(), options, false);
      const auto fields = discrete_.fields();
      solver_->set_fields({fields.count, fields.of, {}});
      solver_->set_dimension(discrete_.dofs().mesh().dim);
      auto modes = fem::near_null_modes(discrete_.dofs(), discrete_.form().definition().physics->info());
      if (!modes.empty()) solver_->set_near_null_space(std::move(modes));
    }
    solver_->set_operator(*next);
    transpose_ = std::move(next);
    of_ = &J;
    version_ = J.version();
  }
  solver_->solve(b, x);
}

}  // namespace ansatz::adjoint
