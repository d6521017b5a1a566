#pragma once
/// Motions that the equations determine, but the matrices of a separated problem hardly or not at all.

#include <functional>
#include <span>
#include <vector>

#include "engine/fem/motions/free_motions.hpp"
#include "engine/linear/matrices/matrix.hpp"
#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/algebra/dense.hpp"
#include "engine/reduced/separation/separated_problem.hpp"

namespace ansatz::reduced {

/// Motions that the equations determine at some parameters, but a matrix hardly or not at all, see
/// fem::find_free_motions().
struct WeakMotions {
  std::vector<fem::FreeMotion> motions;
  Dense
      seen;  ///< (motions, motions) the integral of the equations of motion k times the test of motion j, from the form
};

/// Those at mu, shape (num_parameters). *Collective.*
using WeakMotionsAt = std::function<WeakMotions(std::span<const double> mu)>;

/// product := A m with 0 for entries that are round-off of |A| |m|; also for A^T m where A is symmetric up to
/// round-off. *Collective.*
/// \param motion m, shape (num_owned)
/// \param product shape (num_owned), in and out
void remove_round_off(const linear::SparseMatrix& A, std::span<const double> motion, std::span<double> product);

/// A(mu) m = sum_q a_q A_q m of a motion, each product without its round-off. *Collective.*
/// \param values a_q, shape (num_terms)
/// \param motion m, shape (num_owned)
/// \returns shape (num_owned)
std::vector<double> product_of_motion(const SeparatedProblem& problem, std::span<const double> values,
                                      std::span<const double> motion);

/// How far what the terms see of motions is from what the form sees of them.
struct UnseenMotions {
  double difference = 0.0;  ///< the largest; of the transposed numbers where these fit better, as in dual problems
  double size = 0.0;        ///< the largest number that the form sees
};

/// Compares test_j . A(mu) m_k with what the form sees, over all pairs of motions. *Collective.*
/// \param values a_q(mu), shape (num_terms)
UnseenMotions compare_motions(const SeparatedProblem& problem, std::span<const double> values, const WeakMotions& weak);

/// A_q m and A_q^T m of the motions in a basis: with them, entries v^T A_q m and m^T A_q v of reduced matrices keep
/// their digits.
class MotionProducts {
 public:
  /// To be called for q = 0, 1, ... in turn. Not collective.
  /// \param column of the motion in the basis
  /// \param num_terms of the operator
  /// \param products A_q m, and A_q^T m behind it where A_q is not symmetric; shape (num_owned) each
  void add(std::size_t q, int column, std::size_t num_terms, const Block& products);
  /// Replaces v^T A_q m and m^T A_q v in a reduced matrix by v . (A_q m) and v . (A_q^T m). *Collective.*
  /// \param v the last vector of the basis, no motion; shape (num_owned)
  /// \param reduced shape (basis size, basis size)
  void improve_last(const base::Communicator& comm, std::size_t q, std::span<const double> v, Dense& reduced) const;

 private:
  std::vector<int> columns_;                  ///< of the basis
  std::vector<Block> products_, transposed_;  ///< by A_q, A_q^T; columns in the order of columns_
};

}  // namespace ansatz::reduced
