#pragma once
/// The offline side of reduced-basis models: snapshots, projections and residual representatives.

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "engine/fem/motions/free_motions.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "engine/reduced/stability/coercivity.hpp"
#include "engine/reduced/algebra/inner_product.hpp"
#include "engine/reduced/stability/product.hpp"
#include "engine/reduced/separation/real_pairs.hpp"
#include "engine/reduced/basis/reduced_model.hpp"
#include "engine/reduced/separation/separated_problem.hpp"

namespace ansatz::reduced {

/// Motions that the equations determine at some parameters, but a matrix hardly or not at all, see fem::find_free_motions().
struct WeakMotions {
  std::vector<fem::FreeMotion> motions;
  Dense seen;  ///< (motions, motions) the integral of the equations of motion k times the test of motion j, from the form
};

/// What a reduced basis is made with beside the problem.
struct BasisOptions {
  ProductOptions product = {};
  std::vector<std::pair<std::string, std::string>> pairs = {};  ///< real and imaginary parts, see RealPairs
  /// Those at mu, asked for where a matrix alone does not give all digits of a solution; empty: there are none. *Collective.*
  std::function<WeakMotions(std::span<const double> mu)> weak_motions = nullptr;
};

/// A basis of solutions, orthonormal in X, and the model on it, extended one parameter at a time: with real pairs by the
/// solution and by i times it.
///
/// Where the symmetric parts of the terms are zero or positive semidefinite with positive factors, and X is a sum of them
/// with factors >= 0, the bound of its model is min-theta's; otherwise it is infinite until set_stability(). It holds for
/// the error to the finite-element solution; where something is interpolated it is an estimate. With an inf-sup constant
/// the model minimises the residual, as Galerkin's system may be singular where the problem is not coercive.
///
/// Weak motions m are basis vectors of their own: A_q m is 0 where it is round-off of |A_q| |m|, snapshots are solved with
/// the motions held, their amplitudes from the integrals of the equations, and extend the basis without their part in m. So
/// no product loses the digits of a level. If the energy norm hardly sees a motion, the automatic choice is the H1 norm.
class ReducedBasis {
 public:
  /// \param form where the problem comes from; only its unknowns and constraints are used \param options of all linear solves
  /// \throws sdk::Error of kind case_file where X is not positive definite, or the pairs are none. *Collective.*
  ReducedBasis(const fem::Form& form, SeparatedProblem problem, std::vector<sampling::ParameterRange> box, std::vector<double> reference,
               linear::KrylovOptions options, const BasisOptions& more = {});

  /// Solves at `mu` and adds what is new in the solution. \returns false where there is nothing new (then nothing changes).
  /// *Collective.*
  bool extend(std::span<const double> mu);
  /// |u(mu) - u_N(mu)|_X at the parameters of extend(), each before its extension.
  const std::vector<double>& errors() const { return errors_; }
  /// Adds this vector instead of a solution: when a model is built again from its stored basis. *Collective.*
  bool extend_by(std::vector<double> free_part);

  /// Why min-theta does not hold; empty where it does: where the factors are positive for all parameters of the box, by
  /// intervals, and the terms positive semidefinite, by fem::matrix_facts(), or else up to semidefinite_shift in units of X by
  /// a count of negative eigenvalues, which enters the bound.
  const std::string& min_theta_objection() const { return objection_; }
  static constexpr double semidefinite_shift = 1e-12;
  /// The number of terms that needed a count.
  int num_counted_terms() const { return static_cast<int>(std::ranges::count(shifts_, semidefinite_shift)); }
  const SymmetricTerms& symmetric_terms() const { return terms_; }
  const linear::SparseMatrix& X() const { return *made_.matrix; }
  const Product& made_product() const { return made_; }
  const BasisOptions& options() const { return more_; }
  void set_stability(Stability stability) { data_.stability = std::move(stability); }

  int size() const { return basis_.num_columns(); }
  const Block& basis() const { return basis_; }
  const InnerProduct& product() const { return product_; }
  const SeparatedProblem& problem() const { return problem_; }
  const fem::Form& form() const { return form_; }
  const Stability& stability() const { return data_.stability; }
  /// The model on the present basis. Not collective.
  ReducedModel model() const { return ReducedModel(data_); }

