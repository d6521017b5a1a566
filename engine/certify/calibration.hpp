#pragma once
/// Statistics where no bound exists: a radius from held-out solves, and whether a query is like what was learned.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/solver.hpp"
#include "engine/certify/learned_places.hpp"
#include "engine/certify/relative_error.hpp"
#include "engine/solvers/case_problem.hpp"

namespace ansatz::certify {

/// The ceil((n + 1) coverage)-th smallest of n errors; infinite where that is more than n. \param errors not negative
double conformal_radius(std::vector<double> errors, double coverage);

/// Split conformal prediction (Papadopoulos et al., Inductive confidence machines for regression, 2002; Vovk, Gammerman
/// and Shafer, Algorithmic learning in a random world, 2005; Lei et al., JASA 113, 2018). An ansatz that trains is
/// compared with finite elements at n parameters that it has not seen, drawn independently and evenly from the ranges.
/// The error at one more that is drawn alike is within the radius with probability
///   ceil((n + 1) coverage) / (n + 1)  >=  coverage,
/// whatever the ansatz and the distribution of errors; over many queries with the same n errors it is within
/// sqrt(coverage (1 - coverage) / n) of it. That says nothing of one particular query, nor of those that are drawn
/// otherwise: each is compared with the places where the ansatz has learned (LearnedPlaces).
///
/// Errors are relative ones (RelativeError), in the file of the model: solved once. Parameters that the training has
/// not varied stay where it had them. An ansatz that has no answer somewhere is infinitely far off there.
class Calibration {
 public:
  /// That of the case's [certify], from the model's file, or of solves that the file is then given. None where the case
  /// asks for none, or the ansatz does not train or has a model of its own kind. After solvers::prepare().
  /// References must outlive what is returned. *Collective.* \throws sdk::Error of kind solver where finite elements
  /// have no solution at more than a tenth of the parameters; what the ansatz throws that is no missing answer
  static std::unique_ptr<Calibration> make(const solvers::CaseProblem& problem, const std::string& name,
                                           sdk::Solver& ansatz);

  /// Says what is known of an answer. One without a bound gets the radius as its certificate, unless its parameters are
  /// unlike what was learned. \param is_repaired it is not the ansatz's answer. Not collective.
  void judge(sdk::Solution& answer, bool is_repaired);
  /// For the summary: "radius", "coverage", "calibration" (errors), "learned_at" (places), "out_of_distribution"
  /// (answers), "distance" and "distance_allowed".
  std::map<std::string, double> numbers() const;

 private:
  Calibration(const solvers::CaseProblem& problem, const std::string& name, sdk::Solver& ansatz);

  void load_or_solve();
  void solve(std::size_t from);
  std::optional<double> error_at(std::span<const double> mu);
  void conclude();
  std::string identity();

  const solvers::CaseProblem& of_case_;
  std::string name_;
  sdk::Solver& ansatz_;
  RelativeError relative_error_;
  std::unique_ptr<LearnedPlaces> places_;
  std::string over_;            ///< what is drawn, for people
  std::vector<double> errors_;  ///< in the order of the draws; negative: finite elements have no solution there
  double radius_ = 0.0;
  std::size_t used_ = 0;  ///< errors of finite-element solutions
  std::int64_t unlike_ = 0;
  std::optional<double> distance_;  ///< of the last answer
};

}  // namespace ansatz::certify
