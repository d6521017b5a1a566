#pragma once
/// The integrals that a form consists of: one per region, and one per boundary term and region.

#include <span>
#include <string>
#include <vector>

#include "engine/fem/assembly/batches.hpp"
#include "engine/fem/assembly/form_definition.hpp"

namespace ansatz::fem {

/// Batches of one region or boundary term that share rules and coefficients.
struct Integral {
  std::string name;
  const std::vector<sdk::Expression>* coefficients = nullptr;
  const std::vector<sdk::Expression>* directions = nullptr;  ///< null: of the form itself, else of its derivative
  std::span<const Batch> batches;

  /// c + e g: what the structure depends on.
  std::vector<sdk::Expression> moved_coefficients(double e = 1.0) const;
  sdk::FormStructure structure;
  bool on_boundary = false;
  int degree = 2;            ///< of the full rule
  int gradient_degree = -1;  ///< sufficient where only gradients meet gradients; -1: none
  std::uint32_t data = 0;    ///< bit per data field that the coefficients use
};

/// Integrals over the local cells and facets that touch an owned unknown, with their quadrature (see Form).
class FormIntegrals {
 public:
  /// *Collective.*
  /// \param definition must outlive this.
  /// \throws sdk::Error of kind plugin from the physics.
  FormIntegrals(const FormDefinition& definition, const sdk::PointKernels& kernels);

  const std::vector<Integral>& list() const { return list_; }

 private:
  void add_cells();
  void add_boundary(const BoundaryTerm& term);
  bool touches_owned(std::int32_t cell) const;
  int full_degree(const std::vector<sdk::Expression>& table, const sdk::FormStructure& structure) const;
  std::span<const Batch> keep(std::vector<Batch> batches) { return batches_.emplace_back(std::move(batches)); }

  const FormDefinition& definition_;
  const sdk::PointKernels& kernels_;
  const DofMap& dofs_;
  const mesh::Mesh& mesh_;
  int degree_ = 1;  ///< largest of the fields
  std::vector<std::vector<Batch>> batches_;
  std::vector<Integral> list_;
};

/// Fields whose rates occur nowhere, ascending, and whether rates of other fields occur in their equations.
struct AlgebraicFields {
  std::vector<int> fields;
  bool have_rates = false;
};
AlgebraicFields find_algebraic_fields(const FormDefinition& definition, const sdk::PointKernels& kernels,
                                      const std::vector<Integral>& integrals);

}  // namespace ansatz::fem
