#include "ansatz/sdk/plugin.hpp"

#include "solver.hpp"

namespace {
void register_all(ansatz::sdk::Registrar& registrar) {
  registrar.add_solver(pod_regression::solver_info(),
                       [](const ansatz::sdk::Problem& problem, const ansatz::sdk::ParameterSet& options) {
                         return std::make_unique<pod_regression::PodRegression>(problem, options);
                       });
}
}  // namespace

ANSATZ_PLUGIN("pod_regression", "1.0.0", "Ansatz", "BSD-3-Clause",
              "modes of solutions, coefficients by regression over the parameters", register_all)
