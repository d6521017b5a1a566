#pragma once
/// Fills point batches: the inputs of a physics' kernels at the quadrature points of a batch of cells.

#include <map>
#include <vector>

#include "engine/fem/assembly/batches.hpp"
#include "engine/fem/assembly/form_definition.hpp"

namespace ansatz::fem {

/// One set of reference points with the bases of all fields tabulated there.
struct Rule {
  ReferencePoints reference;
  std::vector<Tabulation> fields;  ///< by field
  std::vector<Tabulation> data;    ///< by data field
};

/// Rule of a quadrature degree on the cell (local_facet -1) or on one of its facets.
Rule make_rule(const FormDefinition& definition, int degree, int local_facet);
/// Rule at given reference points. Shape (num_points, dim).
Rule make_rule_at(const FormDefinition& definition, std::span<const double> points);

/// Which inputs a kernel needs.
struct Needs {
  bool values = true;      ///< u, grad u and the rates that the state has
  bool hessians = false;   ///< second derivatives, of u and of the bases, and gradients of the data
  bool one_point = false;  ///< the kernel is evaluated at the first point only, for forms with uniform derivatives
  bool cell_size = false;
  std::uint32_t data = ~std::uint32_t{0};  ///< bit per data field
};

/// Bit per data field that some of these coefficients use.
std::uint32_t data_used(const std::vector<sdk::Expression>& coefficients);

/// How many numbers of a point expressions see as data: one for each data field, and behind these, where boundary
/// coefficients use them, the components of the outward unit normal, which is 0 in cells.
int num_data(const FormDefinition& definition);

/// Loads one batch after the other into its own arrays.
class PointLoader {
 public:
  explicit PointLoader(const FormDefinition& definition);

  /// The batch's inputs; valid until the next call. `coefficients` is passed on.
  const sdk::PointBatch& load(const Rule& rule, const Batch& batch, const FormState& state, Needs needs,
                              sdk::CoefficientTable coefficients);

  /// Weights and bases alone, for contractions with derivatives that are known already.
  void load_bases(const Rule& rule, const Batch& batch);

  const BatchGeometry& geometry() const { return geometry_; }
  /// Physical gradients of field f's basis: (num_points, nodes, dim), the first point only where constant_gradients().
  const Lanes* gradients(int f, int q) const {
    return gradients_[f].data() + (constant_gradients(f) ? 0 : std::size_t(q) * nodes_[f] * dim_);
  }
  bool constant_gradients(int f) const { return geometry_.constant && linear_basis_[f]; }
  const Lanes* hessians(int f, int q) const { return hessians_[f].data() + std::size_t(q) * nodes_[f] * num_hessian_; }

 private:
  template <int dim>
  void interpolate(const Rule& rule, bool rates, bool hessians);
  void load_data(const Rule& rule, const Batch& batch, std::uint32_t used, bool with_gradients);

  const FormDefinition& definition_;
  const DofMap& dofs_;
  int dim_, num_hessian_, num_data_;
  std::vector<int> nodes_;
  std::vector<bool> linear_basis_;
  BatchGeometry geometry_;
  std::vector<std::vector<Lanes>> gradients_, hessians_;
  std::vector<Lanes> cell_values_, cell_rates_;
  std::vector<Lanes> slots_, rates_, second_, data_, data_gradients_, data_basis_gradients_;
  sdk::PointBatch batch_;
};

}  // namespace ansatz::fem
