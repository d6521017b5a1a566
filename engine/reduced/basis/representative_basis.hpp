#pragma once
/// A basis in which the residuals of a reduced basis live.

#include <span>
#include <vector>

#include "engine/reduced/algebra/inner_product.hpp"

namespace ansatz::reduced {

/// X-orthonormal basis of the Riesz representatives of all terms of a residual, and the coordinates of each in it: B of
/// ReducedModelData (Buhr et al., 2014).
class RepresentativeBasis {
 public:
  /// Part of a representative outside of the basis, relative, that is dropped.
  static constexpr double level = 1e-14;

  /// \param num_rows owned unknowns of this rank
  explicit RepresentativeBasis(std::size_t num_rows) : basis_(num_rows) {}

  /// Adds a term. *Collective.*
  /// \param product X, the same for all terms
  /// \param representative shape (num_rows)
  /// \param sign of its coordinates
  void add(const InnerProduct& product, std::vector<double> representative, double sign);

  /// B, shape (dimension of the basis, number of terms). Not collective.
  Dense matrix() const;

 private:
  Block basis_;
  std::vector<std::vector<double>> columns_;  ///< coordinates in basis_, each as long as the basis then was
};

}  // namespace ansatz::reduced
