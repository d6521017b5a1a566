#pragma once
/// A number that tells meshes apart.

#include <cstdint>

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::mesh {

/// Checksum over cells with their regions and the coordinates of their points: the same on any number of ranks and for
/// any order of the cells, and another one (but for 1 in 2^64) where one bit of them differs. *Collective.*
std::uint64_t checksum(const Mesh& mesh);
/// The same with these coordinates of the points, shape (num_points, dim). *Collective.*
std::uint64_t checksum(const Mesh& mesh, std::span<const double> points);

}  // namespace ansatz::mesh
