#pragma once
/// How far a field is from the solution of the equations themselves, by a space that is richer than its own.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ansatz/sdk/solution.hpp"
#include "engine/estimation/energy_norm.hpp"
#include "engine/estimation/enriched_problem.hpp"
#include "engine/estimation/vertex_stars.hpp"
#include "engine/fem/forms/discrete_problem.hpp"

namespace ansatz::estimation {

/// Of the difference between a field and the solution of the equations.
struct MeshEstimate {
  double value = 0.0;  ///< root of the sum of by_cell over all ranks
  sdk::Certificate::Kind kind = sdk::Certificate::Kind::estimate;
  std::string norm;                                        ///< "energy norm"
  std::string method;                                      ///< "order 2 on patches"
  std::vector<std::pair<std::string, double>> parts = {};  ///< what it is made of, and what it leaves out, in the norm
  std::vector<double> by_cell = {};  ///< squares by owned cell of the coarse mesh, shape (num_owned_cells)
  int iterations = 0;
};

/// The error representative e = u2 - u_h with J2 (u2 - P u_h) = -F2(P u_h) in the enriched space, where F2 is the
/// residual there and J2 its Jacobian at P u_h: for a finite-element solution u_h the discretisation error up to that
/// of the enriched space (R. Bank, A. Weiser, Math. Comp. 44 (1985)), for any other field of the space its total
/// distance to the enriched solution. Prescribed values of the enriched space are met.
///
/// J2 is not solved with to the end: a few steps of conjugate gradients (GMRES where it is not symmetric positive) with
/// additive Schwarz over vertex stars, after a correction in the coarse space where the residual is not zero there.
/// With multipliers of constraints, whose stars have no inverses, by the problem's own linear solver.
///
/// The number of ranks changes the result by less than 1e-8 of it, as the sums of a few Krylov steps do.
class Enriched {
 public:
  /// \param coarse its discrete problem, whose linear solver corrects in the coarse space; all references must outlive
  /// this
  /// \param options of the enriched linear solver, with multipliers. *Collective.*
  Enriched(const problem::Problem& problem, fem::DiscreteProblem& coarse, const plugin::Registry& registry,
           linear::KrylovOptions options);

  const EnrichedProblem& space() const { return *space_; }
  /// F, J and quantities there.
  fem::DiscreteProblem& discrete() { return *discrete_; }
  problem::Problem& problem() { return space_->problem(); }

  /// \param u owned unknowns of the coarse problem \param t [s]. *Collective.*
  /// \throws sdk::Error of kind parameter where the equations have no norm; of kind solver where J2 is singular
  MeshEstimate estimate(std::span<const double> u, double t = 0.0);
  /// P u with the prescribed values of the enriched space, of the last linearise(): owned unknowns.
  const std::vector<double>& start() const { return start_; }
  /// The norm of a field, at the last linearise(). \param u owned unknowns of the coarse problem. *Collective.*
  double size(std::span<const double> u);
  /// e of the last estimate, owned unknowns of the enriched problem.
  const std::vector<double>& error() const { return error_; }

  /// Linearises at P u with the enriched prescribed values. \returns F2 there, owned unknowns. *Collective.*
  std::vector<double> linearise(std::span<const double> u, double t = 0.0);
  /// Approximate solutions of J2 x = b, or J2^T x = b, after linearise(): within about 1 % where b is (almost) zero on
  /// the coarse space. \param b owned unknowns, 0 at constrained ones. *Collective.*
  std::vector<double> solve(std::span<const double> b, bool transposed = false);
  int iterations() const { return iterations_; }
  /// See IterationResult.
  double remainder() const { return remainder_; }

 private:
  void open();
  void correct_coarsely(std::span<const double> b, std::span<double> x);
  double round_off();

  fem::DiscreteProblem& coarse_;
  const problem::Problem& problem_;
  const plugin::Registry& registry_;
  linear::KrylovOptions options_;
  bool multipliers_ = false;
  std::unique_ptr<EnrichedProblem> space_;
  std::unique_ptr<fem::DiscreteProblem> discrete_;
  std::optional<EnergyNorm> norm_;
  std::unique_ptr<VertexStars> stars_;
  bool constrained_ = false;  ///< motions that nothing determines are held
  const linear::SparseMatrix* jacobian_ = nullptr;
  std::vector<double> u_, start_, error_;  ///< coarse u; P u with prescribed values
  double time_ = 0.0, remainder_ = 0.0;
  int iterations_ = 0;
};

}  // namespace ansatz::estimation
