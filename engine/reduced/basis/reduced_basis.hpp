#pragma once
/// The offline side of reduced-basis models: a basis of solutions, and the model on it.

#include <memory>

#include "engine/linear/solvers/krylov.hpp"
#include "engine/reduced/algebra/inner_product.hpp"
#include "engine/reduced/basis/min_theta_proof.hpp"
#include "engine/reduced/basis/reduced_model.hpp"
#include "engine/reduced/basis/representative_basis.hpp"
#include "engine/reduced/basis/riesz_map.hpp"
#include "engine/reduced/basis/snapshot_solver.hpp"
#include "engine/reduced/basis/weak_motions.hpp"
#include "engine/reduced/separation/real_pairs.hpp"
#include "engine/reduced/separation/separated_problem.hpp"
#include "engine/reduced/stability/coercivity.hpp"
#include "engine/reduced/stability/product.hpp"

namespace ansatz::reduced {

/// What a reduced basis is made with beside the problem.
struct BasisOptions {
  ProductOptions product = {};
  std::vector<std::pair<std::string, std::string>> pairs = {};  ///< real and imaginary parts, see RealPairs
  /// Those at mu, asked for where a matrix alone does not give all digits of a solution; empty: there are none.
  /// *Collective.*
  WeakMotionsAt weak_motions = nullptr;
};

/// A basis of solutions, orthonormal in X, and the model on it, extended one parameter at a time: with real pairs by
/// the solution and by i times it.
///
/// Where the symmetric parts of the terms are zero or positive semidefinite with positive factors, and X is a sum of
/// them with factors >= 0, the bound of its model is min-theta's; otherwise it is infinite until set_stability(). It
/// holds for the error to the finite-element solution; where something is interpolated it is an estimate. With an
/// inf-sup constant the model minimises the residual, as Galerkin's system may be singular where the problem is not
/// coercive.
///
/// Weak motions m are basis vectors of their own: A_q m is 0 where it is round-off of |A_q| |m|, snapshots are solved
/// with the motions held, their amplitudes from the integrals of the equations, and extend the basis without their part
/// in m. So no product loses the digits of a level. If the energy norm hardly sees a motion, the automatic choice is
/// the H1 norm.
class ReducedBasis {
 public:
  /// \param form where the problem comes from; only its unknowns and constraints are used
  /// \param options of all linear solves
  /// \throws sdk::Error of kind case_file where X is not positive definite, or the pairs are none. *Collective.*
  ReducedBasis(const fem::Form& form, SeparatedProblem problem, std::vector<sampling::ParameterRange> box,
               std::vector<double> reference, linear::KrylovOptions options, const BasisOptions& more = {});

  /// Solves at `mu` and adds what is new in the solution. \returns false where there is nothing new (then nothing
  /// changes). *Collective.*
  bool extend(std::span<const double> mu);
  /// |u(mu) - u_N(mu)|_X at the parameters of extend(), each before its extension.
  const std::vector<double>& errors() const { return errors_; }
  /// Adds this vector instead of a solution: when a model is built again from its stored basis. *Collective.*
  bool extend_by(std::vector<double> free_part);

  /// Why min-theta does not hold, and the number of terms that needed a count: see MinThetaProof.
  const std::string& min_theta_objection() const { return min_theta_.objection(); }
  int num_counted_terms() const { return min_theta_.num_counted_terms(); }
  static constexpr double semidefinite_shift = MinThetaProof::semidefinite_shift;
  const SymmetricTerms& symmetric_terms() const { return terms_; }
  const linear::SparseMatrix& X() const { return *made_.matrix; }
  const Product& made_product() const { return made_; }
  const BasisOptions& options() const { return more_; }
  void set_stability(Stability stability) { data_.stability = std::move(stability); }

  int size() const { return basis_.num_columns(); }
  const Block& basis() const { return basis_; }
  const InnerProduct& product() const { return product_; }
  const SeparatedProblem& problem() const { return *problem_; }
  const fem::Form& form() const { return form_; }
  const Stability& stability() const { return data_.stability; }
  /// The model on the present basis. Not collective.
  ReducedModel model() const;

  /// See reduced::repeated_solver(); solves to the accuracy of a snapshot. *Collective.*
  linear::KrylovSolver repeated_solver(bool symmetric) const {
    return reduced::repeated_solver(form_, options_, symmetric);
  }
  /// Says how far a snapshot's equations are from solved, relative to its right-hand side; part of the round-off of
  /// bounds.
  void note_solver_level(double level) { snapshots_.note_level(level); }

  /// Free part of the finite-element solution, shape (num_owned), zero at constrained unknowns. *Collective.*
  std::vector<double> snapshot(std::span<const double> mu);
  /// Dual norm of the residual of sum_i c_i v_i at mu, from the whole vectors: no representatives. *Collective.*
  double residual_norm(std::span<const double> mu, std::span<const double> coefficients);
  /// From now on, models take their residual norms from an interpolation of those at picked parameters of this set, see
  /// ResidualInterpolation; for the present basis, until the next extension. *Collective.*
  void interpolate_residual(const sampling::TrainingSet& training);
  /// u = sum_i c_i v_i + sum_k l_k L_k on owned unknowns. Not collective.
  std::vector<double> lift(std::span<const double> coefficients, std::span<const double> liftings) const;
  /// g with (g, v)_X = functional . v for all v.
  /// \param functional zero at constrained unknowns *Collective.*
  std::vector<double> riesz(std::span<const double> functional) { return riesz_(functional); }

 private:
  bool hides_motions();
  void use_h1_norm();
  std::vector<double> guess(std::span<const double> mu) const;
  bool append(std::vector<double> v, double whole_size, bool is_motion);
  void append_motion(const fem::FreeMotion& motion) { append(motion.vector, product_.norm(motion.vector), true); }
  Block products_of_operator(int q, std::span<const double> v, bool is_motion) const;
  Dense bordered(const Dense& matrix, const Block& products) const;
  Dense with_row(const Dense& matrix, std::span<const double> v, const Block& columns) const;
  void add_representatives();
  void add_residual_term(std::vector<double> representative, double sign);

  const fem::Form& form_;
  std::shared_ptr<const SeparatedProblem> problem_;
  SymmetricTerms terms_;
  linear::KrylovOptions options_;
  base::Communicator comm_;
  std::vector<double> reference_thetas_;  ///< a_q(reference)
  BasisOptions more_;
  Product made_;
  MinThetaProof min_theta_;
  RealPairs pairs_;
  InnerProduct product_;
  SnapshotSolver snapshots_;
  RieszMap riesz_;
  MotionProducts motions_;
  Block basis_;
  RepresentativeBasis representatives_;
  ReducedModelData data_;  ///< but for what model() adds
  std::vector<double> errors_;
};

}  // namespace ansatz::reduced
