#pragma once
/// Inverse and log-determinant of a separated problem's matrix over parameters, from factorisations at a few.

#include <memory>
#include <optional>
#include <vector>

#include "engine/fem/assembly/form.hpp"
#include "engine/linear/matrices/factorisation.hpp"
#include "engine/reduced/limits/matrix_limits.hpp"
#include "engine/reduced/separation/separated_functional.hpp"
#include "engine/reduced/separation/separated_problem.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::reduced {

/// What one factorisation of A(mu) gives. The same numbers on all ranks.
struct FactorisedPoint {
  linear::Determinant determinant;           ///< where it is wanted
  std::optional<std::int64_t> num_negative;  ///< eigenvalues, of matrices that are symmetric by structure
  Dense products;                            ///< l_j . A(mu)^-1 f_q, shape (vectors of all outputs, terms of the load)
  Dense sizes;                               ///< |l_j| . |A(mu)^-1 f_q|, the terms that a product adds up
};

/// At one parameter.
struct LimitValues {
  double log_determinant = 0.0;      ///< log |det A(mu)|, where it is wanted
  std::vector<double> outputs;       ///< s(u(mu); mu) of each
  std::vector<double> output_sizes;  ///< of the terms that each adds up; only of values from a factorisation
  double amplification = 1.0;        ///< sum_r |lambda_r(mu)|: errors and round-off at the mu_r times at most as much
};

/// Unknowns that nothing prescribes, over all ranks. *Collective.*
std::int64_t num_free(const fem::Form& form);

struct OperatorLimitsOptions {
  int degree = 4;
  bool determinant = true;
};

/// u(mu) = sum_r lambda_r(mu) A(mu_r)^-1 f(mu) + liftings, f(mu) = sum_q b_q(mu) f_q with what the liftings add, and
/// log |det A(mu)| = sum_r lambda_r(mu) log |det A(mu_r)|, with the weights of MatrixLimits. A is the matrix of the
/// free unknowns (those that nothing prescribes), with its entries as they are assembled.
/// Outputs need of the solutions A(mu_r)^-1 f_q their products with the l_j alone: values() costs the same on any mesh.
class OperatorLimits {
 public:
  /// Picks the mu_r.
  /// \param form only its unknowns and constraints are used; must outlive this
  /// \param problem steady, without interpolation
  /// \param box of all parameters, for messages
  /// \param training to pick from; A is taken for nonsingular in all of their box
  /// \throws as MatrixLimits. *Collective.*
  OperatorLimits(const fem::Form& form, SeparatedProblem problem, std::vector<SeparatedFunctional> outputs,
                 std::vector<sampling::ParameterRange> box, const sampling::TrainingSet& training,
                 const OperatorLimitsOptions& options);

  int num_terms() const { return weights_->num_terms(); }
  /// mu_r, shape (num_parameters).
  std::span<const double> parameters(int r) const;
  /// All operators are symmetric by structure, and so factorised.
  bool is_symmetric() const { return symmetric_; }
  /// Factorises A(mu). \throws sdk::Error of kind solver, with the parameters, where A(mu) is singular or so close to
  /// it that solutions have less than six digits; of kind case_file where its determinant has another sign, or it has
  /// another number of negative eigenvalues, than at the parameters before: A is singular in between. *Collective.*
  FactorisedPoint solve(std::span<const double> mu);
  /// Takes what belongs to the next mu_r.
  void add(FactorisedPoint term) { terms_.push_back(std::move(term)); }

  /// Needs all terms. Not collective.
  LimitValues values(std::span<const double> mu) const;
  /// The values themselves, of one factorisation at this mu. Not collective.
  LimitValues values(std::span<const double> mu, const FactorisedPoint& direct) const;

 private:
  void require_no_singularity(std::span<const double> mu, const FactorisedPoint& point);
  void solve_loads(const linear::Factorisation& factors, FactorisedPoint& out) const;
  std::vector<double> outputs_of(std::span<const double> mu, const Dense& products, bool of_sizes) const;

  const fem::Form& form_;
  std::shared_ptr<const SeparatedProblem> problem_;
  std::vector<SeparatedFunctional> outputs_;
  std::vector<sampling::ParameterRange> box_;
  sampling::TrainingSet training_;
  bool wants_determinant_, symmetric_ = true;
  linear::SparseMatrix matrix_;
  std::optional<MatrixLimits> weights_;
  std::vector<FactorisedPoint> terms_;
  Dense lifted_;        ///< l_j . L_m, shape (vectors of all outputs, liftings)
  Dense lifted_sizes_;  ///< |l_j| . |L_m|
  struct Seen {
    std::vector<double> parameters;
    int sign = 1;
    std::optional<std::int64_t> num_negative;
  };
  std::optional<Seen> first_;  ///< the first A that was factorised
};

}  // namespace ansatz::reduced
