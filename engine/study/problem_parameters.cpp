#include "engine/study/problem.hpp"

namespace ansatz::study {

void Problem::set_parameters(std::span<const double> parameters) {
  map_->apply(parameters, mesh_);
  if (!map_->expressions().empty()) dirichlet_->update_coordinates();
  parameters_.assign(parameters.begin(), parameters.end());
  form_->set_parameters(parameters_);
}

}  // namespace ansatz::study
