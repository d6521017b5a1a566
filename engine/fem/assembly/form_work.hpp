#pragma once
/// The loops of Form over the batches of its integrals. Private to engine/fem/assembly.

#include <map>
#include <utility>
#include <vector>

#include "engine/fem/assembly/element_matrix.hpp"
#include "engine/fem/assembly/form.hpp"
#include "engine/fem/assembly/point_integrands.hpp"
#include "engine/fem/assembly/point_loader.hpp"
#include "engine/fem/assembly/scatter.hpp"

namespace ansatz::fem {

/// Everything that is built once, and the scratch arrays of the assembly loops. Vectors of tests and directions have
/// the shape (num_local) with current ghosts; all methods throw as Form::residual(), and none is collective but the
/// constructor.
class Form::Work {
 public:
  /// *Collective.* Both must outlive this.
  Work(const FormDefinition& definition, const sdk::PointKernels& kernels);

  const std::vector<Integral>& integrals() const { return integrals_.list(); }
  bool stabilises(const Integral& integral) const { return at_points_.stabilises(integral); }

  // form_work.cpp: integrands themselves, over cells and over facets of boundary terms

  /// \param F out, shape (num_owned), constrained unknowns too
  void residual(const FormState& state, std::span<double> F);
  /// See Form::residual_rate().
  /// \param F out, shape (num_owned), constrained unknowns too
  void residual_rate(const FormState& state, const FormState& motion, std::span<double> F);
  /// See Form::parameter_slope().
  void parameter_slope(const FormState& state, int parameter, std::span<double> F);
  /// See Form::moments().
  Moments moments(const FormState& state, const std::vector<std::vector<double>>& tests);
  /// See Form::moment_slopes().
  Moments moment_slopes(const FormState& state, std::span<const double> v,
                        const std::vector<std::vector<double>>& tests);
  /// Adds J v and J^T v: see Form::products().
  /// \param algebraic fields whose rows and columns have a weight of their own
  void products(const FormState& state, const Weights& weights, const std::vector<int>& algebraic,
                const std::vector<std::vector<double>>& v, linear::WeakModes& out);
  double largest_peclet(const FormState& state);
  /// Throws for the first cell whose contribution to the residual or the Jacobian is not finite.
  void explain_not_finite(const FormState& state);

  // form_jacobian.cpp: derivatives

  /// Element matrices of all batches, shape (dofs_per_cell, dofs_per_cell).
  /// \param algebraic fields whose rows and columns have a weight of their own
  void jacobian(const FormState& state, const Weights& weights, const std::vector<int>& algebraic,
                const ElementVisitor& add);
  /// Pointwise derivatives, at one point where they are the same at all: see Form::visit_point_matrices().
  void point_matrices(const FormState& state, sdk::JacobianWeights weights, const PointVisitor& visit);
  /// See Form::transplanted_jacobian().
  /// \param target one scalar field
  void transplanted_jacobian(const FormState& state, sdk::JacobianWeights weights, Transplant what, int field,
                             const DofMap& target, const MatrixScatter& scatter);

 private:
  Needs residual_needs(const Integral& integral) const {
    return {.hessians = at_points_.stabilises(integral),
            .cell_size = at_points_.stabilises(integral),
            .data = integral.data};
  }

  /// visit(rule, batch) for all batches of an integral.
  template <class Visit>
  void for_batches(const Integral& integral, int degree, const Visit& visit) {
    const Rule* rule = nullptr;
    for (const auto& batch : integral.batches) {
      if (rule == nullptr || rule->reference.local_facet != batch.local_facet) {
        rule = &this->rule(degree, batch.local_facet);
      }
      visit(*rule, batch);
    }
  }

  BasisAt basis(const Rule& rule, int f, int q) const {
    const int n = dofs_.nodes_per_cell(f);
    return {n, rule.fields[f].values.data() + q * n, loader_.gradients(f, q)};
  }
  /// Cell unknown of component c at the field's first node.
  int cell_dof(int c) const { return dofs_.cell_offset(field_of_[c]) + c - dofs_.component_offset(field_of_[c]); }

  const Rule& rule(int degree, int local_facet);
  /// Factors of the entries by pairs of fields.
  void set_scales(const Weights& weights, const std::vector<int>& algebraic);

  template <class Visit>
  void visit_residuals(const FormState& state, const Visit& visit);
  template <class Visit>
  void visit_products(const FormState& state, const Weights& weights, const std::vector<int>& algebraic,
                      const std::vector<std::span<const double>>& v, std::initializer_list<bool> transposed,
                      const Visit& visit);
  void add_moments(const Integral& integral, const Rule& rule, const Batch& batch,
                   const std::vector<std::vector<double>>& tests, Moments& sums);
  void contract_residual(const Rule& rule);
  template <int dim>
  void contract_residual_sized(const Rule& rule);

  void set_parts(sdk::JacobianWeights weights);
  void contract_jacobian(const Rule& rule, const std::vector<BlockParts>& parts, bool one_point);
  void add_stabilisation_jacobian(const Rule& rule, const sdk::PointBatch& points);

  const FormDefinition& definition_;
  const DofMap& dofs_;
  const mesh::Mesh& mesh_;
  int dim_, components_, slots_;
  const sdk::PointKernels& kernels_;
  PointLoader loader_, motion_;
  PointIntegrands at_points_;
  FormIntegrals integrals_;
  std::map<std::pair<int, int>, Rule> rules_;
  std::vector<AddBlock> add_block_;
  std::vector<int> field_of_;
  std::vector<double> scales_;
  std::vector<std::vector<BlockParts>> parts_;  ///< by integral, for parts_weights_
  sdk::JacobianWeights parts_weights_;
  std::vector<Lanes> element_;
};

}  // namespace ansatz::fem
