#pragma once
/// A block preconditioner for systems with constraints: incompressible flow and other mixed forms.

#include <memory>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/base/petsc.hpp"

namespace ansatz::linear {

/// Which unknowns are multipliers of constraints, and operators in their space.
struct Constraints {
  std::vector<std::int32_t> multipliers;  ///< owned unknowns, ascending
  Mat mass = nullptr;                     ///< of the multipliers, with the density of the others; not owned
  Mat laplacian = nullptr;                ///< divided by the density of the others; not owned
  Mat transport = nullptr;                ///< operator of the others on the space of the multipliers; not owned
  double schur_scale = 1.0;  ///< of the matrix's equations and unknowns of the multipliers, beside the above
  int block_size = 1;        ///< unknowns per node of the others, as for a SparseMatrix
};

/// Upper block-triangular preconditioner of [F G; B C], where the last rows are those of the multipliers (pressures):
///
///   z_p = M_p^-1 F_p A_p^-1 r_p,  z_u = F^-1 (r_u - G z_p),
///
/// the pressure convection-diffusion preconditioner with mass M_p, transport F_p and Laplacian A_p of the multipliers
/// (Kay, Loghin and Wathen, SIAM Journal on Scientific Computing 24, 2002; boundary conditions of Elman and Tuminaro,
/// ETNA 35, 2009). F^-1 and A_p^-1 are cycles of algebraic multigrid, or what the PETSc options with the prefixes
/// "primary_" and "schur_" say; M_p^-1 is a polynomial of Chebyshev. A stabilisation C is left out of it.
class SaddlePreconditioner {
 public:
  /// *Collective.*
  SaddlePreconditioner(const base::Communicator& comm, Mat matrix, const Constraints& constraints);
  ~SaddlePreconditioner();

  /// z = P^-1 r. *Collective.*
  void apply(Vec r, Vec z);

 private:
  class Blocks;
  std::unique_ptr<Blocks> blocks_;
};

/// Makes `pc` a shell around such a preconditioner of its matrix, which lives as long as `pc`. *Collective.*
void set_saddle_preconditioner(const base::Communicator& comm, PC pc, Mat matrix, const Constraints& constraints);

}  // namespace ansatz::linear
