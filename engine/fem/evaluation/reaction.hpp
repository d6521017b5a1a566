#pragma once
/// What it takes to prescribe values: reactions (fluxes, forces) of sets of a mesh.

#include <array>
#include <map>
#include <vector>

#include "engine/fem/assembly/point_loader.hpp"
#include "engine/fem/forms/boundary_conditions.hpp"

namespace ansatz::fem {

/// The flux (force) of one component of a field that enters through the part of a set on which it is prescribed:
/// shares of the residuals R_i = int f0 phi_i + f1 : grad phi_i + boundary terms of the nodes i there.
///
/// R_i belongs to the carriers of node i: the facets around it in sets with a value for this component, each once
/// however many sets hold it. The share of a carrier F is
///
///   r_F + (R_i - sum_G r_G) |F| / sum_G |G|,   r_F = int_F phi_i (f1 . n + boundary terms),
///
/// the flux of the discrete solution through it, and of what remains the part of its measure. So reactions are additive
/// over facets: those of parts add up to that of the whole, and a part where nothing is prescribed has none.
///
/// Where a value is prescribed on a line or at a point only, that carries R_i; sets of more dimensions that hold it
/// share R_i by measure (facets: of the exterior ones there). A set has no part of what carriers of more dimensions
/// carry.
class Reaction {
 public:
  /// Not collective.
  /// \param definition must outlive this
  /// \param set as Dirichlet knows sets, of the mesh
  Reaction(const FormDefinition& definition, const Dirichlet& dirichlet, int field, int component,
           const mesh::EntitySet& set);

  /// Nodes owned by this rank of which the set has a share; none on all ranks: nothing is prescribed on it by its own
  /// dimension or less.
  std::size_t num_nodes() const { return whole_.size() + shared_.size(); }

  /// Sum over these nodes.
  /// \param residual of all owned unknowns, prescribed ones too, at `state`
  /// \throws as the kernels of the physics, on this rank alone. Not collective.
  double sum(const FormState& state, std::span<const double> residual) const;

  /// The sum is w . residual where this returns w, (num_owned): for a set of which all nodes are its own, and not
  /// shared with others by the flux through their facets. Else empty, on all ranks. *Collective.*
  std::vector<double> weights() const;

  /// A facet as one of its cells sees it.
  struct Side {
    mesh::Facet facet;
    bool counts = true;    ///< its measure does: facets inside the domain have two sides and one measure
    bool is_mine = false;  ///< of the set
  };
  struct Line {
    std::array<std::int32_t, 2> vertices;
    bool is_mine = false;
  };
  /// An owned node with carriers of the set and others.
  struct SharedNode {
    std::int32_t node;
    bool by_flux;                   ///< r_F counts, else the measure alone
    std::vector<int> sides, lines;  ///< its carriers, of one kind
  };

 private:
  /// Integrals over a side.
  struct Integrals {
    double measure = 0.0;
    std::vector<double> flux;  ///< r_F by local node of the cell
  };
  using SideIntegrals = std::map<mesh::Facet, Integrals>;
  SideIntegrals integrate(const FormState& state) const;
  void add_batch(const Batch& batch, const Rule& rule, const sdk::PointBatch& points, const std::vector<Lanes>& weights,
                 const std::vector<Lanes>& f, bool on_boundary, SideIntegrals& out) const;
  double share(const SharedNode& node, const SideIntegrals& integrals, double residual) const;
  double length(const Line& line) const;

  const FormDefinition& definition_;
  int field_, component_;
  std::vector<std::int32_t> whole_;  ///< owned nodes whose residual is the set's
  std::vector<SharedNode> shared_;
  std::vector<Side> sides_;
  std::vector<Line> lines_;
};

}  // namespace ansatz::fem
