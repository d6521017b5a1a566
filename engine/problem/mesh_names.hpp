#pragma once
/// Regions and boundaries of a mesh by the names in a case.

#include <string>

#include "engine/input/case.hpp"
#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::problem {

/// Number of a region. Not collective. \throws Error of kind case_file: no such region, or one that cannot be used.
int region_named(const mesh::Mesh& mesh, const std::string& name, const input::Location& at);

/// A set of facets, edges or points. Not collective. \throws Error of kind case_file: no such set, or one that cannot
/// be used.
const mesh::EntitySet& set_named(const mesh::Mesh& mesh, const std::string& name, const input::Location& at);

/// Whether a set of points has both ends of an edge of a cell, so that nodes of order 2 lie between them. *Collective.*
bool has_edges_between_points(const mesh::Mesh& mesh, const mesh::EntitySet& set);

}  // namespace ansatz::problem
