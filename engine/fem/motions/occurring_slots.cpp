#include "engine/fem/motions/occurring_slots.hpp"

#include <algorithm>

namespace ansatz::fem {

OccurringSlots::OccurringSlots(DiscreteProblem& problem, const mesh::Pieces& parts)
    : slots_(1 + problem.dofs().mesh().dim), num_components_(problem.dofs().num_components()) {
  const auto num_parts = static_cast<std::size_t>(parts.count);
  std::vector<Slots> mine(num_parts);
  const auto& form = problem.form().definition();
  const auto& mesh = problem.dofs().mesh();
  const auto& kernels = form.physics->kernels(mesh.dim);
  const auto& part_of_cells = parts.of_cell;
  const auto all_slots = [&](const sdk::FormStructure& structure) {
    Slots slots;
    for (std::size_t i = 0; i < structure.depends.size(); ++i) {
      slots.any |= structure.depends[i];
      if (i % slots_ == 0) slots.in_values |= structure.depends[i];
    }
    return slots;
  };
  base::agree(problem.comm(), [&] {
    std::vector<Slots> of_region;
    for (const auto& table : form.coefficients) {
      of_region.push_back(all_slots(kernels.structure(table)));
      if (form.stabilise) of_region.back() |= all_slots(kernels.stabilisation_structure(table));
    }
    for (std::int32_t c = 0; c < mesh.num_cells(); ++c) mine[part_of_cells[c]] |= of_region[mesh.cell_region[c]];
    for (const auto& term : form.boundary) {
      std::ranges::transform(term.coefficients, of_region.begin(),
                             [&](const auto& table) { return all_slots(kernels.boundary_structure(table)); });
      for (const auto& facet : term.facets) mine[part_of_cells[facet.cell]] |= of_region[mesh.cell_region[facet.cell]];
    }
  });
  used_.assign(num_parts, {});
  const auto all = problem.comm().gather_all(std::span<const Slots>(mine));
  for (std::size_t i = 0; i < all.size(); ++i) used_[i % num_parts] |= all[i];
}

}  // namespace ansatz::fem
