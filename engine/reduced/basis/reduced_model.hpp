#pragma once
/// A reduced model at work: small dense systems, the same on every rank, without communication.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/reduced/algebra/dense.hpp"
#include "engine/reduced/basis/residual_norms.hpp"
#include "engine/reduced/separation/thetas.hpp"
#include "engine/reduced/stability/stability.hpp"

namespace ansatz::reduced {

/// What the terms with rates add to a model in time, see SeparatedProblem; nothing in steady ones.
struct RateTerms {
  Thetas mass_thetas, rhs_thetas;
  std::vector<Dense> masses;  ///< (num mass terms) of shape (N, N): v_i^T M_q v_j
  Dense rhs;                  ///< (N, num terms): v_i^T of rate_rhs
};

/// Model on N basis vectors, with the numbers that its error bound needs. Everything is replicated.
///
/// It is Galerkin's where the stability constant is that of coercivity; with an inf-sup constant it minimises the dual
/// norm of the residual, which is a small least-squares problem with B.
///
/// Residual: r(mu) = sum_q b_q f_q - sum_{q,i} a_q c_i A_q v_i; its norm in the dual of X is that of B x, where the
/// columns of B are coordinates in an X-orthonormal basis of the Riesz representatives of all terms (Buhr et al., 2014)
/// and x their factors: first b_q, then a_q c_i, with q running fastest. In time, the rate terms of the right-hand side
/// come behind b_q, and M_q v_i behind A_q v_i for each i.
struct ReducedModelData {
  std::vector<sampling::ParameterRange> box;  ///< of the parameters, in the order of all vectors of their values
  std::vector<double> reference;              ///< parameters of X where it is the symmetric part of A(reference)
  std::string norm = "energy norm at the reference";  ///< that of X, for people
  Thetas operator_thetas, rhs_thetas, lifting_thetas;
  int size = 0;                  ///< N
  std::vector<Dense> operators;  ///< (num_terms) of shape (N, N): v_i^T A_q v_j
  Dense rhs;                     ///< (N, num rhs terms): v_i^T f_q
  Dense residual;                ///< B, shape (rank, num rhs terms + N num operator terms)
  RateTerms rates;
  Stability stability;  ///< bounds the coercivity or inf-sup constant with respect to X from below
  /// In place of B where it is there: of the coordinates (b_q, a_q c_i), with G_0 = 0. Then B may be empty, unless the
  /// model minimises the residual or has interpolated coefficients.
  std::optional<ResidualInterpolation> residual_interpolation;
  double residual_floor = 0.0;  ///< with it: largest round-off of a residual norm at a training parameter
  double riesz_level = 0.0;     ///< largest relative residual of a solve with X
  double solver_level = 0.0;    ///< largest relative residual of a snapshot
};

/// Solves for any parameters of the box.
///
///   ReducedModel::Workspace work(model);          // one a thread
///   const auto result = model.solve(mu, work);    // allocates nothing
class ReducedModel {
 public:
  explicit ReducedModel(ReducedModelData data);

  const ReducedModelData& data() const { return data_; }
  int size() const { return data_.size; }
  /// Lets this parameter leave its range: bounds that hold everywhere go on to hold, estimates know less.
  void allow_outside(int parameter) { may_leave_.at(static_cast<std::size_t>(parameter)) = 1; }

  class Workspace {
   public:
    explicit Workspace(const ReducedModel& model);

    /// Values of all factors at the parameters of the last solve(), and what the further terms of interpolations
    /// change.
    std::span<const double> operator_factors() const { return a_; }
    std::span<const double> rhs_factors() const { return b_; }
    std::span<const double> operator_corrections() const { return more_a_; }
    std::span<const double> rhs_corrections() const { return more_b_; }
    std::span<const double> lifting_corrections() const { return more_l_; }

   private:
    friend class ReducedModel;
    Stability::Workspace stability_;
    std::vector<double> scratch_, a_, b_, l_, matrix_, coefficients_, x_, residual_;
    std::vector<double> interpolation_;             ///< of residual norms
    std::vector<double> more_a_, more_b_, more_l_;  ///< corrections by the further terms of interpolations
    std::vector<int> pivots_;
  };

  struct Result {
    std::span<const double> coefficients;  ///< (size) of the basis vectors, in the workspace
    std::span<const double> liftings;      ///< of the liftings, in the workspace
    double residual_norm = 0.0;            ///< in the dual norm of X
    double round_off = 0.0;         ///< of residual_norm, with what the solves left; with its remainder if interpolated
    bool is_noise = false;          ///< interpolated, and below what round-off and remainder may be: certifies nothing
    double stability = 0.0;         ///< lower bound of the constant with respect to X, see Stability
    double operator_error = 0.0;    ///< delta_A: the further terms of its interpolations, applied to the solution
    double rhs_error = 0.0;         ///< delta_f: those of the right-hand side; both in the dual norm of X
    double prescribed_error = 0.0;  ///< of interpolated prescribed values, the largest; not in `bound`
    bool is_estimate = false;       ///< where anything is interpolated, the constant too; `bound` is an estimate then
    /// (residual_norm + round_off + operator_error + rhs_error) / stability: bounds the error to the finite-element
    /// solution in the norm of X (where values are prescribed by interpolation: that of its free part). Infinite where
    /// no positive stability is known.
    double bound = 0.0;
    /// The same without the errors of interpolations: what more basis functions can lower. Bounds the error to the
    /// solution of the problem with interpolated coefficients.
    double basis_bound = 0.0;
  };

  /// Solves with the first `num_basis` vectors (-1: all). Not collective.
  /// \param mu inside the box (but see allow_outside), shape (num_parameters) \throws sdk::Error of kind parameter
  /// outside of it, naming the parameter; solver for a singular system; internal for fewer vectors where the residual
  /// norm is interpolated.
  Result solve(std::span<const double> mu, Workspace& work, int num_basis = -1) const;
  /// The coefficients alone, without a bound; in the workspace. Otherwise as solve().
  std::span<const double> coefficients(std::span<const double> mu, Workspace& work, int num_basis = -1) const;

  bool is_estimate() const { return is_estimate_; }
  /// Factors of the residual's terms: right-hand sides, and operator terms times basis vectors.
  int num_coordinates() const;
  /// Those of the solution that the workspace holds. Shape (num_coordinates).
  std::span<const double> coordinates(const Workspace& work) const { return work.x_; }

 private:
  bool solve_galerkin(std::size_t num_basis, Workspace& work) const;
  bool minimise_residual(std::size_t num_basis, Workspace& work) const;
  Result certified(std::span<const double> mu, std::size_t num_basis, Workspace& work) const;
  void residual_by_basis(std::size_t num_basis, Workspace& work, Result& result) const;
  void interpolated_residual(Workspace& work, Result& result) const;
  void add_interpolation_errors(std::size_t num_basis, Workspace& work, Result& result) const;

  ReducedModelData data_;
  std::vector<double> column_norms_;     ///< of the residual matrix
  std::vector<std::uint8_t> may_leave_;  ///< of each parameter: see allow_outside()
  bool is_interpolated_ = false, is_estimate_ = false;
};

}  // namespace ansatz::reduced
