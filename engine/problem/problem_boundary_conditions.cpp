/// Boundary conditions of a case: prescribed values, and boundary terms with their coefficients.
#include <fmt/format.h>

#include <algorithm>

#include "engine/input/case_parser.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/problem/mesh_names.hpp"
#include "engine/problem/problem_binder.hpp"

namespace ansatz::problem {

/// *Collective.* \throws sdk::Error where facets have cells on both sides, and so two normals.
void Problem::Binder::check_one_side(const mesh::EntitySet& set, const input::Location& at) const {
  const auto& outside = p_.mesh_.sets.at("all").facets;
  const auto inside =
      std::ranges::count_if(set.facets, [&](const auto& facet) { return !std::ranges::binary_search(outside, facet); });
  if (p_.mesh_.comm.sum(std::int64_t{inside}) == 0) return;
  throw sdk::Error(sdk::ErrorKind::case_file,
                   "the boundary has facets inside the domain, where the normal has two directions", at.text(),
                   "use the normal on the outer boundary only");
}

void Problem::Binder::add_boundary_term(const std::string& name, const input::BoundarySpec& spec,
                                        const GivenCoefficients& given, fem::FormDefinition& definition) {
  const auto& set = set_named(p_.mesh_, name, spec.at);
  if (set.dimension != dim_ - 1) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("boundary terms need facets, but \"{}\" has dimension {}", name, set.dimension),
                     spec.at.text(), "prescribe values of fields there instead");
  }
  fem::BoundaryTerm term{name, set.facets, {}};
  for (std::size_t r = 0; r < p_.mesh_.region_names.size(); ++r) {
    const auto symbols = coefficient_symbols(p_.mesh_.region_names[r]);
    std::vector<sdk::Expression> table;
    std::size_t at = 0;
    for (const auto& info : info_.coefficients) {
      const auto found =
          std::find_if(given.begin(), given.end(), [&](const auto& entry) { return entry.first == &info; });
      if (found != given.end()) {
        const auto known = static_cast<std::ptrdiff_t>(table.size());  // less than `at` beside mistakes
        append(info, *found->second, symbols, table, Place::facets);
        const bool uses_normals =
            std::any_of(table.begin() + known, table.end(), [&](const auto& e) { return has_normals(e); });
        if (uses_normals) check_one_side(set, spec.at);
      } else {
        const auto n = static_cast<std::size_t>(sdk::num_components(info.shape, dim_));
        const auto& domain = definition.coefficients[r];
        for (std::size_t k = 0; k < n && at + k < domain.size(); ++k) table.push_back(domain[at + k]);
      }
      at += sdk::num_components(info.shape, dim_);
    }
    term.coefficients.push_back(std::move(table));
  }
  definition.boundary.push_back(std::move(term));
}

void Problem::Binder::add_boundary(const input::BoundarySpec& spec, fem::FormDefinition& definition) {
  std::vector<std::string> names;
  for (const auto& name : spec.on) {
    collect([&] {
      const auto& set = set_named(p_.mesh_, name, spec.at);
      names.push_back(name);
      if (case_.solver.order > 1 && has_edges_between_points(p_.mesh_, set)) {
        p_.mesh_.warnings.push_back(fmt::format(
            "\"{}\" is a set of points: the nodes of order {} between them are free", name, case_.solver.order));
      }
    });
  }
  const auto symbols = case_symbols(case_, dim_);
  GivenCoefficients coefficients;
  for (const auto& [key, value] : spec.values) {
    collect([&] {
      const auto targets = resolve_field(key, value, true);
      for (const auto& [field, component, text] : targets) {
        const auto expression = compile(text, symbols, value.at);
        for (const auto& name : names) conditions_.push_back({name, field, component, expression});
      }
      if (!targets.empty()) return;
      for (const auto& info : info_.coefficients) {
        if (info.on_boundary && info.name == key) coefficients.emplace_back(&info, &value);
      }
    });
  }
  if (coefficients.empty()) return;
  for (const auto& name : names) collect([&] { add_boundary_term(name, spec, coefficients, definition); });
}

}  // namespace ansatz::problem
