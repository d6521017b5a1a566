#pragma once
/// `[data]`: fields of other runs on the mesh of this one.

#include <vector>

#include "engine/fem/form_definition.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/study/case.hpp"

namespace ansatz::study {

/// Values of the fields of `[data]`, by position, at the nodes (of the solver's order) where the mesh is now, in the order of
/// the names. *Collective.* \throws Error of kind state as io::FieldSource, of kind case_file for a component that a field
/// does not have.
std::vector<fem::DataField> read_data_fields(const Case& parsed, const mesh::Mesh& mesh, const plugin::Registry& registry);

}  // namespace ansatz::study
