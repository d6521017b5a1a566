#pragma once
/// How far an answer is from the finite-element solution at the same parameters, as one number.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/certify/energy_norm.hpp"
#include "engine/solvers/case_problem.hpp"

namespace ansatz::certify {

/// max over fields f of max_t |u_f - u_h,f| / max_t |u_h,f|, in
///   - the energy norm of all fields at the middle of the ranges, of steady problems that have one;
///   - the norm of H1, |v|^2 = int |grad v|^2 + |v|^2 / L^2 with the size L of the domain, of other steady ones;
///   - L2 of problems in time, over the ends of all steps.
/// The norm does not depend on where the defaults of the parameters are.
class RelativeError {
 public:
  /// \param problem must outlive this. Not collective.
  explicit RelativeError(const solvers::CaseProblem& problem);
  ~RelativeError();

  /// In words. *Collective.* \throws sdk::Error of kind case_file where certify.norm = "energy" and there is none
  const std::string& norm();
  /// At the problem's present parameters. \param answer,truth the steady solution, or those at the ends of the same
  /// steps. *Collective.* \throws sdk::Error of kind plugin where these are other ones
  double of(const std::vector<sdk::Solution>& answer, const std::vector<sdk::Solution>& truth);

 private:
  void prepare();
  std::vector<double> norms(std::span<const double> v);

  const solvers::CaseProblem& of_case_;
  problem::Problem& problem_;
  bool moves_;  ///< the mesh, with the parameters
  std::unique_ptr<fem::DiscreteProblem> discrete_;
  std::unique_ptr<EnergyNorm> energy_;  ///< null: there is none
  std::optional<linear::SparseMatrix> product_;
  std::uint64_t mesh_version_ = 0;
  std::string norm_;
};

}  // namespace ansatz::certify
