#pragma once
/// What is compared: an ansatz with the problem that it solves, which may be on another mesh than the case's.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/certify/check.hpp"
#include "engine/solvers/case_problem.hpp"

namespace ansatz::compare {

/// One ansatz on one mesh.
class Side {
 public:
  /// An ansatz on the case's own mesh, trained or with its model. References must outlive this. *Collective.*
  Side(const solvers::CaseProblem& of_case, std::string ansatz, double time_limit);
  /// Finite elements for another case: the same equations on another mesh or of another order. *Collective.*
  Side(const solvers::CaseProblem& of_case, input::Case parsed, std::string name);

  const std::string& name() const { return name_; }      ///< for people: "fem, 50 x 50"
  const std::string& ansatz() const { return ansatz_; }  ///< as in solver.type
  bool is_classical() const;
  const solvers::CaseProblem& of_case() const { return own_ ? *own_ : of_case_; }
  /// Of its model: 0 where it has none; infinite where it was not written down when it was trained [s].
  double offline_seconds() const { return offline_; }
  /// Of its model file; of finite elements the matrix: 12 bytes an entry, and 8 vectors.
  double bytes() const { return bytes_; }

  struct Answer {
    sdk::Solution solution;
    double seconds = 0.0;  ///< of the slowest rank
  };
  /// *Collective.* \throws what the ansatz throws
  Answer solve(std::span<const double> parameters);

 private:
  void measure_matrix();

  const solvers::CaseProblem& of_case_;
  std::string name_, ansatz_;
  std::unique_ptr<const input::Case> parsed_;
  std::unique_ptr<problem::Problem> problem_;
  std::unique_ptr<solvers::CaseProblem> own_;
  std::unique_ptr<sdk::Solver> solver_;
  double offline_ = 0.0, bytes_ = 0.0;
};

/// The case with degree 2 instead of 1, or else on a mesh that is refined once.
input::Case finer(const input::Case& parsed);
/// The case on meshes with cells about 2, 4, 8, ... times as large, as far as there are any: boxes with whole numbers
/// of cells, files that the case refines.
std::vector<input::Case> coarser(const input::Case& parsed);
/// "fem, 50 x 50 cells", "fem, order 2".
std::string mesh_name(const input::Case& parsed);

}  // namespace ansatz::compare
