#pragma once
/// Inner products X for reduced bases.

#include <memory>
#include <string>

#include "engine/fem/assembly/form.hpp"
#include "engine/reduced/stability/coercivity.hpp"

namespace ansatz::reduced {

struct ProductOptions {
  /// "energy": the symmetric part of A(reference), which must be positive definite (linear::is_positive_definite);
  /// "h1_semi": sum over all components of all fields of int grad u . grad v; "h1": that and int u v / length^2;
  /// "automatic": "energy" where it is positive definite, otherwise "h1".
  std::string kind = "energy";
  double length = 0.0;  ///< of "h1" [m]; 0: the longest side of the mesh's bounding box
};

/// X with 1 on the diagonal of constrained unknowns.
struct Product {
  std::shared_ptr<linear::SparseMatrix> matrix;
  std::string name;  ///< of its norm, for people
  bool is_energy = false;
  std::vector<double>
      factors;  ///< of the terms in terms.nonzero() whose sum is X, to 1e-12; empty where there are none
};

/// \param reference a_q(reference) of all terms \throws sdk::Error of kind case_file where there is no such product of
/// the problem. *Collective.*
Product make_product(const fem::Form& form, const SymmetricTerms& terms, std::span<const double> reference,
                     const ProductOptions& options);

}  // namespace ansatz::reduced
