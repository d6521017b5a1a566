#pragma once
/// CHECK: how far a steady field, whatever produced it, is from the finite-element solution on its mesh.

#include <memory>
#include <optional>
#include <vector>

#include "engine/certify/energy_norm.hpp"
#include "engine/certify/verdict.hpp"
#include "engine/solvers/case_problem.hpp"

namespace ansatz::certify {

/// Checks fields of one case by their residuals F(u) in the finite-element space.
///
/// The prescribed values are written into u first; what that changes, w, is a part of the error of its own.
///
/// - A linear problem whose small matrices hold at least alpha > 0 of the energy norm |.|_X at every quadrature point
///   (see EnergyNorm):  |u - u_h|_X <= |F(u + w)|_X' / alpha + |w|_X,  a *bound*.
/// - Any other one: the correction d = -J^-1 F(u), in the norm of H1; of linear equations that is the error, of
///   nonlinear ones the test of Newton and Kantorovich in its affine-covariant form (Deuflhard, Newton Methods for
///   Nonlinear Problems, 2004, theorem 2.3): with omega |d|^2 / 2 = |J^-1 F(u + d)| and h = omega |d| <= 1/2,
///     |u - u_h| <= 2 |d| / (1 + sqrt(1 - 2 h)).
///   J^-1 and omega are computed, not bounded, so it is an *estimate*.
///
/// Round-off is added: F is a sum of terms of size |J| |u|, each rounded; 16 epsilon of that, all with the same sign,
/// in the norm that is used for F.
class Check {
 public:
  /// \param problem must outlive this. Not collective.
  explicit Check(const solvers::CaseProblem& problem);
  ~Check();

  /// \param u (num_owned) at the problem's present parameters. *Collective.*
  Verdict of(std::span<const double> u);
  /// A vector in the norm of the last verdict.
  /// \param beside a solution: with several fields norms are relative to its. *Collective.*
  double norm(std::span<const double> v, std::span<const double> beside);

 private:
  Verdict by_energy(std::span<const double> u, std::span<const double> missed);
  Verdict by_correction(std::span<const double> u, std::span<const double> missed);
  void prepare_energy();
  std::vector<double> residual(std::span<const double> u);
  std::vector<double> round_off_of(std::span<const double> u);
  std::vector<double> corrected(std::span<const double> F);
  std::vector<double> norms(std::span<const double> v);

  const solvers::CaseProblem& of_case_;
  problem::Problem& problem_;
  std::unique_ptr<fem::DiscreteProblem> discrete_;
  std::unique_ptr<EnergyNorm> energy_;
  std::uint64_t mesh_version_ = 0;
  bool moves_ = false;         ///< the mesh, with the parameters
  bool is_in_energy_ = false;  ///< the last verdict
  std::optional<linear::SparseMatrix> h1_;
  std::uint64_t h1_version_ = 0;
};

}  // namespace ansatz::certify
