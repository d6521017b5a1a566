#include "engine/fem/assembly/form_integrals.hpp"

#include <algorithm>
#include <array>

#include "engine/fem/assembly/facet_sets.hpp"
#include "engine/fem/assembly/kernel_faults.hpp"
#include "engine/fem/assembly/point_loader.hpp"

namespace ansatz::fem {
namespace {

bool depends(const std::vector<sdk::Expression>& table, sdk::SymbolKind kind) {
  return std::any_of(table.begin(), table.end(), [kind](const auto& e) { return e.depends_on(kind); });
}

/// c + e g, or c where there is no g.
std::vector<sdk::Expression> moved(std::vector<sdk::Expression> table, const std::vector<sdk::Expression>* directions,
                                   double e) {
  for (std::size_t k = 0; directions != nullptr && k < table.size(); ++k) {
    const auto& direction = (*directions)[k];
    if (direction.constant_value() == 0.0) continue;
    table[k] = sdk::linear_combination(std::array{1.0, e}, std::array{table[k], direction});
  }
  return table;
}

/// Batches are in the order of the regions.
std::span<const Batch> of_region(std::span<const Batch> batches, int region) {
  const auto found = std::ranges::equal_range(batches, region, {}, &Batch::region);
  return {found.begin(), found.end()};
}

}  // namespace

std::vector<sdk::Expression> Integral::moved_coefficients(double e) const {
  return moved(*coefficients, directions, e);
}

FormIntegrals::FormIntegrals(const FormDefinition& definition, const sdk::PointKernels& kernels)
    : definition_(definition), kernels_(kernels), dofs_(*definition.dofs), mesh_(dofs_.mesh()) {
  for (const auto& field : dofs_.fields()) degree_ = std::max(degree_, field.nodes->degree);
  add_cells();
  for (const auto& term : definition.boundary) add_boundary(term);
}

bool FormIntegrals::touches_owned(std::int32_t cell) const {
  for (int f = 0; f < dofs_.num_fields(); ++f) {
    const auto& nodes = *dofs_.fields()[f].nodes;
    for (int a = 0; a < nodes.nodes_per_cell; ++a) {
      if (dofs_.cell_node(f, cell, a) < nodes.num_owned) return true;
    }
  }
  return false;
}

int FormIntegrals::full_degree(const std::vector<sdk::Expression>& table, const sdk::FormStructure& structure) const {
  if (!definition_.quadrature_degrees.empty()) return definition_.quadrature_degrees[list_.size()];
  if (definition_.quadrature_degree) return *definition_.quadrature_degree;
  using sdk::SymbolKind;
  const bool varies = depends(table, SymbolKind::position) || depends(table, SymbolKind::field) ||
                      depends(table, SymbolKind::data) || !structure.linear;
  return 2 * degree_ + (varies ? 2 : 0) + (mesh_.geometry_degree > 1 ? 2 : 0);
}

void FormIntegrals::add_cells() {
  const auto& info = definition_.physics->info();
  const auto batches = keep(cell_batches(mesh_, [this](std::int32_t cell) { return touches_owned(cell); }));
  for (std::size_t r = 0; r < mesh_.region_names.size(); ++r) {
    Integral integral;
    integral.name = "region \"" + mesh_.region_names[r] + "\"";
    integral.coefficients = &definition_.coefficients[r];
    if (!definition_.directions.empty()) integral.directions = &definition_.directions[r];
    const auto coefficients = integral.moved_coefficients();
    integral.data = data_used(coefficients);
    integral.batches = of_region(batches, static_cast<int>(r));
    integral.structure = named(info, integral.name, [&] { return kernels_.structure(coefficients); });
    integral.degree = full_degree(coefficients, integral.structure);
    if (mesh_.affine() && integral.structure.uniform) {
      integral.gradient_degree = std::min(2 * (degree_ - 1), integral.degree);
    }
    list_.push_back(std::move(integral));
  }
}

void FormIntegrals::add_boundary(const BoundaryTerm& term) {
  const auto& info = definition_.physics->info();
  const auto directions = [&](std::size_t r) { return term.directions.empty() ? nullptr : &term.directions[r]; };
  bool tests_gradient = false;
  for (std::size_t r = 0; r < term.coefficients.size(); ++r) {
    tests_gradient |= kernels_.boundary_structure(moved(term.coefficients[r], directions(r), 1.0)).tests_gradient;
  }
  std::vector<mesh::Facet> facets = tests_gradient ? facets_of_local_cells(mesh_, term.facets) : term.facets;
  std::erase_if(facets, [this](const auto& facet) { return !touches_owned(facet.cell); });
  const auto batches = keep(facet_batches(mesh_, facets));
  for (std::size_t r = 0; r < mesh_.region_names.size(); ++r) {
    Integral integral;
    integral.name = "boundary \"" + term.name + "\"";
    integral.coefficients = &term.coefficients[r];
    integral.directions = directions(r);
    const auto coefficients = integral.moved_coefficients();
    integral.data = data_used(coefficients);
    integral.on_boundary = true;
    integral.batches = of_region(batches, static_cast<int>(r));
    integral.structure = named(info, integral.name, [&] { return kernels_.boundary_structure(coefficients); });
    integral.degree = full_degree(coefficients, integral.structure);
    list_.push_back(std::move(integral));
  }
}

AlgebraicFields find_algebraic_fields(const FormDefinition& definition, const sdk::PointKernels& kernels,
                                      const std::vector<Integral>& integrals) {
  const auto& dofs = *definition.dofs;
  std::uint64_t columns = 0, rows = 0;  // components of which, and in whose equations, rates occur
  const auto scan = [&](const sdk::FormStructure& structure) {
    const auto slots = structure.depends.size(), per_component = slots / dofs.num_components();
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const auto rates = structure.depends[slot] >> slots;
      columns |= rates;
      if (rates != 0) rows |= std::uint64_t{1} << (slot / per_component);
    }
  };
  for (const auto& integral : integrals) {
    scan(integral.structure);
    if (definition.stabilise && !integral.on_boundary)
      scan(kernels.stabilisation_structure(integral.moved_coefficients()));
  }
  AlgebraicFields found;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const auto own = ((std::uint64_t{1} << dofs.fields()[f].components) - 1) << dofs.component_offset(f);
    if ((columns & own) != 0) continue;
    found.fields.push_back(f);
    found.have_rates |= (rows & own) != 0;
  }
  return found;
}

}  // namespace ansatz::fem
