#include "engine/reduced/stability/product.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/fem/forms/product_matrix.hpp"
#include "engine/reduced/algebra/dense.hpp"

namespace ansatz::reduced {
namespace {

constexpr double equal = 1e-12;  // of the largest entry

/// Visits (free row, both parts) of a matrix: entries in rows of free unknowns.
template <class Visit>
void for_free_entries(const linear::Pattern& pattern, const std::vector<std::uint8_t>& constrained,
                      const Visit& visit) {
  for (std::int32_t i = 0; i < pattern.num_owned; ++i) {
    if (constrained[i] != 0) continue;
    for (auto k = pattern.diag_offsets[i]; k < pattern.diag_offsets[i + 1]; ++k) visit(false, k);
    for (auto k = pattern.ghost_offsets[i]; k < pattern.ghost_offsets[i + 1]; ++k) visit(true, k);
  }
}

double entry(const linear::SparseMatrix& matrix, bool ghost, PetscInt k) {
  return ghost ? matrix.ghost_values()[k] : matrix.diagonal_values()[k];
}

/// The factors with which the terms add up to X entry by entry; none where there are no such factors >= 0.
std::vector<double> as_sum(const SymmetricTerms& terms, const linear::SparseMatrix& X) {
  const int n = static_cast<int>(terms.nonzero().size());
  if (n == 0) return {};
  std::vector<double> sums(std::size_t(n) * (n + 1), 0.0), values(n);
  for_free_entries(X.pattern(), terms.constrained(), [&](bool ghost, PetscInt k) {
    for (int q = 0; q < n; ++q) values[q] = entry(terms[terms.nonzero()[q]], ghost, k);
    const double x = entry(X, ghost, k);
    for (int q = 0; q < n; ++q) {
      for (int p = 0; p < n; ++p) sums[q * n + p] += values[q] * values[p];
      sums[n * n + q] += values[q] * x;
    }
  });
  sums = terms.comm().sum(sums);
  Dense gram(n, n);
  std::copy(sums.begin(), sums.begin() + std::ptrdiff_t(n) * n, gram.values.begin());
  auto factors = least_squares(std::move(gram), std::span(sums).last(n));
  double difference = 0.0, largest = 0.0;
  for_free_entries(X.pattern(), terms.constrained(), [&](bool ghost, PetscInt k) {
    double rest = entry(X, ghost, k);
    largest = std::max(largest, std::abs(rest));
    for (int q = 0; q < n; ++q) rest -= factors[q] * entry(terms[terms.nonzero()[q]], ghost, k);
    difference = std::max(difference, std::abs(rest));
  });
  const double size = *std::ranges::max_element(factors);
  for (double& factor : factors) {
    if (std::abs(factor) <= equal * size) factor = 0.0;
  }
  const bool is_sum = terms.comm().max(difference) <= equal * terms.comm().max(largest) &&
                      std::ranges::all_of(factors, [](double factor) { return factor >= 0.0; });
  return is_sum ? factors : std::vector<double>();
}

}  // namespace

Product make_product(const fem::Form& form, const SymmetricTerms& terms, std::span<const double> reference,
                     const ProductOptions& options) {
  Product product;
  product.matrix =
      std::make_shared<linear::SparseMatrix>(terms.comm(), form.sparsity().pattern, form.dofs().block_size());
  auto& X = *product.matrix;
  if (options.kind == "energy" || options.kind == "automatic") {
    terms.combine(reference, 1.0, X);
    product.is_energy = !terms.nonzero().empty() && linear::is_positive_definite(X);
    if (product.is_energy) {
      product.name = "energy norm at the reference";
      for (const int q : terms.nonzero()) product.factors.push_back(reference[q]);
      return product;
    }
    if (options.kind == "energy") {
      throw sdk::Error(sdk::ErrorKind::case_file, "the operator is not coercive at the reference parameters",
                       "reduced.reference",
                       "choose other reference parameters, set reduced.product = \"h1\", or use solver.type = \"fem\"");
    }
  }
  if (options.kind == "h1_semi") {
    const auto free = fem::unconstrained_component(form);
    if (!free.empty()) {
      throw sdk::Error(sdk::ErrorKind::case_file,
                       "no value of " + free + " is prescribed: the H1 semi-norm is not a norm", "reduced.product",
                       "set it to \"h1\"");
    }
    fem::product_matrix(form, 0.0, X);
    if (!linear::is_positive_definite(X)) {
      throw sdk::Error(sdk::ErrorKind::case_file,
                       "a part of the mesh has no prescribed value: the H1 semi-norm is not a norm there",
                       "reduced.product", "set it to \"h1\"");
    }
    product.name = "H1 semi-norm";
  } else {
    const double length = options.length > 0.0 ? options.length : fem::domain_size(form.dofs().mesh());
    fem::product_matrix(form, 1.0 / (length * length), X);
    product.name = fmt::format("H1 norm (|grad u|^2 + |u|^2 / ({:.6g} m)^2)", length);
  }
  product.factors = as_sum(terms, X);
  return product;
}

}  // namespace ansatz::reduced
