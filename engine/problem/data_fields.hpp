#pragma once
/// `[data]`: fields of other runs on the mesh of this one.

#include <string>
#include <vector>

#include "engine/fem/assembly/form_definition.hpp"
#include "engine/input/case.hpp"
#include "engine/io/fields/field_source.hpp"
#include "engine/plugin/registry.hpp"

namespace ansatz::problem {

/// The owned nodes with their places where the mesh is now. Not collective.
io::FieldPoints owned_nodes(const mesh::Mesh& mesh, const mesh::NodeMap& nodes);

/// Values of the fields of `[data]`, by position, at the nodes (of the solver's order) where the mesh is now, in the
/// order of the names. *Collective.* \throws Error of kind state as io::FieldSource, of kind case_file for a component
/// that a field does not have.
std::vector<fem::DataField> read_data_fields(const input::Case& parsed, const mesh::Mesh& mesh,
                                             const plugin::Registry& registry);

/// A line for each field of `[data]` with the checksum of what its file holds, for fingerprints. *Collective.*
std::string data_checksums(const input::Case& parsed, const base::Communicator& comm, const plugin::Registry& registry);

}  // namespace ansatz::problem
