#pragma once
/// Reduced models of linear parabolic problems at work: all steps in time with a bound, without communication.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/reduced/basis/reduced_model.hpp"
#include "engine/reduced/in_time/step_times.hpp"

namespace ansatz::reduced {

/// What a model in time needs beside that of its operator and right-hand side.
struct TimeData {
  TimeGrid grid;
  Thetas initial_thetas;
  Dense initial;        ///< (N, terms): coefficients of the M(reference)-orthogonal projections of initial terms
  Dense initial_error;  ///< (rank, terms): what they leave, in coordinates of an M(reference)-orthonormal basis
  std::vector<double> initial_norms;   ///< (terms) in M(reference)
  std::vector<double> mass_reference;  ///< m_q(reference), shape (num mass terms)
};

struct ParabolicModelData {
  ReducedModelData space;  ///< with its rate terms; factors of right-hand sides and liftings are functions of (mu, t)
  TimeData time;
};

/// Solves M(mu) u' + A(mu) u = f(t, mu) for any parameters of the box, step by step as the finite-element model does:
/// where conditions on t change at the end of a step, the step sees the limit from before, and the next one that from
/// behind.
///
/// The bound is for the error e_k = u_k - V c_k to the finite-element solution at all steps, in the norm
///   |||e|||^2 = e_K^T M e_K + dt sum_k a(e_k, e_k; mu)       (Crank-Nicolson: a of the means of both ends of a step)
/// and follows from  M (e_k - e_{k-1}) / dt + A e_k = r_k  tested with e_k:
///   |||e|||^2 <= |e_0|_M^2 + dt / alpha(mu) sum_k |r_k|_X'^2,
/// as e_k^T M (e_k - e_{k-1}) >= (|e_k|_M^2 - |e_{k-1}|_M^2) / 2 and r(e) <= |r|^2 / (2 alpha) + a(e, e) / 2, for M
/// symmetric and positive semidefinite; of a only the symmetric part counts (Haasdonk and Ohlberger, ESAIM M2AN 42,
/// 2008, for greedy training with such bounds).
///
///   ParabolicModel::Workspace work(model);        // one a thread
///   const auto result = model.solve(mu, work);    // allocates nothing but to find the times of changing conditions
class ParabolicModel {
 public:
  /// \throws sdk::Error of kind internal for shapes that do not fit, or interpolated coefficients.
  explicit ParabolicModel(ParabolicModelData data);

  const ParabolicModelData& data() const { return data_; }
  int size() const { return data_.space.size; }
  /// See ReducedModel::allow_outside().
  void allow_outside(int parameter) { may_leave_.at(static_cast<std::size_t>(parameter)) = 1; }
  std::int64_t num_steps() const { return data_.time.grid.steps; }

  class Workspace {
   public:
    explicit Workspace(const ParabolicModel& model);

   private:
    friend class ParabolicModel;
    Stability::Workspace stability_;
    StepTimes times_;
    std::vector<double> scratch_, point_, a_, m_, i_;
    std::vector<double> b_, b_before_, g_, g_before_, l_;  ///< factors at both ends of a step; liftings of all steps
    std::vector<double> A_, M_, system_;                   ///< (N, N)
    std::vector<int> pivots_;
    std::vector<double> residual_A_, residual_M_;        ///< (N, rank): sums of the columns of the residual matrix
    std::vector<double> norms_A_, norms_M_, columns_M_;  ///< (N)
    std::vector<double> coefficients_, mean_, rate_, residual_;
  };

  struct Result {
    std::span<const double> coefficients;  ///< (steps + 1, size) of the basis vectors, in the workspace
    std::span<const double>
        liftings;  ///< (steps + 1, num liftings), in the workspace; where they jump, those of the next step
    const StepTimes* times = nullptr;  ///< in the workspace
    double initial_error = 0.0;        ///< |e_0|_M at most
    double residual = 0.0;             ///< sqrt(dt / alpha sum_k |r_k|_X'^2)
    double round_off = 0.0;            ///< of both, with what the solves left
    double stability = 0.0;  ///< alpha: lower bound of the coercivity constant with respect to X, see Stability
    /// sqrt(initial_error^2 + residual^2) + round_off: bounds |||e|||. Infinite where no positive stability is known,
    /// or the mass is not positive.
    double bound = 0.0;
  };

  /// Not collective.
  /// \param mu inside the box (but see allow_outside), shape (num_parameters)
  /// \throws sdk::Error of kind parameter outside of it, solver for a singular system.
  Result solve(std::span<const double> mu, Workspace& work) const;

 private:
  struct Sums {
    double residual = 0.0, round_off = 0.0;  ///< of squares over the steps
  };
  void combine(Workspace& work) const;
  double begin(Workspace& work, double& round_off) const;
  void step(std::int64_t k, Workspace& work, Sums& sums) const;
  void advance(std::int64_t k, Workspace& work) const;
  void add_residual(std::int64_t k, Workspace& work, Sums& sums) const;
  void evaluate_rhs(double t, Workspace& work, std::vector<double>& b, std::vector<double>& g) const;
  void evaluate_liftings(std::int64_t k, Workspace& work) const;

  ParabolicModelData data_;
  std::vector<double> column_norms_;  ///< of the residual matrix
  std::vector<std::uint8_t> may_leave_;
  TimeConditions conditions_;  ///< of the right-hand side and the liftings
};

}  // namespace ansatz::reduced