  /// For many systems with one matrix: factorises it where that fits, and solves to the accuracy of a snapshot. *Collective.*
  linear::KrylovSolver repeated_solver(bool symmetric) const;
  /// Says how far a snapshot's equations are from solved, relative to its right-hand side; part of the round-off of bounds.
  void note_solver_level(double level) { data_.solver_level = std::max(data_.solver_level, level); }

  /// Free part of the finite-element solution, zero at constrained unknowns. *Collective.*
  std::vector<double> snapshot(std::span<const double> mu);
  /// Dual norm of the residual of sum_i c_i v_i at mu, from the whole vectors: no representatives. *Collective.*
  double residual_norm(std::span<const double> mu, std::span<const double> coefficients);
  /// From now on, models take their residual norms from an interpolation of those at picked parameters of this set, see
  /// ResidualInterpolation; for the present basis, until the next extension. *Collective.*
  void interpolate_residual(const sampling::TrainingSet& training);
  /// u = sum_i c_i v_i + sum_k l_k L_k on owned unknowns. Not collective.
  std::vector<double> lift(std::span<const double> coefficients, std::span<const double> liftings) const;
  /// g with (g, v)_X = functional . v for all v. \param functional zero at constrained unknowns *Collective.*
  std::vector<double> riesz(std::span<const double> functional);

 private:
  std::string find_objection(std::span<const sampling::ParameterRange> box);
  bool is_semidefinite(int q);
  void use_min_theta();
  std::vector<double> guess(std::span<const double> mu) const;
  void add_representatives();  ///< of the right-hand side
  bool hides_motions();
  void use_h1_norm();
  /// A solution is rest + sum_m amplitudes_m m over the weak motions.
  struct Snapshot {
    std::vector<double> rest, amplitudes = {};
  };
  std::vector<double> whole(const Snapshot& snapshot) const;
  /// As snapshot(), from this start.
  Snapshot solved_from(std::vector<double> start, std::span<const double> mu);
  std::optional<std::vector<double>> solved_plainly(std::vector<double> start, std::span<const double> rhs);
  Snapshot solved_with_motions_held(std::span<const double> values, std::span<const double> rhs);
  std::vector<double> solved(std::span<const double> rhs, std::vector<double> start);
  bool find_weak_motions(std::span<const double> mu, std::span<const double> values);
  void combine(std::span<const double> values, const std::vector<std::uint8_t>& constrained);
  /// A_q v, or A_q^T v from A_q v, of a motion.
  void remove_round_off(int q, std::span<const double> motion, std::span<double> product) const;
  bool append(std::vector<double> v, double size, bool is_motion);
  void use_products_of_motions(std::size_t q, std::span<const double> v, const Block& products, bool is_motion);
  /// matrix with the row and the column of the last basis vector v. \param products A v, and A^T v where A is not symmetric
  Dense bordered(const Dense& matrix, const Block& products) const;
  Dense with_row(const Dense& matrix, std::span<const double> v, const Block& columns) const;
  void add_residual_column(std::vector<double> representative, double sign);
  void update_residual_matrix();

  const fem::Form& form_;
  SeparatedProblem problem_;
  SymmetricTerms terms_;
  linear::KrylovOptions options_;
  base::Communicator comm_;
  std::vector<double> reference_thetas_;  ///< a_q(reference)
  BasisOptions more_;
  Product made_;
  std::vector<double> shifts_;  ///< v^T a_q(reference) S_q v >= -shifts_q v^T X v, of the terms that were looked at
  std::string objection_;
  RealPairs pairs_;
  InnerProduct product_;
  linear::SparseMatrix matrix_;
  linear::KrylovSolver solver_, X_solver_;
  std::vector<fem::FreeMotion> motions_;  ///< weak ones
  std::vector<std::uint8_t> held_;        ///< constrained unknowns, and one for each motion
  std::vector<int> motion_columns_;       ///< of the basis
  std::vector<Block> products_of_motions_, transposed_products_of_motions_;  ///< by A_q, A_q^T; in the order of motion_columns_
  Block basis_, residual_basis_;
  std::vector<std::vector<double>> residual_columns_;  ///< coordinates in residual_basis_, each as long as the basis then was
  ReducedModelData data_;
  std::vector<double> errors_;
};

}  // namespace ansatz::reduced
