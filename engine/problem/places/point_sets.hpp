#pragma once
/// Points of the sites of a problem. Which points there are does not depend on the number of ranks; each is on the rank
/// that owns its cell, and the points of a cell follow each other.
///
/// `data` has fem::num_data() numbers a point: the fields of [data], and behind these, where boundary coefficients of
/// the case use them, the components of the outward normal (0 in cells), as expressions number them.

#include <cstdint>
#include <span>
#include <vector>

#include "ansatz/sdk/parameters.hpp"
#include "engine/problem/places/sites.hpp"

namespace ansatz::problem {

/// Points of a site, `sampling.size` of them over all ranks, whose weights sum to its measure.
///
/// In volumes "sobol", "halton", "lattice" and "random" fill the bounding box of the site, and what lies in the site is
/// taken; the weights are equal. "grid" has the middles of size^dim equal parts of the box, those that lie in the site:
/// in a box all. Facets, "latin_hypercube" and sites that fill less than a twentieth of their box get points
/// (s, xi) of the unit cube: s picks the cell or facet whose share of the measure of all (by id of cell) it falls
/// into, xi the place in it, by a map from the cube to the reference cell that keeps volumes. The weights are equal in
/// affine cells; in others they are those times the ratio of the volume element there to its mean. A grid on lines is
/// `size` points that divide them evenly, on surfaces size^2 points of a lattice.
///
/// Sobol's and Halton's points are scrambled (Owen), lattices are shifted, by the seed.
/// \throws sdk::Error of kind parameter, on all ranks, for no such site or method, fewer than one point, or more than a
/// lattice has. *Collective.*
sdk::PointSet sample(const Problem& problem, const Sites& sites, int site, const sdk::Sampling& sampling);

/// Points of a rule that is exact for polynomials of this degree on affine cells and their facets (see
/// fem::quadrature()), with the volume or surface elements in the weights.
/// \throws sdk::Error of kind parameter, on all ranks, for no such site, or a degree below 0 or above 40.
/// *Collective.*
sdk::PointSet quadrature(const Problem& problem, const Sites& sites, int site, int degree);

/// The points of this rank's cells among given ones. A point that several cells contain (to 1e-6 in reference
/// coordinates) belongs to the one with the lowest id. They are of no site: `site` is -1, and there are no normals or
/// weights.
/// \param positions (n, dim) [m], the same on all ranks
/// \param numbers out: which of them the points of the result are
/// \throws sdk::Error of kind parameter, on all ranks, with the first position that is outside of the mesh.
/// *Collective.*
sdk::PointSet locate(const Problem& problem, std::span<const double> positions, std::vector<std::int64_t>& numbers);

}  // namespace ansatz::problem
