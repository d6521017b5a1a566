#pragma once
/// Separated forms of operators that are only known assembled: empirical interpolation of their entries (arXiv
/// 1307.4330).

#include <cstdint>
#include <span>
#include <vector>

#include "engine/linear/matrices/matrix.hpp"
#include "engine/reduced/interpolation/eim.hpp"

namespace ansatz::reduced {

/// Canonical keys of a rank's matrix entries, row * num_global + column, owned columns first, then those of ghosts.
/// \param owned,ghosts canonical numbers of the unknowns in [0, num_global), shapes (num_owned), (num_ghosts)
/// \throws sdk::Error of kind internal where the shapes do not fit the pattern
std::vector<std::int64_t> entry_keys(const linear::Pattern& pattern, std::span<const std::int64_t> owned,
                                     std::span<const std::int64_t> ghosts, std::int64_t num_global);
/// Values of a matrix in the order of entry_keys().
std::vector<double> entry_values(const linear::SparseMatrix& matrix);

/// A(mu) ~ sum_m beta_m(mu) A(mu_m), beta from a few entries of A(mu); the A(mu_m) stay what the code assembled.
///
///   Eim eim(comm, entry_keys(...));
///   eim.extend(sampled, {.tolerance = 1e-10});   // a column of entry_values() for each training parameter
///   const OperatorEim A(eim, eim.terms() - 2);   // two terms more tell the remainder
///   A.beta(entries, beta);                       // replicated, allocates nothing
///
/// Exact at each mu_m, where beta is a unit vector, and for every operator in the span of the A(mu_m): where A(mu)
/// separates into Q terms, Q of them suffice. Whatever is linear in A is inherited, such as symmetry; positivity is
/// not, as beta changes sign. A right-hand side has an interpolation of its own. Complex pairs: beta_m is (real,
/// imaginary).
class OperatorEim {
 public:
  OperatorEim() = default;
  /// \param terms that form the operator; what the interpolation has beyond them estimates the remainder
  /// \throws sdk::Error of kind parameter where it has fewer
  OperatorEim(const Eim& eim, int terms);
  /// From what was stored.
  /// \param parameters of all terms
  /// \param entries keys of the magic entries, as many as the interpolation is large
  /// \throws sdk::Error of kind state where they do not fit
  OperatorEim(Interpolation interpolation, std::vector<int> parameters, std::vector<std::int64_t> entries, int terms);

  int terms() const { return terms_; }
  int all_terms() const { return static_cast<int>(parameters_.size()); }
  /// Reals in beta: terms(), or twice that for complex pairs.
  int num_coefficients() const { return terms_ * reals_; }
  /// Training parameter of each term.
  const std::vector<int>& parameters() const { return parameters_; }
  /// Keys of the entries to evaluate; the first num_coefficients() of them for beta().
  const std::vector<std::int64_t>& entries() const { return entries_; }
  const Interpolation& interpolation() const { return interpolation_; }

  /// \param values of the first entries(), shape (num_coefficients())
  /// \param beta same shape, may be `values`
  void beta(std::span<const double> values, std::span<double> beta) const;
  /// sum of |c_k| of the further terms, by which they would change the largest entry at most: an estimate of the
  /// remainder, in the unit of the entries (complex pairs: within a factor sqrt 2).
  /// \param values of all entries(), overwritten by the coefficients c; shape (entries().size())
  double remainder(std::span<double> values) const;

 private:
  Interpolation interpolation_;
  std::vector<int> parameters_;
  std::vector<std::int64_t> entries_;
  int terms_ = 0;
  int reals_ = 1;  ///< per coefficient
};

}  // namespace ansatz::reduced
