#include "engine/certify/mesh_share.hpp"

#include <algorithm>
#include <cmath>

#include "engine/adjoint/steady_adjoint.hpp"
#include "engine/linear/matrices/transposed_product.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::certify {
namespace {

constexpr double safety = 2.0;  // of the mesh's part

bool is_no_estimate(const sdk::Error& error) {
  return error.kind() == sdk::ErrorKind::solver || error.kind() == sdk::ErrorKind::not_finite ||
         error.kind() == sdk::ErrorKind::parameter;
}

/// Margins of quantities, one after the other.
class Margins {
 public:
  Margins(const solvers::CaseProblem& of_case, estimation::Enriched& enriched, const sdk::Solution& solution)
      : problem_(of_case.problem()),
        comm_(problem_.mesh().comm),
        enriched_(enriched),
        solution_(solution),
        adjoint_(problem_, adjoint::exact_options(of_case.linear_options()), solution.values),
        fine_slopes_(enriched.problem()),
        F2_(enriched.linearise(solution.values)),
        F_(solution.values.size()) {
    fine_.values = enriched.start();
    fine_.parameters = solution.parameters;
    adjoint_.discrete().residual(0.0, solution.values, std::nullopt, F_);
    // The field of the richer space.
    step_ = enriched.space().prolong(solution.values);
    linear::add_scaled(1.0, enriched.error(), step_);
    const sdk::Solution richer{.values = step_, .parameters = solution.parameters};
    for (const auto& value : quantities::evaluate_quantities(enriched.problem(), enriched.discrete(), richer, nullptr))
      richer_.push_back(value.value);
    linear::add_scaled(-1.0, fine_.values, step_);
  }

  quantities::Margin of(std::size_t quantity) {
    const auto here =
        adjoint::quantity_slopes(problem_, adjoint_.discrete(), adjoint_.equations(), solution_, quantity);
    if (!here.problem.empty()) return {.problem = here.problem};
    const auto there =
        adjoint::quantity_slopes(enriched_.problem(), enriched_.discrete(), fine_slopes_, fine_, quantity);
    if (!there.problem.empty()) return {.problem = there.problem};
    const auto z = adjoint_.solve(here.slopes.unknowns).z;
    auto lifted = enriched_.space().prolong(z);
    const auto& constrained = enriched_.discrete().constrained();
    std::vector<double> right(lifted.size());
    linear::multiply_transposed(enriched_.discrete().last_jacobian(), lifted, right);
    for (std::size_t i = 0; i < right.size(); ++i)
      right[i] = constrained[i] != 0 ? 0.0 : there.slopes.unknowns[i] - right[i];
    linear::add_scaled(1.0, enriched_.solve(right, true), lifted);
    // What is left of a quantity beside its tangent: all there is of an energy, whose slope at the solution is zero.
    const double curved = richer_[quantity] - there.value - linear::dot(comm_, there.slopes.unknowns, step_);
    const double total = there.value - here.value - linear::dot(comm_, lifted, F2_) + curved;
    const double of_ansatz = -linear::dot(comm_, z, F_);
    return {.mesh = safety * std::abs(total - of_ansatz), .ansatz = std::abs(of_ansatz)};
  }

 private:
  problem::Problem& problem_;
  const base::Communicator& comm_;
  estimation::Enriched& enriched_;
  const sdk::Solution& solution_;
  adjoint::SteadyAdjoint adjoint_;
  adjoint::ResidualSlopes fine_slopes_;
  std::vector<double> F2_, F_;
  sdk::Solution fine_;
  std::vector<double> step_;    ///< from u* to the field of the richer space
  std::vector<double> richer_;  ///< quantities of that
};

}  // namespace

MeshShare mesh_share(const solvers::CaseProblem& of_case, const sdk::Solution& solution,
                     std::vector<quantities::QuantityValue>& values) {
  MeshShare share;
  try {
    const auto discrete = of_case.make_discrete();
    estimation::Enriched enriched(of_case.problem(), *discrete, of_case.registry(), of_case.linear_options());
    share.estimate = enriched.estimate(solution.values);
    share.size = enriched.size(solution.values);
    Margins margins(of_case, enriched, solution);
    for (std::size_t k = 0; k < values.size(); ++k) values[k].margin = margins.of(k);
  } catch (const sdk::Error& error) {
    if (!is_no_estimate(error)) throw;
    share.problem = error.what();
  }
  return share;
}

}  // namespace ansatz::certify
